# What the tests of machines that run share; sourced by a test with the program's path as its first word. It runs the test again in
# name spaces of its own, with a libvirtd there, and gives the words of ../system/support.bash and those below. $refpoint, which
# they run, has interpose.c before libvirt: REFPOINT_TEST_TRACE and REFPOINT_TEST_AT are for it.
#
# Wants to be root, and Debian's libvirt-daemon, libvirt-daemon-driver-qemu, libvirt-clients, libvirt-dev and qemu-system-x86;
# without: a word, and exit status 77. No network, no KVM, nothing of an installed libvirt. REFPOINT_KEEP keeps what a test leaves.
set -euo pipefail

live=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
patience=60 # seconds, for what a guest or libvirtd does at once
# shellcheck source=tests/libvirt/daemon.bash
. "$live/../libvirt/daemon.bash"

skip() {
    printf 'skipped: %s\n' "$*"
    exit 77
}

skip_without_libvirt() {
    local tool driver=/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so
    for tool in libvirtd virsh qemu-system-x86_64 qemu-img as ld cc jq perl flock; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
    done
    [ -e "$driver" ] || skip "there is no $driver"
    [ -e /usr/include/libvirt/libvirt.h ] || skip "the headers of libvirt are not installed"
    [ "$(id -u)" = 0 ] || skip "libvirtd in name spaces of its own wants root"
    can_be_private || skip "the kernel, or a container, allows no name spaces of our own"
}

if [ -z "${REFPOINT_PRIVATE-}" ]; then
    [ $# -gt 0 ] || { echo "usage: $0 PROGRAM" >&2; exit 2; }
    skip_without_libvirt
    outside=$(mktemp -d /tmp/refpoint-live.XXXXXX)
    # What was killed may still write.
    [ -n "${REFPOINT_KEEP-}" ] || trap 'for try in {1..100}; do rm -rf "$outside" 2>/dev/null && break; done' EXIT
    status=0
    in_private env REFPOINT_PRIVATE="$outside" TMPDIR="$outside" "$(readlink -f "$0")" "$@" || status=$?
    exit "$status"
fi

# ---- Within the name spaces.
# shellcheck source=tests/system/support.bash
. "$live/../system/support.bash"
images=$work/images    # made there by support.bash
guest_log=$work/guests # ../libvirt/emulator.sh is there, and what the guests say
store=$work/kvm        # of the host

end_test() {
    local status=$? log
    if [ "$status" != 0 ]; then
        for log in "$work/libvirtd.log" /var/log/libvirt/qemu/*.log "$guest_log"/*.said; do
            [ ! -s "$log" ] || { echo "---- end of $log"; tail -n 5 "$log"; } >&2
        done
    fi
    end_jobs
    stop_libvirtd
    chmod -R u+w "$work" 2>/dev/null
    [ -n "${REFPOINT_KEEP-}" ] || rm -rf "$work"
}

# The program with interpose.c before libvirt. The library is loaded by the program alone, since the first process acts.
build_interposer() {
    mkdir "$work/interposed"
    cc -std=gnu17 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -shared -fPIC -o "$work/interposed/interpose.so" "$live/interpose.c"
    cat >"$work/interposed/refpoint" <<SH
#!/bin/sh
ASAN_OPTIONS=verify_asan_link_order=0:\${ASAN_OPTIONS-} LD_PRELOAD=$work/interposed/interpose.so exec "$refpoint" "\$@"
SH
    chmod +x "$work/interposed/refpoint"
    refpoint=$work/interposed/refpoint
}

build_counters() {
    mkdir "$guest_log"
    cp "$live/../libvirt/emulator.sh" "$guest_log/emulator"
    local kind
    for kind in counter fast; do
        as --32 --defsym "${kind^^}=1" -o "$work/$kind.o" "$live/counter.S"
        ld -m elf_i386 -Ttext 0x7c00 --oformat binary -e start -o "$work/$kind.bin" "$work/$kind.o"
    done
}

configure() {
    export HOME=$work XDG_DATA_HOME=$work/data
    mkdir -p "$work/config/refpoint" "$store"
    cat >"$work/config/refpoint/refpoint.cfg" <<CFG
host = "kvm";
hosts = ( { name = "kvm"; kind = "libvirt"; uri = "qemu+unix:///system?socket=/run/libvirt/libvirt-sock"; store = "$store"; } );
CFG
    unset REFPOINT_STORE
}

# The daemon alone ends and starts again, the machines run on.
libvirtd_options=() # more than those below
restart_libvirtd() {
    local pid
    pid=$(cat /run/libvirtd.pid)
    kill "$pid"
    timeout "$patience" tail --pid="$pid" --follow /dev/null || fail "libvirtd does not end"
    libvirtd --daemon --pid-file /run/libvirtd.pid "${libvirtd_options[@]}"
    virsh --quiet version >/dev/null
}

# ---- Machines. NAME is one's name, DISK the target of its definition: hda and hdb, or vda and vdb of a virtio machine.

# make_machine NAME [fast] [virtio] [FORMAT [FORMAT]]: defines it, off, with two disks and the guest of counter.S on them.
# FORMAT is qcow2 or raw, for both disks or for each; qcow2-odd and raw-odd have a size that is no multiple of a cluster. fast: the
# guest never halts. virtio: slower, by far.
make_machine() {
    local name=$1 program=counter bus=ide prefix=hd formats=() letter disk format size file disks='' number=0
    shift
    for word; do
        case $word in
        fast) program=fast ;;
        virtio) bus=virtio prefix=vd ;;
        *) formats+=("$word") ;;
        esac
    done
    for letter in a b; do
        disk=$prefix$letter
        format=${formats[number]:-${formats[0]:-qcow2}}
        size=$((16 * 1048576))
        [[ $format != *-odd ]] || size=$((12 * 1048576 + (7 + 2 * number) * 512))
        format=${format%-odd}
        file=$images/$name-$disk.$format
        truncate -s "$size" "$work/$disk.new"
        [ "$letter" = b ] || dd if="$work/$program.bin" of="$work/$disk.new" conv=notrunc status=none
        qemu-img convert -q -f raw -O "$format" "$work/$disk.new" "$file"
        rm "$work/$disk.new"
        disks+="<disk type='file' device='disk'><driver name='qemu' type='$format'/>"
        disks+="<source file='$file'/><target dev='$disk' bus='$bus'/></disk>"
        number=$((number + 1))
    done
    cat >"$work/definition.xml" <<XML
<domain type='qemu'>
  <name>$name</name>
  <memory unit='MiB'>32</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <features><acpi/></features>
  <devices>
    <emulator>$guest_log/emulator</emulator>
    $disks
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
  </devices>
</domain>
XML
    virsh --quiet define "$work/definition.xml" >/dev/null
}

disks_of() { # NAME
    virsh --quiet domblklist "$1" | awk 'NF { print $1 }'
}

# start_machine NAME: until its guest says what it goes on from.
start_machine() {
    virsh --quiet start "$1" >/dev/null
    went_on_from "$1" >/dev/null
}

# power_off NAME: as if its plug were pulled; what QEMU still has is written. Until QEMU has ended.
power_off() {
    virsh --quiet destroy "$1" >/dev/null
    flock --wait "$patience" "$guest_log/$(virsh --quiet domuuid "$1").runs" true || fail "the QEMU of $1 does not end"
}

state_of() { # NAME: running, paused, shut off ...
    virsh --quiet domstate "$1" | head -n 1
}

# definition_of NAME [live]: what it starts with next time, or what it is running with.
definition_of() {
    if [ "${2-}" = live ]; then virsh --quiet dumpxml "$1"; else virsh --quiet dumpxml --inactive "$1"; fi
}

files_in_images() { (cd "$images" && find . -type f -printf '%P\n' | sort); }

# ---- What guests say.

said_by() { # NAME: the file with all that its guest has said since it was started
    printf '%s/%s.said' "$guest_log" "$(virsh --quiet domuuid "$1")"
}

# listen NAME LINES TEST...: until TEST... LINE is true of a line that the guest has said or says, from the last LINES of them on,
# or all with +1. The line is printed. One with BAD ends it too, with a failure if it is not what is waited for.
listen() {
    local name=$1 lines=$2 file heard found='' from listener
    shift 2
    file=$(said_by "$name")
    exec {from}< <(exec timeout "$patience" tail --sleep-interval=0.05 -n "$lines" -F "$file" 2>/dev/null)
    listener=$!
    while read -r -u "$from" heard; do
        if "$@" "$heard"; then
            found=$heard
            break
        fi
        [[ $heard != BAD* ]] || break
    done
    kill "$listener" 2>/dev/null || true
    exec {from}<&-
    [ -n "$found" ] ||
        fail "the guest of $name ($(state_of "$name")) does not say it in $patience seconds ($*): ${heard:-$(tail -n 1 "$file")}"
    printf '%s\n' "$found"
}

is_like() { [[ $2 =~ $1 ]]; }

reaches() { # VARIABLE TURNS LINE: its number is TURNS more than the guest may have done when the first line was heard
    local -n first=$1
    [[ $3 =~ ^(FROM|AT)\ ([0-9]+)$ ]] || return 1
    [ -n "$first" ] || first=${BASH_REMATCH[2]}
    [ "${BASH_REMATCH[2]}" -ge $((first + 16 + $2)) ]
}

heard() { # NAME REGEX: the first line like that since the start
    listen "$1" +1 is_like "$2"
}

went_on_from() { # NAME: the counter that its guest found at the start
    local line
    line=$(heard "$1" '^FROM ')
    printf '%s\n' "${line#FROM }"
}

# wait_for_writes NAME [TURNS]: until its guest has done that many turns more, or 64; it tells every 16th.
wait_for_writes() {
    # shellcheck disable=SC2034 # reaches() uses it by name
    local begin=''
    listen "$1" 1 reaches begin "${2-64}" >/dev/null
}

# ---- Disks.

# content NAME DISK FILE: what it holds at this moment, raw; the machine is paused or off.
content() { "$live/content" "$@"; }

# copy_command DIRECTORY NAME...: a command that copies all disks of the machines to DIRECTORY/NAME-DISK, for run= of interpose.c.
copy_command() {
    local directory=$1 name disk words=("$live/content")
    shift
    for name; do
        for disk in $(disks_of "$name"); do words+=("$name" "$disk" "$directory/$name-$disk"); done
    done
    mkdir -p "$directory"
    printf '%q ' "${words[@]}"
}

copy_all() { eval "$(copy_command "$@")"; }

# newest RAW_FIRST RAW_SECOND: the newest counters of copies of one instant, which they must be.
newest() {
    "$live/check_counter" "$@" || fail "$* are not of one instant"
}

# ---- What must be so.

assert_state() { # NAME STATE
    is "$(state_of "$1")" "$2" "state of $1"
}

# assert_running NAME...: and their guests are well.
assert_running() {
    local name bad
    for name; do
        assert_state "$name" running
        bad=$(grep -a -m 1 '^BAD' "$(said_by "$name")" || true)
        [ -z "$bad" ] || fail "the guest of $name says $bad"
    done
}

assert_writing() { # NAME...: they run, and their guests go on
    local name
    assert_running "$@"
    for name; do wait_for_writes "$name" 64; done
}

assert_same() { # FILE FILE
    cmp "$1" "$2" >&2 || fail "$1 and $2 differ"
}

assert_one_instant() { # DIRECTORY NAME...: the copies that copy_command made there, of each machine
    local directory=$1 name files
    shift
    for name; do
        files=("$directory/$name"-?d[ab])
        newest "${files[@]}" >/dev/null
    done
}

assert_definition() { # NAME FILE [live]: it is as in the file, from definition_of
    definition_of "$1" "${3-}" | diff -u "$2" - >&2 || fail "the definition of $1 is another"
}

# assert_files FILE: the images are those that files_in_images printed there.
assert_files() {
    files_in_images | diff -u "$1" - >&2 || fail "there are other files in $images"
}

# ---- What interpose.c traced.

calls() { # TRACE FUNCTION [RESULT]: how often it was called, or with that result
    awk -v function_="$2" -v result="${3-}" '$4 == function_ && (result == "" || $6 == result) { n++ } END { print n + 0 }' "$1"
}

# assert_together TRACE MACHINES [FUNCTION]: FUNCTION (virDomainSnapshotCreateXML if none is named) was called while all that many
# machines were paused: the last of them before the first call began, and none resumed before the last call had ended.
assert_together() {
    awk -v machines="$2" -v function_="${3-virDomainSnapshotCreateXML}" '
        function wrong(text) { print "FAILED: " FILENAME ": " text >"/dev/stderr"; exit 1 }
        $6 != "ok" { next }
        $4 == "virDomainSuspend" { paused[$5]; if ($3 > suspended) suspended = $3 }
        $4 == "virDomainResume" && (!resumed || $2 < resumed) { resumed = $2 }
        $4 == function_ { n++; if (!begin || $2 < begin) begin = $2; if ($3 > end_) end_ = $3 }
        END {
            if (!n) wrong(function_ " was not called")
            if (length(paused) != machines) wrong(length(paused) " machines were paused, not " machines)
            if (!resumed) wrong("none was resumed")
            if (begin < suspended) wrong(function_ " began before all were paused")
            if (resumed < end_) wrong("one was resumed before the last " function_ " had ended")
        }' "$1" || exit 1
}

# pauses TRACE: a line for each machine, its UUID and how long it was paused, in milliseconds: from the begin of the first
# suspending to the end of the first resuming after it.
pauses() {
    sort -n -k 2,2 "$1" | awk '
        $6 != "ok" { next }
        $4 == "virDomainSuspend" && !($5 in begin) { begin[$5] = $2 }
        $4 == "virDomainResume" && ($5 in begin) && !($5 in done) { done[$5]; printf "%s %.0f\n", $5, ($3 - begin[$5]) / 1e6 }'
}

trap end_test EXIT
build_interposer
build_counters
configure
start_libvirtd
