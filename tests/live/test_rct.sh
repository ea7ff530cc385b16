#!/usr/bin/env bash
# Exports of running machines as they are now: one instant, read while they go on; in full, and of what QEMU has marked since an
# RCT based point; with log based points between. Each package is what the disks held at its instant; what cannot be believed goes
# in full, with its reason.
# shellcheck source=tests/live/live.bash
. "$(dirname "${BASH_SOURCE[0]}")/live.bash"

# same PACKAGE COPIES
same() {
    local machine disk
    for machine in one two; do
        for disk in hda hdb; do
            qemu-img convert -O raw "$1/machines/$machine/$disk.qcow2" "$work/read"
            assert_same "$work/read" "$2/$machine-$disk"
        done
    done
}

# live NAME [BASE]: exported live; $package. Machines that are off take part as they are.
live() {
    local machine running=()
    for machine in one two; do [ "$(state_of "$machine")" != running ] || running+=("$machine"); done
    [ ${#running[@]} != 0 ] || copy_all "$work/$1" one two
    REFPOINT_TEST_TRACE=$work/trace.$1 \
        REFPOINT_TEST_AT="virDomainResume:1:before:run=$(copy_command "$work/$1" one two)" \
        ok export pair --live --name "$1" --to "$work/exports" --no-job --json ${2:+--base "$2"}
    package=$(last .package)
    [ ${#running[@]} = 0 ] || assert_together "$work/trace.$1" ${#running[@]} virDomainBackupBegin
    assert_one_instant "$work/$1" one two
    assert_writing "${running[@]}"
    same "$package" "$work/$1"
}

make_machine one
make_machine two
start_machine one
start_machine two
files_in_images >"$work/files"
definition_of one >"$work/one.xml"
ok collection define pair --member one --member two

live r1
is "$(last '[.disks[].kind] | unique[]')" full "kinds of a first export"
is "$("$refpoint" point list pair --json | jq -r .reference_point_type_word)" rct "type of the point"
assert_files "$work/files"
refused 32775 export pair r1 --to "$work/exports"

wait_for_writes one
live r2 r1
is "$(last '[.disks[].kind] | unique[]')" differential "kinds of the second"

# A log based point between: the marks go along into the new file.
ok point create pair --name log
wait_for_writes one
live r3 r2
is "$(last '[.disks[].kind] | unique[]')" differential "kinds above a log based point"
ok export pair log --to "$work/exports" --json
# What a frozen file has marked stays until the file goes: to delete it, QEMU would write to what was frozen.
ok point create pair --type rct --name r3b
ok point create pair --name log2
ok point destroy pair r3b
ok export pair log2 --to "$work/exports" --json
is "$(virsh --quiet checkpoint-list one --name | sed '/^$/d' | wc -l)" 4 "checkpoints while a layer rests on one"
ok point destroy pair log2
is "$(virsh --quiet checkpoint-list one --name | sed '/^$/d' | wc -l)" 3 "checkpoints when the layer is gone"
ok point destroy pair log
live r4 r1
is "$(last '[.disks[].kind] | unique[]')" differential "kinds against an older base, when the log based point is gone"

# As a job, which is killed: what is served is taken down, and the point before it is a base still.
ok export pair --live --name killed --base r4 --to "$work/exports" --rate 64K --detach --json
job=$(last .job)
timeout 60 sh -c "until '$refpoint' job show $job --json | jq -e '.bytes_done > 0' >/dev/null; do :; done"
runner=$(pgrep -f "refpoint: job ${job:0:4}")
kill -9 "$runner"
assert_writing one two
run store check
[[ $out == *"was interrupted"* ]] || fail "store check does not say what it took down: $out $err"
ok store check
assert_files "$work/files"
ls "$work/exports"/.*.partial >/dev/null 2>&1 && ok job discard "$job"
live r5 r4
is "$(last '[.disks[].kind] | unique[]')" differential "kinds after a killed one"

# A QEMU that was killed has lost what it had marked; one that was off and on has not.
power_off two
start_machine two
live r6 r5
is "$(last '.disks[] | select(.machine == "one" and .disk == "hda") | .kind')" differential "kind of a machine that ran on"

# A log based point while one of them is off: what QEMU had marked goes along there, too.
power_off two
ok point create pair --name mixed
start_machine two
live r7 r6
is "$(last '[.disks[].kind] | unique[]')" differential "kinds above a point that one was off at"
ok point destroy pair mixed
live r8 r7
is "$(last '[.disks[].kind] | unique[]')" differential "kinds when that point is gone"

# Off: it takes part; its bitmap is added to its image as it stands, and it is a base when it runs again.
power_off two
live r9 r8
is "$(last '[.disks[].kind] | unique[]')" differential "kinds while one is off"
ok point create pair --type rct --name r10
refused 32773 export pair --live --base r10 --to "$work/exports"
[[ $err == *"no package of the base point"* ]] || fail "it does not say that the base has no package: $err"
live r11 r9
is "$(last '.disks[] | select(.machine == "two" and .disk == "hda") | .bytes_total')" 0 "bytes of a machine that stayed off"
start_machine two
wait_for_writes two
live r12 r9
is "$(last '[.disks[].kind] | unique[]')" differential "kinds when it runs again"
# Above a log based point that it was off at, and one that it was running at.
ok point create pair --name running
wait_for_writes two
power_off two
live r13 r12
is "$(last '[.disks[].kind] | unique[]')" differential "kinds of files above each other"
ok point create pair --name off
live r14 r12
is "$(last '[.disks[].kind] | unique[]')" differential "kinds above a point of a machine that stays off"
# These points go while it is off: what their files have marked goes along into the older ones, no less and no more.
written=$(last '[.disks[] | select(.machine == "two") | .bytes_total]')
ok point destroy pair running
ok point destroy pair off
live r17 r12
is "$(last '[.disks[].kind] | unique[]')" differential "kinds when the points above it went while one was off"
is "$(last '[.disks[] | select(.machine == "two") | .bytes_total]')" "$written" "bytes of a machine that stayed off"
# Marks that somebody took away are missed.
image=$(virsh --quiet domblklist two | awk '$1 == "hdb" { print $2 }')
qemu-img bitmap --remove "$image" "refpoint-$("$refpoint" point show pair r14 --json | jq -r .id)"
live r15 r14
is "$(last '.disks[] | select(.machine == "two" and .disk == "hdb") | .kind')" full "kind of a disk whose marks somebody removed"
[[ $(last '.disks[] | select(.machine == "two" and .disk == "hdb") | .reason') == *"not whole"* ]] || fail "no reason: $out"
# Both off.
power_off one
live r16 r15
is "$(last '[.disks[].kind] | unique[]')" differential "kinds while all are off"
start_machine one
ok point destroy pair r16
# Started while it is read: there is no package, and nothing is left of it.
ok export pair --live --name torn --to "$work/exports" --rate 256K --only two --detach --json
job=$(last .job)
timeout 60 sh -c "until '$refpoint' job show $job --json | jq -e '.bytes_done > 0' >/dev/null; do :; done"
start_machine two
run job attach "$job" --json
is "$(last .job_state)" 10 "end of a job whose machine was started"
[[ $(last .error) == *"was started while"* ]] || fail "it does not say what happened: $out"
refused 32773 point show pair torn
assert_writing one two

# No room for what the guest overwrites: QEMU stops it; the job says so at once, and both go on when there is room again.
mkdir "$work/small"
mount -t tmpfs -o size=24M small "$work/small"
images=$work/small make_machine three fast
start_machine three
ok collection define small --member three
dd if=/dev/zero of="$work/small/filler" bs=64K count=400 status=none 2>/dev/null || true # all that is left
truncate -s -2M "$work/small/filler"
ok export small --live --name s --to "$work/exports" --rate 32K --detach --json
job=$(last .job)
# What is served goes on being so, and the guest goes on writing.
timeout "$patience" sh -c "until '$refpoint' job pause $job >/dev/null 2>&1; do :; done" || fail "the job cannot be paused"
timeout "$patience" sh -c "until '$refpoint' job show $job | grep -q 'three was stopped'; do :; done" ||
    fail "the job does not say that the guest was stopped: $("$refpoint" job show "$job")"
is "$(state_of three)" paused "state of a guest without room for its scratch file"
rm "$work/small/filler"
virsh --quiet resume three >/dev/null
ok job pause "$job" # goes on
ok job attach "$job" --json
is "$(last .job_state)" 7 "end of a job whose guest was stopped for a while"
qemu-img convert -O raw "$(last .package)/machines/three/hda.qcow2" "$work/a"
qemu-img convert -O raw "$(last .package)/machines/three/hdb.qcow2" "$work/b"
newest "$work/a" "$work/b" >/dev/null || fail "the disks of three are not of one instant"
assert_writing three
ok point destroy small s

for point in r17 r3 r14 r1 r8 r6 r15 r2 r7 r12 r5 r13 r11 r4 r10 r9; do ok point destroy pair "$point"; done
is "$(virsh --quiet checkpoint-list one --name | sed '/^$/d' | wc -l)" 0 "checkpoints left"
assert_files "$work/files"
assert_definition one "$work/one.xml"
assert_writing one two
ok store check
power_off three
umount "$work/small"
