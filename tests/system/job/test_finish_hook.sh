#!/usr/bin/env bash
# The command of the setting finish_hook is run once when a job has ended, however it ended, with the outcome in its environment;
# what becomes of it is in the job's log and changes nothing of the job.
# shellcheck source-path=SCRIPTDIR source=../support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../support.bash"

to=$work/exports
image "$work/images/a.qcow2" 16M 7
ok machine add web --disk "vda=qcow2:$work/images/a.qcow2"
ok collection define 'sh"op' --member web
ok point create 'sh"op' --name p1
mkdir -p "$XDG_CONFIG_HOME/refpoint"
hook() { # command
    printf 'finish_hook = "%s";\n' "${1//\"/\\\"}" >"$XDG_CONFIG_HOME/refpoint/refpoint.cfg"
}
ended() { # until the job's process is over: the hook is its last word
    local runner
    while runner=$(runner_of "$1"); do timeout 60 tail -s 0.05 --pid="$runner" -f /dev/null; done
}
log_of() { cat "$work/state/refpoint/jobs/$1/log"; }

hook "env | grep '^REFPOINT_' | sort >>'$work/told'; echo once >>'$work/times'"
ok export 'sh"op' p1 --to "$to" --json
job=$(last .job)
package=$(last .package)
sum=$(last .package_sum)
ended "$job"
is "$(cat "$work/times")" once "how often it was run"
for line in "REFPOINT_JOB=$job" REFPOINT_KIND=export REFPOINT_JOB_STATE=7 REFPOINT_STATE=Completed REFPOINT_ERROR_CODE=0 \
    REFPOINT_ERROR= 'REFPOINT_COLLECTION=sh"op' REFPOINT_POINT=p1 "REFPOINT_DIRECTORY=$to" "REFPOINT_PACKAGE=$package" \
    "REFPOINT_PACKAGE_SUM=$sum" REFPOINT_VERIFIED=yes; do
    grep -qxF "$line" "$work/told" || fail "not told: $line in $(cat "$work/told")"
done
[[ $(log_of "$job") == *"the finish hook was run"* ]] || fail "$(log_of "$job")"

# A job that was cancelled, and another kind of job.
rm "$work/told"
ok export 'sh"op' p1 --to "$to" --rate 64K --detach --json
job=$(last .job)
ok job cancel "$job"
ended "$job"
grep -qx REFPOINT_JOB_STATE=8 "$work/told" || fail "$(cat "$work/told")"
grep -qx REFPOINT_PACKAGE= "$work/told" || fail "$(cat "$work/told")"
rm "$work/told"
ok package verify "$package" --job --json
ended "$(last .job)"
grep -qx REFPOINT_KIND=verify "$work/told" || fail "$(cat "$work/told")"

# One that fails, and one that does not exist: said in the log.
hook "echo no mail today >&2; exit 3"
ok export 'sh"op' p1 --to "$to" --json
job=$(last .job)
is "$(last .job_state)" 7
ended "$job"
[[ $(log_of "$job") == *"the finish hook failed:"*"no mail today"* ]] || fail "$(log_of "$job")"
ok job show "$job" --json
is "$(last .job_state)" 7 "a job whose hook failed"
hook "$work/nowhere"
ok export 'sh"op' p1 --to "$to" --json
ended "$(last .job)"
[[ $(log_of "$(last .job)") == *"the finish hook failed:"*"nowhere"* ]] || fail "$(log_of "$(last .job)")"
echo "the finish hook: all as it should be"
