#!/usr/bin/env bash
# Work that had begun and then failed is a failure, exit status 1, not a refusal; what to do next leads to the end. A
# qemu-img that dies at the wrong moment stands in the PATH before the real one.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

real=$(command -v qemu-img)
mkdir "$work/bin"
cat >"$work/bin/qemu-img" <<END
#!/bin/sh
[ -e "$work/dies-at-\$1" ] && kill -9 \$\$
exec $real "\$@"
END
chmod +x "$work/bin/qemu-img"
PATH=$work/bin:$PATH

image "$work/images/a.qcow2" 16M 7
ok machine add web01 --disk "vda=qcow2:$work/images/a.qcow2"
ok collection define shop --member web01
ok point create shop --name p1
qemu-io -f qcow2 -c "write -q -P 9 1M 3M" "$work/images/a.qcow2" >/dev/null
"$real" convert -q -f qcow2 -O raw "$work/images/a.qcow2" "$work/copy"

ok export shop p1 --to "$work/exports" --json
package=$(last .package)

# failed WORDS...: exit status 1, a last line that says "failed", a sentence with the cause and what to do.
failed() {
    run "$@" --json
    is "$status" 1 "exit status of $*"
    is "$(last '[.event, .return_value] | @json')" '["failed",32768]' "last line of $*"
    [[ $err == *"signal 9"* ]] || fail "the cause is not named: $err"
}

# The import leaves nothing, and says who failed.
touch "$work/dies-at-convert"
failed package import "$package" --to "$work/restored"
is "$(find "$work" -maxdepth 1 -name '*restored*')" "" "left by a failed import"
rm "$work/dies-at-convert"

# A directory that cannot be made is a refusal, which says what to do.
refused 32779 package import "$package" --to "$work/missing/restored"
[[ $err == *"Create it first"* ]] || fail "$err"

# A point whose merging fails is gone; what is left is done by store check.
touch "$work/dies-at-commit"
failed point destroy shop p1
[[ $err == *"store check"* ]] || fail "$err"
rm "$work/dies-at-commit"
run store check
is "$status" 1 "exit status of the check that finishes the work"
ok store check
ok point list shop --json
is "$out" "" "points after the destruction"
"$real" compare -q -f qcow2 -F raw "$work/images/a.qcow2" "$work/copy" || fail "the image differs from its copy"
is "$(find "$work/images" -name '*.refpoint-*')" "" "layers after the destruction"

# A failure before anything was changed, and undone, is a refusal: everything is as it was.
before=$(fingerprint "$work/images")
touch "$work/dies-at-create"
refused 32768 point create shop
rm "$work/dies-at-create"
is "$(fingerprint "$work/images")" "$before" "images after a point that could not be made"

# Another tool's dirty bitmaps survive what fails on the way, here as there.
image "$work/images/b.qcow2" 16M 9
"$real" bitmap --add -f qcow2 "$work/images/b.qcow2" nightly
bitmaps() { "$real" info -f qcow2 --output=json "$work/images/b.qcow2" | jq -c '[."format-specific".data.bitmaps[]? | [.name, .flags]]'; }
ok machine add db01 --disk "vda=qcow2:$work/images/b.qcow2"
ok collection define db --member db01
before=$(fingerprint "$work/images" | grep -v '^[.] d')
touch "$work/dies-at-bitmap"
refused 32768 point create db --carry-bitmaps
is "$(fingerprint "$work/images" | grep -v '^[.] d')" "$before" "images after bitmaps that could not be taken along"
rm "$work/dies-at-bitmap"
for verb in bitmap commit; do
    ok point create db --name p1 --carry-bitmaps
    touch "$work/dies-at-$verb"
    failed point destroy db p1
    rm "$work/dies-at-$verb"
    run store check
    is "$(wc -l <<<"$out")" 1 "findings: $out"
    ok store check
    is "$(bitmaps)" '[["nightly",["auto"]]]' "bitmaps after the destruction"
    is "$(find "$work/images" -name 'b.refpoint-*')" "" "files after the destruction"
done

# Without QEMU's tools nothing is begun: what cannot be done to its end is refused, and says what to install.
ok point create shop --name p1
before=$(fingerprint "$work/images")
for words in "point create shop" "point destroy shop p1" "point remove-data shop p1" "export shop p1 --to $work/exports"; do
    status=0
    # shellcheck disable=SC2086
    out=$(env PATH=/nonexistent "$refpoint" $words --json 2>"$work/stderr") || status=$?
    is "$status $(last .return_value)" "2 32777" "exit status and return value without tools: $words"
    grep -q 'apt-get install qemu-utils' "$work/stderr" || fail "what to install is not said: $(cat "$work/stderr")"
done
is "$(fingerprint "$work/images")" "$before" "images after what could not be done"
ok point show shop p1
ok store check
echo "failed work: all as it should be"
