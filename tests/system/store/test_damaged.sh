#!/usr/bin/env bash
# Records that cannot be read: each is listed as damaged, says why when it is asked for, and is neither worked with nor stood on,
# until "store check" is clean. What is sound goes on working.
# shellcheck source-path=SCRIPTDIR source=../support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../support.bash"

image "$work/images/a.qcow2" 8M 3
image "$work/images/b.qcow2" 8M 5
ok machine add web --disk "vda=qcow2:$work/images/a.qcow2"
ok machine add alone --disk "vda=qcow2:$work/images/b.qcow2"
ok collection define shop --member web
ok collection define other --member alone
for n in 1 2 3; do ok point create shop --name "p$n"; done
ok point list shop --json
id2=$(jq -r 'select(.name == "p2") | .id' <<<"$out")
record=$(echo "$REFPOINT_STORE"/collections/*/points/"$id2"/point.cfg)
cp "$record" "$work/sound"

damaged() { # NAME ("" unknown), WORDS of the problem
    ok point list shop --json
    is "$(jq -r .id <<<"$out" | wc -l)" 3 "points that are listed"
    is "$(jq -c 'select(.damaged) | [.id, .name, .collection, .created, .log_size, .has_associated_log]' <<<"$out")" \
        "[\"$id2\",${1:+\"}${1:-null}${1:+\"},\"shop\",null,null,null]" "the fixed fields of what is damaged"
    [[ $(jq -r 'select(.damaged).problem' <<<"$out") == *"$2"* ]] || fail "the problem is not \"$2\": $out"
    is "$(jq -c 'select(.damaged | not) | .name' <<<"$out" | tr '\n' ' ')" '"p3" "p1" ' "points that are sound"
    ok point list shop
    [[ $out == *" damaged "*"$id2"* ]] || fail "no row says damaged: $out"
    [[ $out != *removed* ]] || fail "it is told as something harmless: $out"
    [[ $err == *"1 point cannot be read"* ]] || fail "the list does not warn: $err"
    refused 32773 point show shop "$id2"
    is "$(last .error_key)" point.damaged
    [[ $err == *damaged*"$2"*"store check"* ]] || fail "point show does not tell the reason: $err"
    # Neither exported, nor a base, nor changed; and nothing is frozen above it or merged into it.
    for words in "export shop $id2 --to $work/exports --no-job" "export shop p3 --base $id2 --to $work/exports --no-job" \
        "point destroy shop $id2" "point remove-data shop $id2"; do
        # shellcheck disable=SC2086
        refused 32773 $words
        [[ $err == *"$2"* ]] || fail "$words: $err"
    done
    for words in "point create shop --name p4" "point destroy shop p1" "point destroy shop p3"; do
        # shellcheck disable=SC2086
        run $words
        [ "$status" = 2 ] || fail "$words: exit status $status: $out $err"
    done
    run store check
    [ "$status" = 1 ] || fail "the check finds nothing: $out"
    [[ $out == *"$2"* ]] || fail "the check does not tell it: $out"
}

# Cut where a line ends, so that what is left could be read as a point that has given its data back.
lines=$(grep -n '^consistency_level' "$work/sound" | cut -d : -f 1)
head -n "$lines" "$work/sound" >"$record"
damaged p2 '"has_associated_log" is missing'
refused 32773 point show shop p2
is "$(last .error_key)" point.damaged
head -c 200 "$work/sound" >"$record"
name=p2
grep -q '^name = "p2";$' "$record" || name=
damaged "$name" point.cfg
rm "$record"
mkfifo "$record"
damaged "" "is not a regular file"
rm "$record"
cp "$work/sound" "$record"
ok store check
ok point list shop --json
is "$(jq -c 'select(.damaged)' <<<"$out")" "" "what is mended"
ok point create shop --name p4

# --- collections and machines ---
collection=$(grep -l '"other"' "$REFPOINT_STORE"/collections/*/collection.cfg)
machine=$(grep -l 'name = "alone"' "$REFPOINT_STORE"/machines/*/machine.cfg)
cp "$collection" "$work/collection"
cp "$machine" "$work/machine"
head -n 2 "$work/collection" >"$collection"
ok collection list --json
is "$(jq -c 'select(.damaged) | [.name, .members]' <<<"$out")" '["other",null]'
[[ $(jq -r 'select(.damaged).problem' <<<"$out") == *'"members" is missing'* ]] || fail "$out"
ok collection list
[[ $out == *other*damaged* ]] || fail "$out"
refused 32773 point list other
is "$(last .error_key)" collection.damaged
cp "$work/collection" "$collection"
head -n 2 "$work/machine" >"$machine"
ok machine list --json
is "$(jq -c 'select(.damaged) | [.name, .disks]' <<<"$out")" '["alone",null]'
ok machine list
[[ $out == *alone*damaged* ]] || fail "$out"
refused 32773 collection define more --member alone
is "$(last .error_key)" machine.damaged
cp "$work/machine" "$machine"
ok store check
ok machine list --json
is "$(jq -c 'select(.damaged)' <<<"$out")" ""
