#!/usr/bin/env bash
# Six points in a row of two machines that never stop writing: one is powered off and on again between two of them, the other is
# off while one is taken, data is removed and points are destroyed between. Every package is what the disks held at its instant,
# no guest ever sees an error, and when the last point is gone definitions and files are as before the first.
# shellcheck source=tests/live/live.bash
. "$(dirname "${BASH_SOURCE[0]}")/live.bash"

# take NAME [OPTION...]: a point of both, and what their disks held at its instant.
take() {
    local name=$1 running=()
    shift
    for machine in one two; do
        [ "$(state_of "$machine")" != running ] || running+=("$machine")
    done
    REFPOINT_TEST_TRACE=$work/trace.$name \
        REFPOINT_TEST_AT="virDomainResume:1:before:run=$(copy_command "$work/$name" one two)" ok point create pair --name "$name" "$@"
    assert_together "$work/trace.$name" "${#running[@]}"
    assert_one_instant "$work/$name" one two
}

# proved NAME [BASE]: exported, in full or against a base, it is what it was.
proved() {
    local name=$1 base=${2-} package disk
    ok export pair "$name" --to "$work/exports" --json ${base:+--base "$base"}
    package=$(last .package)
    is "$(last .verified)" true "verified, of $name"
    for machine in one two; do
        for disk in hda hdb; do
            qemu-img convert -O raw "$package/machines/$machine/$disk.qcow2" "$work/read"
            assert_same "$work/read" "$work/$name/$machine-$disk"
        done
    done
}

make_machine one
make_machine two
start_machine one
start_machine two
files_in_images >"$work/files"
definition_of one >"$work/one.xml"
definition_of two >"$work/two.xml"
ok collection define pair --member one --member two

take p1
[[ $out == *"is frozen"* ]] || fail "the first point does not say what became of the images: $out"
proved p1
wait_for_writes one

power_off one
take p2 # one is off
[[ $out != *"is frozen"* ]] || fail "the second point says again what became of the images: $out"
start_machine one
went_on_from one >/dev/null
proved p2 p1
assert_writing one two

power_off two
start_machine two # off and on, between two points
take p3
proved p3 p2
ok point remove-data pair p2 --json
[ "$(last .bytes_freed)" -gt 0 ] || fail "remove-data says that it gave back $(last .bytes_freed) bytes: $out"
ok point remove-data pair p2 --json
is "$(last .bytes_freed)" 0 "bytes that came back the second time"
refused 32775 export pair p2 --to "$work/exports"
assert_writing one two

take p4
proved p4 p2 # which is a base still
ok point destroy pair p1 --json
[ "$(last '.bytes_freed | type')" = number ] || fail "destroy does not say what came back: $out"
assert_writing one two

take p5
proved p5
power_off one
ok point destroy pair p3 # one is off, two runs
start_machine one
proved p5 p4
take p6
proved p6 p5

# As a job; and ended in the middle: the machines run on, and the next look at the store goes on with it.
ok point destroy pair p4 --job
[[ $out == *"p4 is destroyed"* && $out == *"file system"* ]] || fail "a destruction as a job: $out"
# shellcheck disable=SC2016 # for the shell that the program starts
REFPOINT_TEST_AT='virDomainBlockCommit:1:after:run=kill -TERM $PPID' run point destroy pair p2
is "$status" 1 "exit status of a destruction that was ended"
[[ $err == *"store check"* ]] || fail "it does not say how to go on: $err"
assert_writing one two
run store check
[[ $out == *"p2 was unfinished"* ]] || fail "store check does not go on with it: $out"
for point in p6 p5; do
    ok point destroy pair "$point"
    assert_writing one two
done
is "$("$refpoint" point list pair --json | wc -l)" 0 "points left"
assert_files "$work/files"
assert_definition one "$work/one.xml"
assert_definition two "$work/two.xml"
ok store check
[[ $out == *"nothing wrong"* ]] || fail "store check: $out"
for machine in one two; do
    power_off "$machine"
    start_machine "$machine"
done
assert_writing one two
