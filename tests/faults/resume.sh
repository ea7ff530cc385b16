#!/usr/bin/env bash
# A job that is killed goes on where it stopped: killed at random moments, some of them again while they go on, and each resumed.
# Every package is right, and all runs of a job together copy at most 1.1 of what one has to.
#
#   tests/faults/resume.sh REFPOINT
#
# REFPOINT_TEST_KILLS: how many jobs are killed (10); REFPOINT_TEST_SEED: the moments.
# shellcheck source-path=SCRIPTDIR source=../system/support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../system/support.bash"

to=$work/exports
seed=${REFPOINT_TEST_SEED:-$((RANDOM * 32768 + RANDOM))}
kills=${REFPOINT_TEST_KILLS:-10}
RANDOM=$((seed % 32768))
echo "seed $seed"

# Text and noise, in turn, with holes and zeroes: some of it can be compressed, and some windows hold little.
content() { # file, bytes: of both kinds
    head -c "$2" /dev/zero | openssl enc -aes-128-ctr -nosalt -K "$(printf %032x "$seed")" -iv "$(printf %032x 0)" >"$1"
    base64 -w 0 "$1" >"$1.text"
}
write() { # image, at, from, length
    head -c "$4" "$3" >"$work/piece"
    qemu-io -f qcow2 -c "write -q -s $work/piece $2 $4" "$1" >/dev/null
}
content "$work/noise" 4194304
disks="a b c"
for id in $disks; do
    image=$work/images/$id.qcow2
    qemu-img create -q -f qcow2 "$image" 32M
    write "$image" 0 "$work/noise" 4194304
    write "$image" 5242880 "$work/noise.text" 4718592
    write "$image" 16777216 "$work/noise.text" 3145728
    qemu-io -f qcow2 -c "write -q -P 0 12M 1M" -c "write -q -z 14M 2M" "$image" >/dev/null
done
ok machine add web --disk "vda=qcow2:$work/images/a.qcow2" --disk "vdb=qcow2:$work/images/b.qcow2" --disk "vdc=qcow2:$work/images/c.qcow2"
ok collection define shop --member web
ok point create shop --name p1
for id in $disks; do
    image=$work/images/$id.qcow2
    write "$image" 2097152 "$work/noise.text" 4194304
    write "$image" 22020096 "$work/noise" 2500096
    qemu-io -f qcow2 -c "write -q -z 17M 1M" -c "discard -q 1M 128k" "$image" >/dev/null
    qemu-img convert -q -f qcow2 -O raw "$image" "$work/$id.p2"
done
ok point create shop --name p2
ok export shop p1 --to "$to" --json
base=$(last .package)
ok job discard "$(last .job)"

copied_by() { # process: bytes that it has written
    sed -n 's/^wchar: //p' "/proc/$1/io"
}

right() { # package, what
    local file
    run package verify "$1"
    [ "$status" = 0 ] || fail "$2: $out"
    for id in $disks; do
        file=$(echo "$1/machines/web/vd$id".*)
        qemu-img compare -q -F raw "$file" "$work/$id.p2" || fail "$2: vd$id is not that of the point"
        [ "${file##*.}" = raw ] || qemu-img check -q "$file" || fail "$2: vd$id: qemu-img check"
    done
}

# One whole run of each kind: what it copies, and how long it takes.
kinds=("--format qcow2" "--format raw" "--compress zstd" "--base p1" "--base p1 --compress zstd" "--no-verify")
declare -A whole=() long=()
for kind in "${kinds[@]}"; do
    begun=${EPOCHREALTIME/./}
    # shellcheck disable=SC2086 # words
    ok export shop p2 --to "$to" --json $kind
    long[$kind]=$((${EPOCHREALTIME/./} - begun))
    whole[$kind]=$(last '[.disks[].bytes_total] | add')
    job=$(last .job)
    right "$(last .package)" "never killed: $kind"
    ok job discard "$job"
    find "$to" -mindepth 1 -maxdepth 1 ! -path "$base" -exec chmod -R u+w {} + -exec rm -r {} +
done

# kill_at MICROSECONDS: the process of $job; adds to $copied what it had written. false: it was over.
kill_at() {
    local runner written
    runner=$(runner_of "$job") || return 1
    read -r -t "$(printf '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000)))" <>"$work/never" || true
    kill -STOP "$runner" 2>/dev/null || return 1
    written=$(copied_by "$runner") || return 1
    kill -9 "$runner"
    copied=$((copied + written))
    killed=$((killed + 1))
}
mkfifo "$work/never"

all_copied=0 all_whole=0 killed=0 late=0 worst=0 kept=0
for ((n = 0; n < kills; n++)); do
    kind=${kinds[n % ${#kinds[@]}]}
    what="kill $n, $kind (seed $seed)"
    copied=0
    before=$killed
    # shellcheck disable=SC2086 # words
    ok export shop p2 --to "$to" --detach --json $kind
    job=$(last .job)
    kill_at $((RANDOM * 32768 % ${long[$kind]})) || late=$((late + 1))
    while [ "$killed" != "$before" ]; do
        run job attach "$job" --json # until nobody has its lock any more
        if [ "$(last .error_key)" != job.interrupted ]; then # it had said its outcome
            ok job show "$job" --json
            copied=$((copied - $(last '.bytes_done - .bytes_kept')))
            break
        fi
        before=$killed
        ok job resume "$job" --json
        if [ $((RANDOM % 3)) = 0 ]; then
            kill_at $((RANDOM * 32768 % ${long[$kind]})) || late=$((late + 1))
        fi
        [ "$killed" != "$before" ] || break
    done
    run job attach "$job" --json
    [ "$(last .job_state)" = 7 ] || [ "$(last '.job_state')" = 32768 ] || fail "$what: $out $err"
    right "$(last .package)" "$what"
    ok job show "$job" --json
    copied=$((copied + $(last '.bytes_done - .bytes_kept')))
    [ "$(last .bytes_kept)" = 0 ] || kept=$((kept + 1))
    [ "$(last .percent_complete)" = 100 ] || fail "$what: $out"
    all_copied=$((all_copied + copied))
    all_whole=$((all_whole + ${whole[$kind]}))
    share=$((copied * 1000 / ${whole[$kind]}))
    if [ "$share" -gt 1200 ]; then # of small images what was in flight counts
        echo "$what: $copied bytes copied, ${whole[$kind]} by one run"
        cat "$work/state/refpoint/jobs/$job/log"
    fi
    [ "$share" -le "$worst" ] || worst=$share
    ok job discard "$job"
    is "$(find "$to" -mindepth 1 -maxdepth 1 -name '.*')" "" "$what: left in the export directory"
    find "$to" -mindepth 1 -maxdepth 1 ! -path "$base" -exec chmod -R u+w {} + -exec rm -r {} +
done
ok store check
echo "$kills jobs, killed $killed times, $late times too late; $kept went on with what was there; all packages right"
echo "copied: $((all_copied * 1000 / all_whole)) thousandths of what one run each copies; the worst job $worst"
[ $((all_copied * 10)) -le $((all_whole * 11)) ] || fail "more than 1.1 of one run was copied"
