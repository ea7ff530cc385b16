#!/usr/bin/env bash
# test_killed_random.sh PROGRAM [SEED [COUNT [FIRST]]]: COUNT times, 5 if nothing is said, the program is killed at a random moment
# of point create, point destroy, point remove-data, export or export --live (the command, or the job's process) beneath two
# machines that never stop writing. After each no machine stands still, none sees an error, the store is clean after one command, and each point is
# there as a whole, with the content that it had when it was first read, or not at all. SEED, which is printed, and FIRST, a
# round's number, do the same again as far as moments can be. Four to eight seconds each; a hundred: with COUNT 100.
count=${3-5}
most=25 # in one go, which may take seven minutes
if [ -z "${REFPOINT_PRIVATE-}" ] && [ "$count" -gt "$most" ]; then
    for ((first = 1; first <= count; first += most)); do
        "$0" "$1" "$2" "$((count - first < most ? count - first + 1 : most))" "$first" || exit
    done
    exit 0
fi
# shellcheck source=tests/live/live.bash
. "$(dirname "${BASH_SOURCE[0]}")/live.bash"
# shellcheck source=tests/live/killed.bash
. "$live/killed.bash"

seed=${2:-$((SRANDOM % 1000000))}
first=${4-1}
declare -A duration=() # of an operation that was not killed, in milliseconds
hits=0

points_with() { "$refpoint" point list pair --json | jq -r "select($1) | .name" | sort; }
one_of() { # LINES: one of them, or nothing
    local lines
    mapfile -t lines < <(sed '/^$/d' <<<"$1")
    [ "${#lines[@]}" = 0 ] || printf '%s\n' "${lines[RANDOM % ${#lines[@]}]}"
}

# measure OPERATION WORDS...
measure() {
    local operation=$1 begin
    shift
    begin=$(milliseconds)
    ok "$@"
    duration[$operation]=$(($(milliseconds) - begin))
}

# kill_within OPERATION WORDS...: at a moment of what it takes, or somewhat later.
kill_within() {
    local operation=$1 moment victim # and $name is of what
    shift
    moment=$((1 + RANDOM * duration[$operation] * 11 / 10 / 32768))
    moment=$((moment / 1000)).$(printf '%03d' $((moment % 1000)))
    begin_step "$round: $operation $name killed${killed_job:+ (the job)} after $moment s"
    status=0
    if [ -z "$killed_job" ]; then
        REFPOINT_TEST_TRACE=$work/trace timeout --foreground --signal KILL "$moment" "$refpoint" "$@" >"$work/out" 2>"$work/stderr" || status=$?
    else
        "$refpoint" "$@" >"$work/out" 2>"$work/stderr" &
        victim=$!
        timeout "$moment" tail --pid="$victim" --sleep-interval=0.01 --follow /dev/null || true
        for victim in $(pgrep -f -- " --runner $work/state/refpoint" || true); do kill -9 "$victim" 2>/dev/null || true; done
        wait %% || status=$?
    fi
    killed_at=$(milliseconds)
    case $status in
    0 | 124) ;; # it was over just as it was to be killed
    137) hits=$((hits + 1)) ;;
    *) [ -n "$killed_job" ] || fail "exit status $status: $(cat "$work/stderr")"
        hits=$((hits + 1)) ;;
    esac
}

# settle_jobs: those that are left come to their end, and leave nothing.
settle_jobs() {
    local job
    for job in $("$refpoint" job list --json | jq -r .job); do
        run job attach "$job"
        run job discard "$job"
    done
    rm -rf "$work/exports"/*
    is "$(find "$work/exports" -mindepth 1)" "" "left by jobs"
}

# still_as_read NAME: it is exported; the first time what it holds is kept, then it must be that.
still_as_read() {
    local file
    read_point "$1" "$work/read"
    if [ ! -d "$work/known/$1" ]; then
        mkdir -p "$work/known"
        mv "$work/read" "$work/known/$1"
        return
    fi
    for file in "$work/known/$1"/*; do assert_same "$work/read/${file##*/}" "$file"; done
}

# check_packages: what has its final name is whole, and of one instant.
check_packages() {
    local package machine
    for package in "$work/exports"/*; do
        [ -d "$package" ] || continue
        ok package verify "$package"
        for machine in "${machines[@]}"; do
            qemu-img convert -O raw "$package/machines/$machine/hda.qcow2" "$work/a"
            qemu-img convert -O raw "$package/machines/$machine/hdb.qcow2" "$work/b"
            newest "$work/a" "$work/b" >/dev/null
        done
    done
}

# one_round: the points are $before; what must be afterwards.
one_round() {
    local before after whole operation name points
    killed_job=''
    before=$(listed)
    whole=$(points_with .has_associated_log)
    points=$(wc -w <<<"$before")
    case $points.$((RANDOM % 8)) in
    *.6) operation=live ;;
    [01].[0-57] | [23].[0-2]) operation=create ;;
    [23].[34] | [456789].[0-4]) operation=destroy ;;
    *.5) operation=remove ;;
    *) operation='export' ;;
    esac
    [ -n "$whole" ] || [[ $operation == destroy || $operation == live ]] || operation=create
    name=$(one_of "$whole")
    case $operation in
    create)
        name=r$round
        kill_within create point create pair --name "$name"
        ;;
    destroy)
        name=$(one_of "$before")
        kill_within destroy point destroy pair "$name"
        ;;
    remove) kill_within remove point remove-data pair "$name" ;;
    export)
        [ $((RANDOM % 2)) = 0 ] || killed_job=yes
        kill_within export export pair "$name" --to "$work/exports"
        ;;
    live)
        name=l$round
        [ $((RANDOM % 3)) = 0 ] || killed_job=yes
        kill_within live export pair --live --name "$name" --to "$work/exports"
        ;;
    esac
    go_on
    case $((RANDOM % 2)) in
    0) cleaned ;;
    1) # another command finds what was left
        end_guardians
        ok point create pair --name "n$round"
        ok point destroy pair "n$round"
        ;;
    esac
    [ "$operation" != live ] || check_packages
    [[ $operation != export && $operation != live ]] || settle_jobs
    cleaned
    end_guardians
    after=$(listed)
    case $operation in
    create | live) is "$(grep -vx "$name" <<<"$after" || true)" "$before" "the other points after $step" ;;
    destroy) is "$(grep -vx "$name" <<<"$after" || true)" "$(grep -vx "$name" <<<"$before" || true)" "the other points after $step" ;;
    *) is "$after" "$before" "points after $step" ;;
    esac
    name=$(one_of "$(points_with .has_associated_log)")
    [ -z "$name" ] || still_as_read "$name"
    go_on
    assert_running "${machines[@]}"
}

prepare_pair
measure create point create pair --name p1
ok point create pair --name p2
measure export export pair p1 --to "$work/exports"
measure live export pair --live --name l0 --to "$work/exports"
ok point destroy pair l0
measure remove point remove-data pair p1
measure destroy point destroy pair p2
settle_jobs
printf 'seed %s, rounds %s to %s, milliseconds:' "$seed" "$first" "$((first + count - 1))"
for operation in "${!duration[@]}"; do printf ' %s %s' "$operation" "${duration[$operation]}"; done
printf '\n'
for ((round = first; round < first + count; round++)); do
    RANDOM=$((seed + round))
    one_round
done
step="all rounds"
for point in $(listed); do ok point destroy pair "$point"; done
as_before
none_is_left
paused_at_most 5000
for machine in "${machines[@]}"; do
    power_off "$machine"
    start_machine "$machine"
done
assert_writing "${machines[@]}"
echo "seed $seed: $count rounds, $hits of them killed before the end"
