#!/usr/bin/env bash
# package verify --job: the same verdict as without a job, in a process of its own that is followed, paused, cancelled and killed
# as an export's is; and a killed one says that it was a verification.
# shellcheck source-path=SCRIPTDIR source=../support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../support.bash"

image "$work/images/a.qcow2" 16M 7
ok machine add web01 --disk "vda=qcow2:$work/images/a.qcow2"
ok collection define shop --member web01
ok point create shop --name p1
qemu-io -f qcow2 -c "write -q -P 9 1M 3M" "$work/images/a.qcow2" >/dev/null
ok point create shop --name p2
mkdir "$work/bases"
ok export shop p1 --to "$work/bases" --json
base=$(last .package)
ok export shop p2 --base p1 --base-package "$work/bases" --to "$work/exports" --json
package=$(last .package)
before=$(fingerprint "$package")

# Whole; with the base where it was said to be, and a word when it is nowhere.
ok package verify "$package" --job --base-package "$work/bases" --json
is "$(last '[.event, .return_value, .job_state, .ok, .problems, .package] | tojson')" \
    "[\"finished\",4096,7,true,[],\"$package\"]" "the end of a whole package's verification"
is "$(head -n 1 <<<"$out" | jq -r .event)" progress
job=$(last .job)
ok job show "$job" --json
is "$(last '[.class, .kind, .verified, .collection, .point, .package] | tojson')" \
    "[\"Msvm_ConcreteJob\",\"verify\",true,\"shop\",\"p2\",\"$package\"]" "the job of a verification"
ok package verify "$base" --job
[[ $out == *"$base is whole"* ]] || fail "text of a whole package: $out"

# What it has proven is remembered, as without a job: a copy is another package until then.
cp -a "$base" "$work/copy"
known=$(find "$XDG_STATE_HOME/refpoint/verified" -type f | wc -l)
ok package verify "$work/copy" --job
is "$(find "$XDG_STATE_HOME/refpoint/verified" -type f | wc -l)" "$((known + 1))" "packages that are remembered as whole"

# The verdict is that of the command without a job, sentence by sentence.
cp -a "$base" "$work/damaged"
chmod -R u+w "$work/damaged"
printf x | dd of="$work/damaged/machines/web01/vda.qcow2" bs=1 seek=400000 conv=notrunc status=none
rm "$work/damaged/machines/web01/machine.cfg"
run package verify "$work/damaged" --json
is "$status" 1
problems=$(last '.problems | tojson')
run package verify "$work/damaged" --job --json
is "$status" 1 "exit status with a damaged package"
is "$(last '.problems | tojson')" "$problems" "problems with and without a job"
is "$(last '[.job_state, .error_key, .ok] | tojson')" '[10,"package.not-whole",false]'
job=$(last .job)
ok job show "$job" --json
is "$(last '.findings | tojson')" "$problems" "what the journal keeps"
run job attach "$job" --json
is "$(last '.problems | tojson')" "$problems" "who looks later is told the same"

# What cannot be looked at is refused, and no job is made.
jobs_before=$(ok job list && wc -l <<<"$out")
refused 32779 package verify "$work/nothing" --job
is "$(ok job list && wc -l <<<"$out")" "$jobs_before" "jobs after a refusal"

# Held while QEMU checks the image: paused, let go on, cancelled.
hold 'check *'
start() {
    rm -f "$work/held"
    ok package verify "$base" --detach --json
    is "$(last '[.event, .return_value] | tojson')" '["started",4096]'
    job=$(last .job)
    until [ -e "$work/held" ]; do :; done
}
state() { ok job show "$job" --json && last .job_state; }
start
is "$(state)" 4 "state while it runs"
ok job pause "$job"
is "$(state)" 5 "state when paused"
ok job pause "$job"
is "$(state)" 4 "state when it goes on"
ok job cancel "$job"
run job attach "$job" --json
is "$status" 130 "exit status of following a cancelled verification"
is "$(last '[.job_state, .ok] | tojson')" '[8,null]' "a cancelled verification has no verdict"

# Killed: interrupted, as what it was; forgetting it touches nothing.
start
kill -9 "$(runner_of "$job")"
run job attach "$job" --json
is "$(last '[.job_state, .error_key, .ok] | tojson')" '[10,"job.interrupted",null]'
[[ $(last .error) == "the verification of $base was interrupted"* ]] || fail "said of a killed verification: $out"
let_go
mkdir "$work/bases/.other-12345678.partial"
ok job discard "$job" --json
is "$(last .partials_removed)" 0
[ -d "$work/bases/.other-12345678.partial" ] || fail "forgetting a verification removed a partial package"
is "$(fingerprint "$package")" "$before" "the package after all that"
echo "verification as a job: all as it should be"
