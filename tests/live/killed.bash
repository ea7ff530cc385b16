# shellcheck shell=bash
# What the tests share that kill the program while machines run; sourced behind live.bash. All $machines are in the collection
# "pair". What is asked of a step that was killed comes first in each test.
# shellcheck disable=SC2154 # work, status ...: of support.bash

program=$(readlink -f "$1") # without interpose.c
machines=(one two)
step='' # the one that is looked at
killed_at=0

milliseconds() { printf '%s\n' "$((${EPOCHREALTIME/[.,]/} / 1000))"; }

begin_step() {
    step=$*
    printf '%s\n' "$step"
}

# prepare_pair: the machines run, and what is there before the first point is known.
prepare_pair() {
    local name members=()
    for name in "${machines[@]}"; do
        make_machine "$name"
        start_machine "$name"
        definition_of "$name" >"$work/$name.xml"
        members+=(--member "$name")
    done
    files_in_images >"$work/files"
    ok collection define pair "${members[@]}"
    stdbuf -oL virsh --quiet event --event lifecycle --loop --timestamp >"$work/events" 2>&1 &
}

running() { virsh --quiet list --name --state-running --state-paused | sed '/^$/d'; }

# ---- Killed, or failing.

killed() { # PLACE WORDS...: it is killed there, which is as in REFPOINT_TEST_AT
    local place=$1
    shift
    REFPOINT_TEST_TRACE=$work/trace REFPOINT_TEST_AT=$place:kill run "$@"
    killed_at=$(milliseconds)
    is "$status" 137 "exit status of what is killed ($err)"
}

fails() { # PLACE WORDS...: the call there fails; what comes of it is in $status
    local place=$1
    shift
    : >"$work/trace"
    REFPOINT_TEST_TRACE=$work/trace REFPOINT_TEST_AT=$place:fail run "$@"
    killed_at=$(milliseconds)
}

# ours: processes of the program, and what it has started. Guardians: those that let machines go.
ours() {
    find /proc/[0-9]* -maxdepth 1 -name exe \( -lname "$program" -o -lname '*/qemu-img' -o -lname '*/qemu-nbd' \) 2>/dev/null |
        cut -d / -f 3 || true
}
guardians() { pgrep -f '^refpoint: guardian ' || true; }

# end_guardians: those that are left have done what they are for.
end_guardians() {
    local pid
    for pid in $(guardians); do kill -9 "$pid" 2>/dev/null || true; done
    none_is_left
}

none_is_left() { # within ten seconds after the kill
    local pid left
    for pid in $(ours); do
        left=$((killed_at + 10000 - $(milliseconds)))
        [ "$left" -gt 1000 ] || left=1000
        timeout "$((left / 1000)).$((left % 1000))" tail --pid="$pid" --sleep-interval=0.05 --follow /dev/null ||
            fail "ten seconds after it was killed there is still $(ps -o args= -p "$pid")"
    done
}

# ---- What must be so.

# go_on: no machine stands still five seconds after the kill; all that are on write.
go_on() {
    local name
    for name in $(running); do
        until [ "$(state_of "$name")" = running ]; do
            [ "$(milliseconds)" -lt $((killed_at + 5000)) ] || fail "$name is $(state_of "$name") five seconds after $step"
        done
    done
    for name in $(running); do
        wait_for_writes "$name" 1
        ! grep -a -m 1 '^BAD' "$(said_by "$name")" || fail "the guest of $name says it"
    done
}

listed() { "$refpoint" point list pair --json | jq -r .name | sort; }

# cleaned: by "store check", which then has nothing to say any more.
cleaned() {
    run store check
    [[ $out != *"unfinished work"* ]] || fail "store check: $out"
    run store check
    is "$status" 0 "exit status of the second store check ($out)"
}

# shellcheck disable=SC2120 # none is what there is in the end
lists() { # NAME...: these are the points
    is "$(listed | paste -sd ' ')" "$(printf '%s\n' "$@" | sort | sed '/^$/d' | paste -sd ' ')" "points after $step"
}

# read_point NAME DIRECTORY: exported and verified; what its disks hold is DIRECTORY/MACHINE-DISK, of one instant.
read_point() {
    local name disk package
    ok export pair "$1" --to "$work/exports" --json
    is "$(last .verified)" true "verified, of $1"
    package=$(last .package)
    mkdir -p "$2"
    for name in "${machines[@]}"; do
        for disk in hda hdb; do
            qemu-img convert -O raw "$package/machines/$name/$disk.qcow2" "$2/$name-$disk"
        done
    done
    rm -r "$package"
    assert_one_instant "$2" "${machines[@]}"
}

# as_before: there is no point, and no trace of one.
as_before() {
    local name
    # shellcheck disable=SC2119
    lists
    for name in "${machines[@]}"; do assert_definition "$name" "$work/$name.xml"; done
    assert_files "$work/files"
}

# paused_at_most MILLISECONDS: as libvirtd told, in the whole test.
paused_at_most() {
    perl -ne '
        next if !/ (\d+):(\d+):(\d+\.\d+)\S* event .lifecycle. for domain .?([^ :\x27]+).?: (Suspended|Resumed)/;
        my $now = $1 * 3600 + $2 * 60 + $3;
        if ($5 eq "Suspended") { $since{$4} //= $now; $count++; next; }
        my $begin = delete $since{$4} // next;
        my $long = $now - $begin; $long += 86400 if $long < 0;
        $longest = $long if $long > ($longest // 0);
        END {
            die "FAILED: no pause was heard of\n" if !$count;
            die "FAILED: these are still paused: @{[sort keys %since]}\n" if %since;
            printf "%d pauses, the longest of %.0f ms\n", $count, $longest * 1000;
            exit($longest * 1000 > '"$1"');
        }' "$work/events" || fail "a machine stood still for longer than $1 ms"
}
