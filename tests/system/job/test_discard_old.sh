#!/usr/bin/env bash
# Records of jobs that ended long ago: forgotten when asked, by the setting when a job is started, and never one that runs or
# that can be gone on with unless that is said.
# shellcheck source-path=SCRIPTDIR source=../support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../support.bash"
jobs=$work/state/refpoint/jobs

image "$work/images/a.qcow2" 8M 1
ok machine add one --disk "vda=qcow2:$work/images/a.qcow2"
ok collection define c --member one
ok point create c --name p
ok export c p --to "$work/exports" --json
done_job=$(last .job)

# It ended so many days ago, as far as its files say.
age() { # job, days
    local moment file
    moment=$(date -u -d "$2 days ago" +%Y-%m-%dT%H:%M:%S)
    for file in outcome progress; do
        [ -f "$jobs/$1/$file" ] && sed -i -E "s/\"time_of_last_state_change\":\"[0-9T:-]{19}/\"time_of_last_state_change\":\"$moment/" "$jobs/$1/$file"
    done
    find "$jobs/$1" -exec touch -d "$2 days ago" {} +
}

another() { # days: a copy of the job's record under an id of its own; its id in $copy
    copy=$(tr a-f A-F </proc/sys/kernel/random/uuid)
    [[ $done_job == *[A-F]* ]] || copy=${copy,,}
    cp -r "$jobs/$done_job" "$jobs/$copy"
    sed -i "s/$done_job/$copy/g" "$jobs/$copy"/{request,outcome,progress}
    age "$copy" "$1"
}
another 40
old=$copy
another 20
young=$copy
another 50
interrupted=$copy
rm "$jobs/$interrupted/outcome"
ok job show "$interrupted" --json
is "$(last .error_key)" job.interrupted
ids() { jq -sc 'map(.job) | sort' <<<"$out"; }
sorted() { printf '%s\n' "$@" | sort | jq -Rsc 'split("\n")[:-1] | sort'; }

refused 32773 job discard
refused 32773 job discard "$old" --older-than 30d
refused 32773 job discard "$old" --dry-run
refused 32773 job discard "$old" --interrupted
for age in 30 d30 30m 0d -1d "30 d"; do refused 32773 job discard --older-than "$age"; done
[[ $err == *"12h, 30d, 8w"* ]] || fail "what an age is: $err"

# Looked at, nothing goes.
ok job discard --older-than 30d --dry-run --json
is "$(last '[.discarded, .jobs, .dry_run, .interrupted_left] | @json')" "[1,[\"$old\"],true,1]"
ok job discard --older-than 30d --dry-run
[[ $out == *"$old"*"1 job that ended longer than 30d ago would be forgotten; nothing was changed"* ]] || fail "$out"
ok job discard --older-than 60d
[[ $out == *"no job ended longer than 60d ago"* ]] || fail "$out"
ok job list --json
is "$(ids)" "$(sorted "$done_job" "$old" "$young" "$interrupted")"

# One that runs stays whatever its age is said to be.
hold 'check *.partial/*'
ok export c p --to "$work/exports" --detach --json
running=$(last .job)
ok job discard --older-than 30d --json
is "$(last '[.discarded, .jobs, .dry_run, .interrupted_left] | @json')" "[1,[\"$old\"],false,1]"
age "$running" 400
ok job discard --older-than 4w --interrupted --json
is "$(last '[.jobs, .interrupted_left] | @json')" "[[\"$interrupted\"],0]"
let_go
ok job attach "$running"
ok job list --json
is "$(ids)" "$(sorted "$done_job" "$young" "$running")"

# The setting: 90 days where nothing else is said, when the next job is started.
another 400
ancient=$copy
another 80
kept=$copy
another 200
stays=$copy
rm "$jobs/$stays/outcome"
touch -d "200 days ago" "$jobs/$stays"
ok export c p --to "$work/exports"
ok job list --json
case $out in *"$ancient"*) fail "a job of 400 days ago is still there" ;; esac
case $out in *"$kept"*"$stays"* | *"$stays"*"$kept"*) ;; *) fail "what must stay: $out" ;; esac
mkdir -p "$work/config/refpoint"
echo 'keep_jobs_days = 0;' >"$work/config/refpoint/refpoint.cfg"
another 5000
ok export c p --to "$work/exports"
ok job show "$copy"
echo 'keep_jobs_days = 30;' >"$work/config/refpoint/refpoint.cfg"
ok export c p --to "$work/exports"
refused 32773 job show "$copy"
refused 32773 job show "$kept"
ok job show "$young"
