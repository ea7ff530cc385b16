#!/usr/bin/env bash
# The walk of test_points.sh on the screen at 80x24, as an operator goes it: six points of two machines that never stop writing,
# one of them off while one is taken and off and on between two; exported in full, since a point and live; data removed, points
# destroyed. Every package of a log based point is what the disks held at its instant, and in the end all is as before the first.
# shellcheck source=tests/live/live.bash
. "$(dirname "${BASH_SOURCE[0]}")/live.bash"

walker=$(dirname "$(readlink -f "$1")")/tests/walk_points
[ -x "$walker" ] || fail "$walker is not built"

walk() { "$walker" "$refpoint" "$@" >"$work/walk" 2>&1 || fail "the walk $*: $(cat "$work/walk")"; }

take() { # NAME
    local machine running=()
    for machine in one two; do [ "$(state_of "$machine")" != running ] || running+=("$machine"); done
    REFPOINT_TEST_TRACE=$work/trace.$1 \
        REFPOINT_TEST_AT="virDomainResume:1:before:run=$(copy_command "$work/$1" one two)" walk create "$1"
    assert_together "$work/trace.$1" "${#running[@]}"
    assert_one_instant "$work/$1" one two
    assert_writing "${running[@]}"
}

newest_package() { find "$work/exports" -maxdepth 1 -name 'pair-*' -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2-; }

read_back() { # DIRECTORY: the disks of the newest package
    local package machine disk
    package=$(newest_package)
    mkdir -p "$1"
    for machine in one two; do
        for disk in hda hdb; do
            qemu-img convert -O raw "$package/machines/$machine/$disk.qcow2" "$1/$machine-$disk"
        done
    done
}

proved() { # NAME [BASE]
    local machine disk
    if [ $# = 2 ]; then walk since "$1" "$2" "$work/exports"; else walk full "$1" "$work/exports"; fi
    read_back "$work/read"
    for machine in one two; do
        for disk in hda hdb; do assert_same "$work/read/$machine-$disk" "$work/$1/$machine-$disk"; done
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
proved p1
power_off one
take p2 # one is off
start_machine one
proved p2 p1
assert_writing one two

power_off two
start_machine two # off and on, between two points
walk create-rct r0
walk live r3 p2 none "$work/exports"
walk live r4 r3 r3 "$work/exports"
is "$("$refpoint" package show "$(newest_package)" --json | jq -r '[.disks[].kind] | unique[]')" differential "kinds since an RCT based point"
read_back "$work/r4"
assert_one_instant "$work/r4" one two
assert_writing one two

take p5
proved p5 p2
walk remove-data p2
refused 32775 export pair p2 --to "$work/exports"
take p6
proved p6 p5
assert_writing one two

power_off two
walk destroy p5 # two is off, one runs
start_machine two
for point in r0 r4 r3 p6 p2 p1; do
    walk destroy "$point"
    assert_writing one two
done
is "$("$refpoint" point list pair --json | wc -l)" 0 "points left"
assert_files "$work/files"
assert_definition one "$work/one.xml"
assert_definition two "$work/two.xml"
ok store check
[[ $out == *"nothing wrong"* ]] || fail "store check: $out"
for package in "$work/exports"/pair-*; do ok package verify "$package"; done
