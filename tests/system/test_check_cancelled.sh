#!/usr/bin/env bash
# A check that takes long says what it does, and Ctrl-C ends it: no job, no package, everything as it was.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

to=$work/exports
image "$work/images/a.qcow2" 16M 7
ok machine add web01 --disk "vda=qcow2:$work/images/a.qcow2"
ok collection define shop --member web01
ok point create shop --name p1
before=$(fingerprint "$work/images")

begin() { # words...: an export, to where QEMU is asked for the map of the disk
    env --default-signal=INT "$refpoint" export shop p1 --to "$to" "$@" >"$work/lines" 2>"$work/stderr" &
    export=$!
    until [ -e "$work/held" ]; do kill -0 "$export" 2>/dev/null || fail "it ended: $(cat "$work/lines" "$work/stderr")"; done
}
is_cancelled() {
    status=0
    wait "$export" || status=$?
    is "$status" 130 "exit status ($(cat "$work/lines" "$work/stderr"))"
    is "$(find "$to" -mindepth 1)" "" "left in the export directory"
    is "$("$refpoint" job list --json)" "" "jobs"
    is "$(fingerprint "$work/images")" "$before" "images"
}

hold 'map *'
for form in "" --detach --no-job; do
    [ ! -e "$work/held" ] || hold_again
    begin ${form:+"$form"} --json
    kill -INT "$export"
    is_cancelled
    is "$(tail -n 1 "$work/lines" | jq -c '[.event, .job, .package, .error_code]')" '["finished",null,null,32768]' "last line, $form"
    let_go
done

hold_again
begin
until grep -q 'looking at what the disks hold' "$work/lines"; do kill -0 "$export" || fail "nothing is said"; done
kill -TERM "$export"
is_cancelled
grep -q 'nothing has been left' "$work/stderr" || fail "$(cat "$work/stderr")"
let_go
ok export shop p1 --to "$to"
echo "a check that is cancelled: all as it should be"
