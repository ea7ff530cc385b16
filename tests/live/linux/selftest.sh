#!/usr/bin/env bash
# That the guest is fit for tests of points: two machines write; frozen by their agents and suspended, their disks hold clean file
# systems, which no journal has to be replayed for; suspended only, they do not, and both show when the copies are started.
#
#   tests/live/linux/selftest.sh      REFPOINT_KEEP=1 leaves what it made in /tmp/refpoint-linux.*; one to three minutes
#
# Wants to be root, and the packages below; what is not installed is installed. build.sh says what it downloads. When something
# cannot be had: a word, and exit status 77.
set -euo pipefail

packages=(e2fsprogs qemu-utils qemu-system-x86 libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients
    libglib2.0-0 libnuma1 libudev1 liburing2)

skip() {
    printf 'skipped: %s\n' "$*"
    exit 77
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin
# shellcheck source=tests/libvirt/daemon.bash
. "$here/../../libvirt/daemon.bash"
# shellcheck source=tests/live/linux/domain.bash
. "$here/domain.bash"

install_packages() {
    local package missing=()
    command -v apt-get dpkg-query >/dev/null || skip "not a Debian"
    for package in "${packages[@]}"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || skip "not installed: ${missing[*]}"
    apt-get -qq -o Acquire::Retries=5 update || skip "not installed: ${missing[*]}; apt-get cannot fetch its lists"
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=5 install -y --no-install-recommends "${missing[@]}" >/dev/null ||
        skip "apt-get cannot install ${missing[*]}"
}

# timed WORDS... -- COMMAND...: how long it took.
timed() {
    local words=() begin end status=0
    until [ "$1" = -- ]; do
        words+=("$1")
        shift
    done
    begin=${EPOCHREALTIME/[.,]/}
    "${@:2}" || status=$?
    end=${EPOCHREALTIME/[.,]/}
    printf '%-48s %5d ms\n' "${words[*]}" $(((end - begin) / 1000))
    return "$status"
}

if [ -z "${REFPOINT_PRIVATE-}" ]; then
    install_packages
    [ "$(id -u)" = 0 ] || skip "libvirtd in name spaces of its own wants root"
    can_be_private || skip "the kernel, or a container, allows no name spaces of our own"
    work=$(mktemp -d /tmp/refpoint-linux.XXXXXX)
    [ -n "${REFPOINT_KEEP-}" ] || trap 'for try in {1..100}; do rm -rf "$work" 2>/dev/null && break; done' EXIT
    status=0
    timed "kernel and initramfs made" -- "$here/build.sh" "$work/guest" || exit
    timed "made again, nothing to download" -- "$here/build.sh" "$work/guest" || exit
    du -ch "$work/guest/vmlinuz" "$work/guest/initrd.img"
    in_private env REFPOINT_PRIVATE="$work" "$here/selftest.sh" || status=$?
    exit "$status"
fi

# ---- Within the name spaces.
work=$REFPOINT_PRIVATE
machines=(one two)

fail() {
    printf 'FAILED: %s\n' "$*"
    tail -n 20 "$work"/*/console || true
    exit 1
}

quiet_virsh() { timeout 120 virsh --quiet "$@" >/dev/null; }

# each COMMAND...: of virsh, for every machine; its name is put behind the first word.
each() {
    local name
    for name in "${machines[@]}"; do
        quiet_virsh "$1" "$name" "${@:2}" || fail "virsh $1 $name"
    done
}

start() { # NAME DIRECTORY [VDA VDB]
    quiet_virsh define <(linux_domain "$1" "$work/guest" "$2" "${@:3}") || fail "$1 cannot be defined"
    quiet_virsh start "$1" || fail "$1 cannot be started"
}

ready() { # NAME DIRECTORY
    linux_says "$2" READY >/dev/null || fail "$1 is not ready"
}

copy_disks() { # WHERE: as below, raw and qcow2
    local name disk
    for name in "${machines[@]}"; do
        mkdir -p "$work/$1-$name"
        for disk in vda vdb; do
            qemu-img convert -U -O qcow2 "$work/$name/$disk.qcow2" "$work/$1-$name/$disk.qcow2"
            qemu-img convert -O raw "$work/$1-$name/$disk.qcow2" "$work/$1-$name/$disk.raw"
        done
    done
}

has_journal_to_replay() { dumpe2fs -h "$1" 2>/dev/null | grep '^Filesystem features:' | grep -qw needs_recovery; } # FILE

# clean FILE: nothing to replay, and nothing wrong. What e2fsck says is beside it.
clean() {
    ! has_journal_to_replay "$1" || return 1
    dumpe2fs -h "$1" 2>/dev/null | grep -q '^Filesystem state: *clean$' || return 1
    e2fsck -fn "$1" >"$1.e2fsck" 2>&1
}

# goes_on COPY: a machine of copied disks; it checks what is marked as written. What it says is in its console.
goes_on() {
    local from
    start "$1" "$work/$1"
    from=$(linux_says "$work/$1" 'FROM [0-9]') || fail "$1 does not go on: $from"
    echo "$1: $from"
    ready "$1" "$work/$1"
    quiet_virsh destroy "$1"
}

both() { # COMMAND...: with the name and the directory of each machine behind it
    local name
    for name in "${machines[@]}"; do "$@" "$name" "$work/$name"; done
}

answers() { agent_answers "$1" || fail "the agent of $1 does not answer"; }

writes() { # NAME DIRECTORY: more than before
    linux_says "$2" 'AT [0-9]' 60 "$(linux_lines "$2")" >/dev/null || fail "$1 does not write"
}

until_off() { # NAME: libvirtd hears of it a moment later
    local end=$((SECONDS + 30))
    until [ "$(virsh --quiet domstate "$1")" = "shut off" ]; do
        [ "$SECONDS" -lt "$end" ] || return 1
    done
}

trap stop_libvirtd EXIT
start_libvirtd
for name in "${machines[@]}"; do linux_disks "$work/$name"; done

timed "both started" -- both start
timed "then READY, both" -- both ready
timed "then the agents answer, both" -- both answers
both writes

timed "domfsfreeze, both" -- each domfsfreeze
each suspend
timed "four disks copied" -- copy_disks frozen
each resume
timed "domfsthaw, both" -- each domfsthaw
both writes

each suspend
copy_disks running
each resume
both writes

for name in "${machines[@]}"; do
    for disk in vda vdb; do
        clean "$work/frozen-$name/$disk.raw" || fail "$name was frozen, but its $disk is not clean"
        has_journal_to_replay "$work/running-$name/$disk.raw" || fail "$name was not frozen, but its $disk has no journal to replay"
    done
done
echo "frozen: clean; not frozen: a journal to replay"

timed "a shutdown by the agent" -- quiet_virsh shutdown one --mode agent
linux_says "$work/one" OFF >/dev/null || fail "one does not go off"
until_off one || fail "one says OFF, and stays on"
for disk in vda vdb; do
    qemu-img convert -O raw "$work/one/$disk.qcow2" "$work/one/$disk.raw"
    clean "$work/one/$disk.raw" || fail "one is off, but its $disk is not clean"
done
quiet_virsh destroy two
for name in "${machines[@]}"; do
    goes_on "frozen-$name"
    ! linux_said "$work/frozen-$name" REPLAYED || fail "$name: a journal was replayed after freezing"
    goes_on "running-$name"
    linux_said "$work/running-$name" REPLAYED || fail "$name: no journal was replayed though nothing was frozen"
done
! grep -aq '^BAD' "$work"/*/console || fail "a guest says that something is wrong"
echo "copies go on where they were"

mkdir "$work/mixed"
start mixed "$work/mixed" "$work/frozen-two/vda.qcow2" "$work/one/vdb.qcow2"
! said=$(linux_says "$work/mixed" 'FROM|READY') || fail "disks of two moments, and the guest does not see it"
echo "disks of two moments: $said"
[[ $said == *"not one moment" ]] || fail "that is not what is wrong with them"
echo passed
