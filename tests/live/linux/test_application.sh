#!/usr/bin/env bash
# Points that are application consistent, of two machines with Debian's own kernel, ext4 under constant writing and the guest
# agent: the exported file systems are clean, with no journal to be replayed, and not so without the agent. A machine that cannot
# be quiesced is refused before the instant, or taken crash consistent by the operator's word.
#
#   tests/live/linux/test_application.sh build/refpoint       one to three minutes
#
# Wants to be root, what live.bash wants, e2fsprogs, and what build.sh downloads; without: a word, and exit status 77.
export PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ -z "${REFPOINT_GUEST-}" ]; then
    REFPOINT_GUEST=$(mktemp -d /tmp/refpoint-guest.XXXXXX)
    export REFPOINT_GUEST
    status=0
    "$here/build.sh" "$REFPOINT_GUEST" || status=$?
    [ "$status" != 0 ] || "$0" "$@" || status=$?
    rm -rf "$REFPOINT_GUEST"
    exit "$status"
fi
command -v dumpe2fs >/dev/null || { echo "skipped: e2fsprogs is not installed"; exit 77; }
# shellcheck source=tests/live/live.bash
. "$here/../live.bash"
# shellcheck source=tests/live/linux/domain.bash
. "$here/domain.bash"

start() { # NAME DIRECTORY [VDA VDB]
    virsh --quiet define <(linux_domain "$1" "$REFPOINT_GUEST" "$2" "${@:3}") >/dev/null
    virsh --quiet start "$1" >/dev/null
}

ready() { # NAME
    linux_says "$work/$1" READY >/dev/null || fail "$1 is not ready"
    agent_answers "$1" || fail "the agent of $1 does not answer"
}

writes() { # NAME: more than before
    linux_says "$work/$1" 'AT [0-9]' 60 "$(linux_lines "$work/$1")" >/dev/null || fail "$1 does not write, or said BAD"
}

has_journal_to_replay() { dumpe2fs -h "$1" 2>/dev/null | grep '^Filesystem features:' | grep -qw needs_recovery; } # FILE

clean() { # FILE
    ! has_journal_to_replay "$1" || return 1
    dumpe2fs -h "$1" 2>/dev/null | grep -q '^Filesystem state: *clean$' || return 1
    e2fsck -fn "$1" >"$work/e2fsck" 2>&1
}

# exported POINT MACHINE DISK: as raw, in $work/disk
exported() {
    qemu-img convert -O raw "$work/exports/$1"/*/machines/"$2/$3.qcow2" "$work/disk"
}

for name in one two; do
    linux_disks "$work/$name"
    start "$name" "$work/$name"
done
make_machine plain # without an agent
start_machine plain
for name in one two; do ready "$name"; done
ok collection define mail --member one --member two
ok collection define mixed --member one --member plain

# Application: what is reached by each, and what is in the package.
REFPOINT_TEST_TRACE=$work/trace ok point create mail --name quiet --consistency application --json
is "$(last .consistency_level_word)" application "consistency of the point"
is "$(last '[.members[].consistency_level_word] | unique[]')" application "consistency of each machine"
assert_together "$work/trace" 2
is "$(calls "$work/trace" virDomainFSFreeze ok)" 2 "machines quiesced"
is "$(calls "$work/trace" virDomainFSThaw ok)" 2 "machines thawed"
for name in one two; do writes "$name"; done
mkdir "$work/exports/quiet" "$work/exports/crash"
ok export mail quiet --to "$work/exports/quiet"
for name in one two; do
    for disk in vda vdb; do
        exported quiet "$name" "$disk"
        clean "$work/disk" || fail "$name/$disk was quiesced, and is not clean: $(cat "$work/e2fsck")"
    done
done

# Crash: a journal is to be replayed, or this test could not fail.
ok point create mail --name crash
ok export mail crash --to "$work/exports/crash" --base quiet --base-package "$work/exports/quiet"
for name in one two; do
    exported crash "$name" vda
    has_journal_to_replay "$work/disk" || fail "$name/vda is clean, and was not quiesced"
done

# One that cannot be quiesced.
refused 32775 point create mixed --name refused --consistency application
[[ $err == *plain* && $err == *"guest agent"* ]] || fail "it does not say whose agent, in libvirt's words: $err"
assert_running plain
for name in one plain; do is "$(state_of "$name")" running "state of $name"; done
writes one
is "$("$refpoint" point list mixed --json | wc -l)" 0 "points of what was refused"
ok point create mixed --name allowed --consistency application --allow-crash --json
is "$(last .consistency_level_word)" crash "consistency of a point with one that was not quiesced"
is "$(last '.members[] | select(.machine == "one") | .consistency_level_word')" application "consistency of one"
is "$(last '.members[] | select(.machine == "plain") | .consistency_level_word')" crash "consistency of plain"
assert_writing plain
writes one

# Killed while the file systems are quiesced: the guardian thaws them.
run_killed() {
    local status=0
    REFPOINT_TEST_AT=$1 "$refpoint" point create mail --name killed --consistency application >/dev/null 2>&1 || status=$?
    is "$status" 137 "exit status of one that is killed at $1"
}
for moment in virDomainFSFreeze:2:after:kill virDomainSuspend:2:after:kill virDomainResume:1:before:kill virDomainFSThaw:1:before:kill; do
    run_killed "$moment"
    for name in one two; do writes "$name"; done
done
run store check
[[ $out == *"it has been taken back"* ]] || fail "store check does not say what it took back: $out"
ok store check
for name in one two; do writes "$name"; done

# What was imported goes on, from what its file systems held.
ok package import "$work/exports/quiet"/* --to "$work/imported"
virsh --quiet destroy one >/dev/null
mkdir "$work/copy"
start copy "$work/copy" "$work/imported/one/vda.qcow2" "$work/imported/one/vdb.qcow2"
from=$(linux_says "$work/copy" 'FROM [0-9]') || fail "the copy does not go on: $from"
! linux_said "$work/copy" REPLAYED || fail "the copy replayed a journal"
