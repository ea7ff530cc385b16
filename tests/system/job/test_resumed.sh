#!/usr/bin/env bash
# What a killed job goes on with, and what it does not: a file of the point that is another one, another base, a partial that was
# tampered with or is gone, another job's, an export without a journal. Refused, the job is as it was, and --anew begins again.
# shellcheck source-path=SCRIPTDIR source=../support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../support.bash"

to=$work/exports
base=
for id in a b; do
    qemu-img create -q -f raw "$work/$id.raw" 12M
    dd if=/dev/urandom of="$work/$id.raw" bs=1M count=9 conv=notrunc status=none
    qemu-img convert -q -O qcow2 "$work/$id.raw" "$work/images/$id.qcow2"
done
ok machine add web --disk "vda=qcow2:$work/images/a.qcow2" --disk "vdb=qcow2:$work/images/b.qcow2"
ok collection define shop --member web
ok point create shop --name p1
qemu-io -f qcow2 -c "write -q -P 5 1M 5M" "$work/images/a.qcow2" >/dev/null
qemu-io -f qcow2 -c "write -q -P 6 2M 5M" "$work/images/b.qcow2" >/dev/null
for id in a b; do qemu-img convert -q -f qcow2 -O raw "$work/images/$id.qcow2" "$work/$id.p2"; done
ok point create shop --name p2

# An export that is killed when it has copied something; its id in $job.
interrupted() { # words of the export
    local line
    ok export shop p2 --to "$to" --detach --json --rate 20M "$@"
    job=$(last .job)
    while read -r line; do
        jq -e '.bytes_done > 3000000' <<<"$line" >/dev/null && break
    done < <("$refpoint" job attach "$job" --json 2>/dev/null)
    kill -9 "$(runner_of "$job")"
    run job attach "$job" --json
    is "$(last .error_key)" job.interrupted "$out"
    partial=$(find "$to" -name '.*.partial')
    [ -d "$partial" ] || fail "no partial, or several: $partial"
}
goes_on() { # words of job resume
    ok job resume "$job" "$@" --json
    is "$(last .job)" "$job"
    run job attach "$job" --json
    is "$(last .job_state)" 7 "$out"
    package=$(last .package)
    ok package verify "$package"
    for id in a b; do
        qemu-img compare -q -F raw "$package"/machines/web/vd$id.* "$work/$id.p2" || fail "vd$id is not that of the point"
    done
}
is_as_it_was() { # what
    ok job show "$job" --json
    is "$(last '[.job_state, .error_key] | @json')" '[10,"job.interrupted"]' "$1"
    [ -d "$partial" ] || fail "$1: the partial is gone"
}
kept() {
    ok job show "$job" --json
    last .bytes_kept
}
clear_away() {
    ok job discard "$job"
    is "$(find "$to" -mindepth 1 -maxdepth 1 -name '.*')" "" "left in the export directory"
    find "$to" -mindepth 1 -maxdepth 1 ! -path "${base:-none}" -exec chmod -R u+w {} + -exec rm -r {} +
}

# On a screen and in lists it says what to do; then it goes on under its own id, and copies the rest.
interrupted
ok job show "$job"
[[ $out == *"job resume ${job:0:8}"*"goes on where it stopped"* ]] || fail "$out"
ok package list "$to"
[[ $err == *"${partial##*/} is unfinished: \`refpoint job resume ${job:0:8}\`"* ]] || fail "$err"
ok job resume "${job:0:8}"
is "$out" "job $job goes on where it stopped; \`refpoint job attach ${job:0:8}\` follows it"
refused 32775 job discard "$job"
run job resume "$job" # running, or over by now
is "$status" 2 "a job that runs is not resumed: $err"
run job attach "$job" --json
is "$(last .job_state)" 7 "$out"
[ "$(last '[.disks[].bytes_kept] | add')" -ge 2000000 ] || fail "nothing was kept: $out"
is "$(grep -c 'the plan is that of the check' "$work/state/refpoint/jobs/$job/log")" 2 "planned once by each process"
refused 32775 job resume "$job"
refused 32775 job resume "$job" --anew
clear_away

# Two at once: one goes on, and the other is told so.
interrupted
"$refpoint" job resume "$job" >"$work/one" 2>&1 & first=$!
"$refpoint" job resume "$job" >"$work/two" 2>&1 & second=$!
won=0
for process in $first $second; do if wait "$process"; then won=$((won + 1)); fi; done
is "$won" 1 "of two that let it go on at once: $(cat "$work/one" "$work/two")"
run job attach "$job" --json
is "$(last .job_state)" 7 "$out"
clear_away

# From the beginning: nothing is kept.
interrupted --format raw
goes_on --anew
is "$(kept)" 0 "kept by a job that began again"
clear_away

# What is there is proven, not believed: a byte that turned, a file that is cut or gone, records that are gone or another's.
turn() { printf '\xff' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
for format in qcow2 raw zstd; do
    words="--format $format"
    [ $format != zstd ] || words="--compress zstd"
    for damage in byte cut gone digests emptied swapped; do
        # shellcheck disable=SC2086 # words
        interrupted $words
        disk=$(find "$partial" -name 'vda.*')
        ledger=${partial%.partial}.ledger
        case $damage in
        byte) turn "$disk" 1500000 && turn "$disk" 700000 ;;
        cut) truncate -s 1000000 "$disk" ;;
        gone) rm "$disk" ;;
        digests) rm "$ledger"/*.digests ;;
        emptied) : >"$ledger/0.digests" ;;
        swapped) mv "$ledger/0.digests" "$ledger/x" && mv "$ledger/1.digests" "$ledger/0.digests" && mv "$ledger/x" "$ledger/1.digests" ;;
        esac
        goes_on
        clear_away
    done
done

# A partial in which somebody else was at work, or that is gone.
interrupted
disk=$(find "$partial" -name 'vda.*')
mv "$disk" "$work/moved"
ln -s "$work/moved" "$disk"
before=$(openssl dgst -r -sha256 "$work/moved")
run job resume "$job"
run job attach "$job" --json
is "$(last .job_state)" 10 "a link in the place of a disk"
is "$(openssl dgst -r -sha256 "$work/moved")" "$before" "what a planted link led to"
ok job discard "$job"
find "$to" -mindepth 1 -delete
interrupted
rm -r "$partial"
goes_on
is "$(kept)" 0 "kept by a job whose partial is gone"
clear_away

# The first process of a system ends all others when that goes down: nobody has cancelled anything.
inside=("$refpoint" export shop p2 --to "$to" --detach --json --rate 6M)
# shellcheck disable=SC2016 # for the shell inside
if unshare --pid --fork --mount-proc true 2>/dev/null; then
    timeout 60 unshare --pid --fork --mount-proc bash -c '
        job=$("$@" | jq -r .job)
        until "$1" job show "$job" --json | jq -e ".bytes_done > 0" >/dev/null; do :; done
        kill -TERM "$(pgrep -f -- "--runner .* $job")"
        "$1" job attach "$job" >/dev/null 2>&1
        true' bash "${inside[@]}"
    ok job list --json
    is "$(last '[.job_state, .error_key] | @json')" '[10,"job.interrupted"]' "ended by the system: $out"
    job=$(last .job)
    goes_on
    [ "$(kept)" -gt 0 ] || fail "nothing was kept"
    clear_away
fi

# The base package is another one than it began with.
base=
ok export shop p1 --to "$to" --json
base=$(last .package)
interrupted --base p1
ok export shop p1 --to "$work" --json
other=$(last .package)
chmod -R u+w "$base" && mv "$base" "$work/away"
refused 32773 job resume "$job"
is_as_it_was "refused: its base is gone"
mv "$other" "$to"
refused 32775 job resume "$job"
[[ $err == *"is not the one that this export began with"*"job resume --anew"* ]] || fail "$err"
is_as_it_was "refused: another base"
mv "$work/away" "$base"
rm -rf "${to:?}/${other##*/}"
goes_on
[ "$(kept)" -gt 0 ] || fail "nothing was kept"
clear_away
rm -rf "$base"
base=

# A layer is another file: refused, and nothing is lost by asking; also when the store has been told to take it.
interrupted
layer=$(find "$work/images" -name 'a.refpoint-*' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2)
cp -p "$layer" "$work/layer"
rm -f "$layer"
cp -p "$work/layer" "$layer"
refused 32775 job resume "$job"
is_as_it_was "refused: a layer is another file"
ok store adopt --unproven
refused 32775 job resume "$job"
[[ $err == *"not what they were when it began"*"job resume --anew"* ]] || fail "$err"
is_as_it_was "refused: another layer was adopted"
goes_on --anew
is "$(kept)" 0 "kept by a job that began again"
clear_away

# The look at what is left takes as long as it takes, says so, and can be ended: the job is as it was, at once.
interrupted
hold '*' qemu-nbd
"$refpoint" job resume "$job" >"$work/said" 2>&1 & looking=$!
until [ -e "$work/held" ]; do :; done
until grep -q "Ctrl-C ends that" "$work/said"; do :; done
kill -TERM "$looking" # a shell's background command is deaf to Ctrl-C
status=0
wait "$looking" || status=$?
is "$status" 130 "exit status of a check that was cancelled: $(cat "$work/said")"
let_go
is_as_it_was "cancelled while it looked"
goes_on
clear_away
echo "resumed jobs: all as it should be"
