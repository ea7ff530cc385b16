#!/bin/sh
# The emulator of every definition here: QEMU, with three things added that no definition has to name, so that the definitions
# stay as their tools write them.
#
# What the guest writes to port 0xe9 goes to UUID.said beside this file. UUID.runs is locked as long as QEMU lives. And SeaBIOS
# shows the guest all disks, as libvirt's "-boot strict=on" does not; nothing to boot from ends QEMU instead of asking.
beside=$(dirname "$0")
uuid=
before=
for word; do
    [ "$before" != -uuid ] || uuid=$word
    before=$word
done
if [ -z "$uuid" ]; then # libvirt asks what QEMU can do
    exec qemu-system-x86_64 "$@"
fi
exec 9>"$beside/$uuid.runs"
flock 9
exec qemu-system-x86_64 "$@" -no-reboot -boot strict=off,reboot-timeout=0 \
    -chardev "file,id=refpoint-said,path=$beside/$uuid.said" -device isa-debugcon,iobase=0xe9,chardev=refpoint-said
