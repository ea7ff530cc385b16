#!/bin/busybox sh
# shellcheck shell=dash
# The first process of the guest: it writes to two ext4 file systems for ever, and answers libvirt's agent commands. What it says,
# on the serial console, a line each:
#
#   NEW             nothing was written here before
#   FROM n          something was, it is whole, and it ends with round n
#   REPLAYED vda    this file system was not clean: ext4 replayed its journal
#   READY           the agent is started, and the first rounds are on the disks
#   AT n            round n is on the disks
#   OFF             somebody asked for the end: all is unmounted, the machine goes off
#   BAD ...         what is wrong; nothing is written any more
#
# A round is a file on vda and then one on vdb. With each eighth, a mark is appended to a log: on vda, when all its files are on the
# disk; then the same on vdb. So, however the machine ends, what is marked is whole, and vdb's log ends with the last mark of
# vda's or with the one before: a copy of two disks in which it does not was not made of one moment.
export PATH=/bin

say() { echo "$*" >/dev/console; }

bad() {
    say "BAD $*"
    exec tail -f /dev/null # the first process must not end
}

content() { # DISK ROUND: one to four KiB
    local line="$1 $2"
    case $(($2 % 4)) in
    0) set -- "$line" ;;
    1) set -- "$line" "$line" ;;
    2) set -- "$line" "$line" "$line" ;;
    3) set -- "$line" "$line" "$line" "$line" ;;
    esac
    printf '%-1023s\n' "$@"
}

marks() { cat "/$1/log.old" "/$1/log" 2>/dev/null; } # DISK

check() { # DISK
    local last=0 mark round
    for mark in $(marks "$1" | tail -n 5); do
        if [ $((mark % 8)) -ne 0 ] || [ "$mark" -le "$last" ]; then bad "$1: the log says $mark behind $last"; fi
        last=$mark
        round=$((mark - 8))
        while [ "$round" -lt "$mark" ]; do
            round=$((round + 1))
            content "$1" "$round" | cmp -s - "/$1/files/$round" || bad "$1: file $round is marked, and not what was written"
        done
    done
}

mount_disk() { # DISK
    [ "$(findfs "LABEL=$1")" = "/dev/$1" ] || bad "$1: not the file system that was made for it"
    mount -t ext4 -o errors=remount-ro "/dev/$1" "/$1" || bad "$1: cannot be mounted"
    ! dmesg | grep -q "($1): recovery complete" || say "REPLAYED $1"
    mkdir -p "/$1/files" || bad "$1: cannot be written to"
}

# The kernel says what the writer may never hear of.
watch_kernel() {
    local line
    # shellcheck disable=SC2002 # the shell reads single bytes, which this file does not allow
    cat /dev/kmsg | while read -r line; do
        case $line in
        *"I/O error"* | *"EXT4-fs error"* | *"EXT4-fs warning"* | *"Aborting journal"*) say "BAD $line" ;;
        esac
    done
}

agent_port() {
    local tries=0 name
    while [ "$tries" -lt 600 ]; do
        for name in /sys/class/virtio-ports/*/name; do
            if [ "$(cat "$name" 2>/dev/null)" = org.qemu.guest_agent.0 ]; then
                name=${name%/name}
                echo "/dev/${name##*/}"
                return
            fi
        done
        tries=$((tries + 1))
        usleep 50000
    done
    bad "there is no port for the agent"
}

agent() {
    qemu-ga --method=virtio-serial --path="$(agent_port)" --statedir=/run >/run/agent 2>&1
    say "BAD the agent has ended: $(tail -n 1 /run/agent)"
}

write_file() { # DISK
    content "$1" "$round" >"/$1/files/$round" || bad "$1: file $round cannot be written"
    rm -f "/$1/files/$((round - 1024))" || bad "$1: a file cannot be removed"
}

mark() { # DISK
    [ $((round % 16384)) -ne 0 ] || [ ! -e "/$1/log" ] || mv "/$1/log" "/$1/log.old" || bad "$1: the log cannot be renamed"
    sync -f "/$1/files" || bad "$1: cannot be synchronized"
    echo "$round" >>"/$1/log" || bad "$1: the log cannot be written"
    sync "/$1/log" || bad "$1: the log cannot be synchronized"
}

off() {
    if umount /vdb && umount /vda; then say OFF; else say "BAD cannot be unmounted"; fi
    poweroff -f
}

/bin/busybox mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
while read -r module; do modprobe "$module" || bad "module $module"; done </modules

watch_kernel &
mount_disk vda
mount_disk vdb
check vda
check vdb
round=$(marks vda | tail -n 1)
round=${round:-0}
before=$(marks vda | tail -n 2 | head -n 1)
before=${before:-0}
[ "$before" != "$round" ] || before=0
other=$(marks vdb | tail -n 1)
other=${other:-0}
[ "$other" = "$round" ] || [ "$other" = "$before" ] || bad "vda ends with $round, vdb with $other: not one moment"
if [ "$round" -eq 0 ]; then say NEW; else say "FROM $round"; fi

agent &
ready=
until [ -e /run/stop ]; do # as sbin/shutdown makes it, which the agent calls
    round=$((round + 1))
    write_file vda
    write_file vdb
    if [ $((round % 8)) -eq 0 ]; then
        mark vda
        mark vdb
        [ -n "$ready" ] || say READY
        ready=yes
        [ $((round % 64)) -ne 0 ] || say "AT $round"
    fi
    usleep 10000 # an emulator in which nothing rests takes a core of its own
done
off
