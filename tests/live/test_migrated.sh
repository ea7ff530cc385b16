#!/usr/bin/env bash
# Machines that leave: migrated live to another libvirtd, which shares their images, before, between and while points are exported.
# Nothing is frozen, marked or merged here that a QEMU of the other one writes to; what was frozen before stays what it was.
# shellcheck source=tests/live/live.bash
. "$(dirname "${BASH_SOURCE[0]}")/live.bash"

# ---- The other libvirtd: the same disks, name spaces of its own for all else.

ip link set lo up
mkdir "$work/other" "$work/other/guests"
cp "$guest_log/emulator" "$work/other/guests" # each emulator locks a file beside it
cat >"$work/other/start" <<SH
#!/bin/sh
set -e
for place in /var/lib /var/cache /var/log /run; do mount -t tmpfs -o mode=755 private "\$place"; done
mkdir -p /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /run/libvirt
cp -r /etc/libvirt "$work/other/etc"
mount --bind "$work/other/etc" /etc/libvirt
mount --bind "$work/other/guests" "$guest_log"
cat >/etc/libvirt/libvirtd.conf <<CONF
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_dir = "$work/other"
host_uuid = "$(cat /proc/sys/kernel/random/uuid)"
log_outputs = "3:file:$work/other/log"
CONF
exec libvirtd --pid-file "$work/other/pid"
SH
unshare --mount sh "$work/other/start" &
there="qemu+unix:///system?socket=$work/other/libvirt-sock"
timeout "$patience" sh -c "until [ -S '$work/other/libvirt-sock' ]; do :; done"
virsh --quiet -c "$there" version >/dev/null

# migrate NAME [OPTION...]: to there; the domain stays defined here, off, unless --undefinesource.
migrate() {
    timeout 30 virsh --quiet migrate --live --persistent --unsafe "$@" "$there" --migrateuri tcp://127.0.0.1 >"$work/migrated" 2>&1
}
come_back() {
    virsh --quiet -c "$there" destroy "$1" >/dev/null
    virsh --quiet -c "$there" undefine --checkpoints-metadata "$1" >/dev/null
}

# ---- The walk.

make_machine one
make_machine two
start_machine one
start_machine two
files_in_images >"$work/files"
ok collection define pair --member one --member two
REFPOINT_TEST_AT="virDomainResume:1:before:run=$(copy_command "$work/p1" one two)" ok point create pair --name p1

# While a point is exported: what it reads is frozen, wherever the machine runs.
ok export pair p1 --to "$work/exports" --rate 256K --detach --json
job=$(last .job)
timeout 60 sh -c "until '$refpoint' job show $job --json | jq -e '.bytes_done > 0' >/dev/null; do :; done"
migrate two || fail "it is not migrated: $(cat "$work/migrated")"
ok job attach "$job" --json
package=$(last .package)
for machine in one two; do
    for disk in hda hdb; do
        qemu-img convert -O raw "$package/machines/$machine/$disk.qcow2" "$work/read"
        assert_same "$work/read" "$work/p1/$machine-$disk"
    done
done

# Off here and running there: its images are in use, which is said, and nothing happens to them.
files_in_images >"$work/now"
for words in 'point create pair --name p2' 'point create pair --type rct --name p2' "export pair --live --to $work/exports" \
    'point destroy pair p1'; do
    # shellcheck disable=SC2086 # words
    refused 32774 $words
    [[ $err == *"two"* ]] || fail "it does not say which machine: $err"
done
files_in_images | diff -u "$work/now" - >&2 || fail "files were made or removed"
ok store check
assert_writing one

# Gone from here.
virsh --quiet dumpxml --inactive two >"$work/two.xml"
virsh --quiet undefine --checkpoints-metadata two >/dev/null
for words in 'point create pair --name p2' "export pair --live --to $work/exports"; do
    # shellcheck disable=SC2086
    refused 32775 $words
    [[ $err == *"two"* && $err == *"gone"* ]] || fail "it does not say which machine is gone: $err"
done
ok export pair p1 --to "$work/exports" --json
assert_writing one

# Served: libvirt lets the machine go when the backup has ended.
ok collection define alone --member one
ok export alone --live --name a1 --to "$work/exports" --rate 256K --detach --json
job=$(last .job)
timeout 60 sh -c "until '$refpoint' job show $job --json | jq -e '.bytes_done > 0' >/dev/null; do :; done"
migrate one || fail "it is not migrated: $(cat "$work/migrated")"
ok job attach "$job" --json
is "$(last .job_state)" 7 "end of a live export of a machine that is to leave"
qemu-img convert -O raw "$(last .package)/machines/one/hda.qcow2" "$work/a"
qemu-img convert -O raw "$(last .package)/machines/one/hdb.qcow2" "$work/b"
newest "$work/a" "$work/b" >/dev/null

# Back again: off there, defined here.
for machine in one two; do come_back "$machine"; done
virsh --quiet define "$work/two.xml" >/dev/null
start_machine one
start_machine two
assert_writing one two
ok point destroy pair p1
ok point destroy alone a1
assert_files "$work/files"
ok store check
