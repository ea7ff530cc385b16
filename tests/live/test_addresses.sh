#!/usr/bin/env bash
# The other addresses of libvirt: an account that is not root with a daemon of its own (qemu:///session), and the driver within this
# process (qemu:///embed). The whole way each time, and not a word of the library on the terminal.
# shellcheck source=tests/live/live.bash
. "$(dirname "${BASH_SOURCE[0]}")/live.bash"

account=65534
home=/run/theirs # short: libvirt has sockets below it
mkdir -p "$home/images" "$home/run" "$home/embedded/etc"
for directory in "$work" "$(dirname "$work")" /run; do chmod o+x "$directory"; done
make_machine one
make_machine two
for machine in one two; do
    virsh --quiet dumpxml --inactive "$machine" |
        sed "s#$images#$home/images#g; s#$guest_log/emulator#/usr/bin/qemu-system-x86_64#; /<uuid>/d" >"$home/$machine.xml"
    virsh --quiet undefine "$machine"
done
mv "$images"/*.qcow2 "$home/images"
cp "$1" "$home/refpoint"
printf '%s\n' 'stdio_handler = "file"' 'namespaces = []' 'security_driver = "none"' 'cgroup_controllers = []' >"$home/embedded/etc/qemu.conf"
chown -R "$account:$account" "$home"

# theirs COMMAND...: as the account, in its home
theirs() {
    (cd "$home" && env -u REFPOINT_STORE HOME="$home" XDG_RUNTIME_DIR="$home/run" XDG_DATA_HOME="$home/data" XDG_STATE_HOME="$home/state" \
        XDG_CONFIG_HOME="$home/config" setpriv --reuid "$account" --regid "$account" --clear-groups timeout 60 "$@")
}

# done_well ADDRESS WORDS...: refpoint does it, and nothing stands on the standard error.
done_well() {
    local address=$1
    shift
    out=$(theirs "$home/refpoint" --host "$address" "$@" 2>"$work/stderr") || fail "$address: refpoint $*: $(cat "$work/stderr")"
    [ ! -s "$work/stderr" ] || fail "$address: refpoint $* says: $(cat "$work/stderr")"
}

the_whole_way() { # ADDRESS
    local machine states
    for machine in one two; do
        theirs virsh --quiet --connect "$1" define "$home/$machine.xml" >/dev/null 2>"$work/virsh"
        theirs virsh --quiet --connect "$1" start "$machine" >/dev/null 2>"$work/virsh"
    done
    (cd "$home/images" && echo *) >"$work/files"
    done_well "$1" machine list --json
    states=$(jq -r '.state' <<<"$out" | sort -u)
    is "$states" running "states of machines at $1"
    done_well "$1" collection define pair --member one --member two
    done_well "$1" point create pair --name p
    mkdir "$work/target"
    chown "$account" "$work/target"
    done_well "$1" export pair p --to "$work/target" --json
    is "$(last .verified)" true "verified, at $1"
    done_well "$1" point destroy pair p
    is "$(cd "$home/images" && echo *)" "$(cat "$work/files")" "files at $1"
}

the_whole_way qemu:///session
# The demo of running machines, from nothing to a differential export.
done_well qemu:///session demo --live "$home/demo"
theirs "$home/refpoint" --config "$home/demo/refpoint.cfg" point create live --name second >/dev/null
theirs "$home/refpoint" --config "$home/demo/refpoint.cfg" export live first --to "$home/demo/exports" >/dev/null
theirs "$home/refpoint" --config "$home/demo/refpoint.cfg" export live second --to "$home/demo/exports" --base first >"$work/out"
grep -q 'verified  yes' "$work/out" || fail "a differential export of the demo: $(cat "$work/out")"
for machine in web db; do
    theirs virsh --quiet --connect qemu:///session destroy "refpoint-demo-$machine"
    theirs virsh --quiet --connect qemu:///session undefine "refpoint-demo-$machine"
done
mkdir "$work/live"
chown "$account" "$work/live"
done_well qemu:///session export pair --live --name r1 --to "$work/live" --no-job --json
done_well qemu:///session export pair --live --name r2 --base r1 --to "$work/live" --no-job --json
is "$(last '[.disks[].kind] | unique[]')" differential "kinds of an export since the one before, by an account that is not root"
is "$(last .verified)" true
for machine in one two; do theirs virsh --quiet --connect qemu:///session destroy "$machine"; done
daemon=$(cat "$home/run/libvirt/libvirtd.pid" 2>/dev/null || true)
[ -z "$daemon" ] || kill "$daemon"

rm -r "$work/target" "$home/data"
the_whole_way "qemu:///embed?root=$home/embedded"
for pid in "$home"/embedded/run/qemu/{one,two}.pid; do kill "$(cat "$pid")"; done
