#!/usr/bin/env bash
# What a job promises while it is killed, while files cannot be written, and while bits turn, at every call in turn.
#
#   tests/faults/run.sh REFPOINT
#
# Counts on its last lines what it has tried. Every call that changes a file is one place, and each is tried with kill -9 (the job is
# discarded, or goes on, or is killed again while it does), with EIO, and with ENOSPC that goes away (the job is suspended and let go on). REFPOINT_TEST_STEPS=all tries all of them, else every
# twenty-fifth, beginning with one that REFPOINT_TEST_SEED says. REFPOINT_TEST_FLIPS: how many bits are turned (30).
# shellcheck source-path=SCRIPTDIR source=../system/support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../system/support.bash"

inject=$(dirname "$refpoint")/tests/libinject.so
to=$work/exports
seed=${REFPOINT_TEST_SEED:-$((RANDOM * 32768 + RANDOM))}
stride=25
[ "${REFPOINT_TEST_STEPS-}" != all ] || stride=1
flips=${REFPOINT_TEST_FLIPS:-30}
RANDOM=$((seed % 32768))
echo "seed $seed"

for id in a b; do
    qemu-img create -q -f qcow2 "$work/images/$id.qcow2" 4M
    qemu-io -f qcow2 -c "write -q -P 7 0 1M" -c "write -q -P 3 2M 200k" "$work/images/$id.qcow2" >/dev/null
done
ok machine add web --disk "vda=qcow2:$work/images/a.qcow2" --disk "vdb=qcow2:$work/images/b.qcow2"
ok collection define shop --member web
ok point create shop --name p1
for id in a b; do
    qemu-io -f qcow2 -c "write -q -P 9 64k 100k" -c "write -q -z 2M 64k" -c "discard -q 512k 64k" "$work/images/$id.qcow2" >/dev/null
    qemu-img convert -q -f qcow2 -O raw "$work/images/$id.qcow2" "$work/$id.p2"
done
ok point create shop --name p2
ok export shop p1 --to "$to" --json
base=$(last .package)
ok job discard "$(last .job)"
untouched=$(fingerprint "$base")
mkdir -m 700 "$work/runtime" # where a socket has its name for an instant, when it cannot have it with the job
export XDG_RUNTIME_DIR=$work/runtime
truncate -s 8 "$work/count"

calls() { od -An -t u8 "$work/count" | tr -d ' '; }
packages() { find "$to" -mindepth 1 -maxdepth 1 -name 'shop-*' ! -path "$base"; }

# The process of a job, and what it had started, by what they have in their environment.
nobody_is_left() { # what
    local environ
    for environ in /proc/[0-9]*/environ; do
        if [ "${environ#/proc/}" != "$$/environ" ] && grep -qzF "REFPOINT_FAULT_COUNT=$work/count" "$environ" 2>/dev/null; then
            # It may be on its way out.
            local process=${environ#/proc/}
            timeout 10 tail --pid="${process%/environ}" -f /dev/null || fail "$1: process ${process%/environ} is left: $(tr '\0' ' ' <"/proc/${process%/environ}/cmdline")"
        fi
    done
}

right_package() { # package, what
    local id
    run package verify "$1"
    [ "$status" = 0 ] || fail "$2: a package that is not whole has its name: $out"
    for id in a b; do
        qemu-img compare -q -F raw "$1/machines/web/vd$id.qcow2" "$work/$id.p2" || fail "$2: vd$id is not that of the point"
    done
}

# Whatever happened: what has its name is right, the job tells the truth of it, and what is forgotten leaves nothing.
nothing_is_wrong() { # what
    local found there
    found=$(packages)
    ok job show "$job" --json
    there=$(last '.package // ""')
    is "$there" "$found" "$1: the package by the job, and what is there"
    state=$(last .job_state)
    case $state in
    7) [ -n "$found" ] || fail "$1: completed without a package" ;;
    10) [ "$(last .error_code)" != 0 ] || fail "$1: failed without a code" ;;
    *) fail "$1: state $state: $out" ;;
    esac
    [ -z "$found" ] || right_package "$found" "$1"
    nobody_is_left "$1"
    ok job discard "$job"
    is "$(find "$to" -mindepth 1 -maxdepth 1 ! -path "$base" ! -path "$found")" "" "$1: left in the export directory"
    is "$(find "$work/state/refpoint/jobs" -mindepth 1)" "" "$1: left among the jobs"
    is "$(find "$work/state/refpoint/sockets" -mindepth 1 2>/dev/null)" "" "$1: sockets left"
    is "$(find "$work/runtime" -mindepth 1)" "" "$1: directories of sockets left"
    if [ -n "$found" ]; then
        chmod -R u+w "$found"
        rm -r "$found"
    fi
}

# start WORDS...: an export whose process is under the fault; its id in $job, "" where it was refused.
start() { # fault
    : >"$work/count"
    truncate -s 8 "$work/count"
    status=0
    out=$(LD_PRELOAD=$inject REFPOINT_FAULT_COUNT=$work/count REFPOINT_FAULT=$1 timeout 60 "$refpoint" export shop p2 --to "$to" --base p1 --detach --json 2>"$work/stderr") || status=$?
    job=$(last '.job // ""')
    [ "$status" = 0 ] || [ -z "$job" ] || fail "$1: $out"
}
follow() { run job attach "$job" --json; }

refused_cleanly() { # what
    is "$(find "$to" -mindepth 1 -maxdepth 1 ! -path "$base")" "" "$1: left by an export that was refused"
    is "$(find "$work/state/refpoint/jobs" -mindepth 1)" "" "$1: left among the jobs by one that was refused"
    nobody_is_left "$1"
}

start 0:none
[ -n "$job" ] || fail "$(cat "$work/stderr")"
follow
nothing_is_wrong "without a fault"
count=$(calls)
[ "$count" -gt 50 ] || fail "only $count calls were seen: nothing stands before them"
echo "$count calls change a file"

declare -A tried=() ended=()
each() { # name, fault, function to follow with
    local n
    for ((n = 1 + seed % stride; n <= count; n += stride)); do
        start "$n:$2"
        tried[$1]=$((${tried[$1]:-0} + 1))
        if [ -z "$job" ]; then
            refused_cleanly "$1 at call $n"
            continue
        fi
        "$3"
        nothing_is_wrong "$1 at call $n"
        ended[$1:$state]=$((${ended[$1:$state]:-0} + 1))
    done
}

# Whatever a killed job was at, it goes on and comes to its end.
go_on() {
    follow
    if [ "$(last .error_key)" = job.interrupted ]; then
        ok job resume "$job"
        follow
    fi
    is "$(last .job_state)" 7 "a job that was killed and went on: $out"
}
# Killed in the middle, and again while it goes on, this time by its own calls.
middle=$((count / 2))
go_on_under_it() { # fault
    : >"$work/count"
    truncate -s 8 "$work/count"
    LD_PRELOAD=$inject REFPOINT_FAULT_COUNT=$work/count REFPOINT_FAULT=$1 timeout 60 "$refpoint" job resume "$job" >"$work/stdout" 2>"$work/stderr" || true
    go_on
}
each_again() {
    local n
    for ((n = 1 + seed % stride; n <= count; n += stride)); do
        start "$middle:kill"
        follow
        is "$(last .error_key)" job.interrupted "killed at call $middle"
        tried[$1]=$((${tried[$1]:-0} + 1))
        go_on_under_it "$n:kill"
        nothing_is_wrong "$1 at call $n"
        ended[$1:$state]=$((${ended[$1:$state]:-0} + 1))
    done
}

mkdir -p "$XDG_CONFIG_HOME/refpoint"
each "kill -9" kill follow
each "kill -9, and on" kill go_on
each_again "kill -9 while it goes on, and on"
echo 'suspend_minutes = 0;' >"$XDG_CONFIG_HOME/refpoint/refpoint.cfg"
each "EIO" "fail:5" follow
each "ENOSPC from then on" "fail-on:28" follow
rm "$XDG_CONFIG_HOME/refpoint/refpoint.cfg"

suspended=0
until_over() {
    local last_state=0
    while ok job show "$job" --json; do
        last_state=$(last .job_state)
        case $last_state in
        5)
            suspended=$((suspended + 1))
            run job resume "$job"
            ;;
        7 | 8 | 9 | 10 | 32768) break ;;
        esac
    done
}
each "ENOSPC, and room is made" "fail:28" until_over
is "$(fingerprint "$base")" "$untouched" "the base"
ok store check

# Bits that turn anywhere in a chain of packages, with every time put back: verifying the top finds each.
ok export shop p2 --to "$to" --base p1 --json
top=$(last .package)
chmod -R u+w "$base" "$top"
mapfile -t files < <(find "$base" "$top" -type f -size +0 | sort)
for ((i = 0; i < flips; i++)); do
    file=${files[RANDOM % ${#files[@]}]}
    size=$(stat -c %s "$file")
    at=$(((RANDOM * 32768 + RANDOM) % size))
    bit=$((1 << RANDOM % 8))
    byte=$(od -An -t u1 -j "$at" -N 1 "$file" | tr -d ' ')
    turn() { printf '%b' "\\x$(printf %x "$1")" | dd of="$file" bs=1 seek="$at" conv=notrunc status=none; }
    time=$(stat -c %y "$file")
    turn $((byte ^ bit))
    touch -d "$time" "$file"
    run package verify "$top"
    [ "$status" = 1 ] || fail "a bit at $at of ${file#"$to/"} (seed $seed) was not found: $out $err"
    turn "$byte"
    touch -d "$time" "$file"
done
ok package verify "$top"

for name in "kill -9" "kill -9, and on" "kill -9 while it goes on, and on" EIO "ENOSPC from then on" "ENOSPC, and room is made"; do
    echo "$name: ${tried[$name]} tried; ${ended[$name:7]:-0} completed, ${ended[$name:10]:-0} ended as failed or interrupted, nothing wrong"
done
echo "suspended and let go on: $suspended times"
echo "bits turned and found: $flips"
