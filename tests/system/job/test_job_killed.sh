#!/usr/bin/env bash
# A runner killed in the middle of a real export: the job reads as interrupted, nothing has a final name, no child of it
# lives on, and the same export then works.
# shellcheck source-path=SCRIPTDIR source=../support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../support.bash"

to=$work/exports
image "$work/images/a.qcow2" 16M 7
# A part of it is compressed, which QEMU reads.
qemu-io -f qcow2 -c "write -q -P 9 0 11M" -c "write -q -c -P 8 12M 64k" "$work/images/a.qcow2" >/dev/null
ok machine add web01 --disk "vda=qcow2:$work/images/a.qcow2"
ok collection define shop --member web01
qemu-img convert -q -f qcow2 -O raw "$work/images/a.qcow2" "$work/copy"
ok point create shop --name p1

wait_until() { # jq condition on the progress lines of $job; no line: the job is over
    local line
    while read -r line; do
        if jq -e "$1" <<<"$line" >/dev/null; then return; fi
    done < <("$refpoint" job attach "$job" --json 2>/dev/null)
    fail "the job never came to $1"
}

for moment in start copy; do
    ok export shop p1 --to "$to" --rate 64K --detach --json
    job=$(last .job)
    if [ "$moment" = copy ]; then wait_until '.bytes_done > 0'; fi
    runner=$(runner_of "$job")
    [[ $(ps -o args= -p "$runner") == "refpoint: job ${job:0:4} "* ]] || fail "in ps: $(ps -o args= -p "$runner")"
    is "$(ps -o comm= -p "$runner")" "refpoint: ${job:0:4}" "the job's process in top"
    session=$(ps -o sid= -p "$runner" | tr -d ' ') # a runner has one of its own
    [ "$moment" = start ] || pgrep -P "$runner" qemu-nbd >/dev/null || fail "no qemu-nbd while copying"
    kill -9 "$runner"
    run job attach "$job" --json
    is "$status" 1 "exit status of following a killed job"
    is "$(last '[.job_state, .error_code, .error_key, .package] | @json')" '[10,32768,"job.interrupted",null]'
    # Whatever it had started ends with it, also what it was just starting.
    while pgrep --session "$session" --runstates D,I,R,S,T,t >/dev/null; do :; done
    is "$(find "$to" -mindepth 1 -maxdepth 1 ! -name '.*.partial' ! -name '.*.ledger')" "" "under a final name after kill -9 ($moment)"
    run job cancel "$job"
    is "$status" 2 "cancelling a job that is over"
    # Forgetting a job takes what it had begun with it.
    ok job discard "$job" --json
    [ "$moment" = start ] || is "$(last .partials_removed)" 1 "unfinished packages that went with the job"
    is "$(find "$to" -mindepth 1)" "" "left after the job was discarded ($moment)"
done

# Nobody can reach a job whose journal is gone: it ends by itself, with all that it had started, and leaves nothing.
for state in running paused; do
    ok export shop p1 --to "$to" --rate 64K --detach --json
    job=$(last .job)
    wait_until '.bytes_done > 0'
    runner=$(runner_of "$job")
    session=$(ps -o sid= -p "$runner" | tr -d ' ')
    if [ "$state" = paused ]; then
        ok job pause "$job"
        until ok job show "$job" --json && [ "$(last .job_state)" = 5 ]; do :; done
    fi
    until rm -rf "$work/state/refpoint/jobs"; do :; done
    while pgrep --session "$session" --runstates D,I,R,S,T,t >/dev/null; do :; done
    is "$(find "$to" -mindepth 1)" "" "left by a job whose journal was removed ($state)"
done

# What a job that runs is making stays when a dead one beside it is forgotten.
for n in 1 2; do
    ok export shop p1 --to "$to" --rate 64K --detach --json
    job=$(last .job)
    wait_until '.bytes_done > 0'
    if [ "$n" = 1 ]; then dead=$job; fi
done
is "$(find "$to" -mindepth 1 -maxdepth 1 -name '.*.partial' | wc -l)" 2 "unfinished packages of two jobs"
kill -9 "$(runner_of "$dead")"
run job attach "$dead"
ok job discard "$dead" --json
is "$(last .partials_removed)" 1 "unfinished packages that went with the dead job"
is "$(find "$to" -mindepth 1 -maxdepth 1 -name '.*.partial' | wc -l)" 1 "unfinished packages while a job runs"
kill -9 "$(runner_of "$job")"
run job attach "$job"
interrupted=$job

# Killed when the package has its name and nobody was told yet: the outcome cannot be written meanwhile. Whoever asks then is
# told that it is there and what is proven of it; once it is somewhere else, that it is not there.
ok export shop p1 --to "$to" --rate 4M --detach --json
job=$(last .job)
runner=$(runner_of "$job")
mkdir -p "$work/state/refpoint/jobs/$job/outcome/full"
while ! find "$to" -mindepth 1 -maxdepth 1 -name 'shop-*' | grep -q .; do :; done
kill -9 "$runner"
run job attach "$job" --json
rm -r "$work/state/refpoint/jobs/$job/outcome"
package=$(find "$to" -mindepth 1 -maxdepth 1 -name 'shop-*')
for asked in "job show $job" "job list"; do
    # shellcheck disable=SC2086 # words
    ok $asked --json
    is "$(jq -c "select(.job == \"$job\") | [.job_state, .error_code, .error_key, .package]" <<<"$out")" \
        "[10,32768,\"job.interrupted\",\"$package\"]" "$asked of a job killed behind the rename"
done
ok job show "$job"
[[ $out == *"the package is there: $package; by its record it was verified"* ]] || fail "$out"
ok package verify "$package"
mv "$package" "$work/elsewhere"
ok job show "$job" --json
is "$(last '.package')" null
[[ $(last .error) == *"at its path $package there is no package"* ]] || fail "$out"
mv "$work/elsewhere" "$package"
ok job discard "$job"
ok package verify "$package"
chmod -R u+w "$package"
rm -r "$package"

# Another export is not in the way of what the dead one left, and leaves it alone as long as its job can go on with it.
ok export shop p1 --to "$to" --json
package=$(last .package)
ok package verify "$package"
qemu-img compare -q -F raw "$package"/machines/*/*.qcow2 "$work/copy" || fail "the package differs from its copy"
is "$(find "$to" -mindepth 1 -maxdepth 1 -name '.*.partial' | wc -l)" 1 "what a job can go on with, after another export"
ok job discard "$interrupted" --json
is "$(last .partials_removed)" 1 "unfinished packages that went with the job"
is "$(find "$to" -mindepth 1 -maxdepth 1)" "$package" "in the export directory"
ok store check
# The point is not pinned by the dead.
ok point destroy shop p1
qemu-img compare -q -F raw "$work/images/a.qcow2" "$work/copy" || fail "the image differs from its copy"
echo "killed jobs: all as it should be"
