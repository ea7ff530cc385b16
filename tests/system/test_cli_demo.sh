#!/usr/bin/env bash
# The demo: what it promises, and that interrupting or killing it leaves nothing that looks like one.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
unset REFPOINT_STORE

# To where the first point is being made.
start_demo() {
    env --default-signal=INT "$refpoint" demo "$work/a demo" >"$work/lines" 2>&1 &
    demo=$!
    until [ -e "$work/held" ]; do kill -0 "$demo" 2>/dev/null || fail "the demo ended: $(cat "$work/lines")"; done
}

hold 'create * -b *.refpoint-*'
start_demo
kill -INT "$demo"
let_go
status=0
wait "$demo" || status=$?
is "$status" 130 "exit status of an interrupted demo"
[ ! -e "$work/a demo" ] || fail "an interrupted demo left: $(ls -A "$work/a demo")"

hold_again
start_demo
kill -9 "$demo"
wait "$demo" 2>/dev/null || true
let_go
[ -e "$work/a demo/.unfinished-demo" ] || fail "a killed demo has no marker"

# The next one replaces it, and says what to try.
ok demo "$work/a demo"
said=$out
[[ $said == *"holds 2 collections, 5 machines, 7 disks and "*" points."* ]] || fail "$said"
export REFPOINT_STORE="$work/a demo/store"
[ ! -e "$work/a demo/.unfinished-demo" ] || fail "the marker stands in a finished demo"
ok machine list --json
is "$(jq -s 'map(.disks[].virtual_size) | [length, min, max]' <<<"$out" | jq -c .)" "[7,$((1 << 30)),$((20 << 30))]"
is "$(jq -s 'all(.[]; .cpus > 0 and .memory > 0 and (.adapters | length) > 0)' <<<"$out")" true "settings of the machines"
is "$(jq -s 'map(.disks[] | select(.backing | length > 0)) | length' <<<"$out")" 1 "disks over a template"
for collection in $("$refpoint" collection list --json | jq -r .id); do
    ok point list "$collection" --json
    [ "$(wc -l <<<"$out")" -ge 3 ] || fail "collection $collection has few points"
done
find "$work/a demo/images" -name '*.qcow2' -print0 | xargs -0 -n 1 qemu-img check -q -f qcow2 || fail "qemu-img check"
ok store check

# A directory with anything else in it is not touched.
before=$(fingerprint "$work/a demo")
refused 32773 demo "$work/a demo"
is "$(fingerprint "$work/a demo")" "$before" "a finished demo after a refused one"
mkdir "$work/mine"
touch "$work/mine/.unfinished-demo" "$work/mine/precious"
refused 32773 demo "$work/mine"
[ -e "$work/mine/precious" ] || fail "a file of somebody else is gone"
# What it says to try works as it stands, in a shell that does not know the program yet; the screen needs a terminal.
unset REFPOINT_STORE
sed -n '/^Try next:$/,$p' <<<"$said" | sed '1d; /^  refpoint$/d' >"$work/try"
[ "$(wc -l <"$work/try")" -ge 6 ] || fail "there is little to try: $(cat "$work/try")"
env -u REFPOINT_STORE PATH=/usr/bin:/bin bash -eu "$work/try" >"$work/tried" 2>&1 || fail "what to try: $(cat "$work/try" "$work/tried")"
is "$("$refpoint" package list "$work/a demo/exports" --json | wc -l)" 2 "packages of what was tried"
echo "demo: all as it should be"
