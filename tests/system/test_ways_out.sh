#!/usr/bin/env bash
# No dead end: images and layers that were copied, moved or lost, points and collections that cannot be got rid of otherwise.
# Each state is reached on the command line, each refusal names the command that leads out, and what is exported afterwards is
# what was exported before.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

images=$work/images
elsewhere=$work/elsewhere
shm=$(mktemp -d /dev/shm/refpoint-ways-XXXXXX 2>/dev/null || mktemp -d "$work/shm-XXXXXX")
small=$work/small
clean_up() {
    end_jobs
    umount "$small" 2>/dev/null || true
    chmod -R u+w "$work" "$shm" 2>/dev/null || true
    rm -rf "$work" "$shm"
}
trap clean_up EXIT

change() { qemu-io -f qcow2 -c "write -q -P $2 1M 700k" -c "write -q -z 5M 128k" -c "discard -q 2M 64k" "$1" >/dev/null; }

# web: an image over a template, and one alone; three points.
mkdir "$elsewhere"
qemu-img create -q -f raw "$images/template.raw" 8M
qemu-io -f raw -c "write -q -P 9 0 8M" "$images/template.raw" >/dev/null
(cd "$images" && qemu-img create -q -f qcow2 -b template.raw -F raw a.qcow2)
image "$images/b.qcow2" 8M 3
ok machine add web --disk "vda=qcow2:$images/a.qcow2" --disk "vdb=qcow2:$images/b.qcow2" --backing "vda=raw:$images/template.raw"
ok collection define shop --member web
for n in 1 2 3; do
    change "$images/a.qcow2" $((10 + n))
    change "$images/b.qcow2" $((20 + n))
    ok point create shop --name "p$n"
    ok export shop "p$n" --to "$work/exports" --json
    eval "package$n=$(last .package)"
done

# exported POINT PACKAGE: an export made now holds, byte for byte, the disks that the first one held.
exported() {
    local disk new
    mkdir -p "$work/again"
    ok export shop "$1" --to "$work/again" --json
    new=$(last .package)
    for disk in vda vdb; do
        qemu-img compare -q -f qcow2 -F qcow2 "$2/machines/web/$disk.qcow2" "$new/machines/web/$disk.qcow2" ||
            fail "the export of $1 differs from the first"
    done
    rm -rf "$work/again"
}
all_exported() {
    # shellcheck disable=SC2154
    exported p1 "$package1"
    # shellcheck disable=SC2154
    exported p2 "$package2"
    # shellcheck disable=SC2154
    exported p3 "$package3"
    ok export shop p3 --base p1 --to "$work/exports" --strict --json
    rm -rf "$(last .package)"
}
# The old files are there until the copies are, so that no inode number is used again.
copy_all() { # from, to
    rm -rf "$2" && cp -a "$1" "$2"
}

# --- copied elsewhere and back ---
all_exported
mv "$images" "$work/old"
copy_all "$work/old" "$images"
refused 32775 export shop p2 --to "$work/exports"
[[ $err == *"store adopt"* && $err == *"point forget"* ]] || fail "no way out is named: $err"
refused 32775 point create shop
[[ $err == *"store adopt"* ]] || fail "no way out is named: $err"
run store check
is "$status" 1 "exit status of store check"
[[ $out == *"store adopt"* ]] || fail "no way out is named: $out"
run store adopt --json
is "$status" 1 "exit status of store adopt without a proof"
is "$(last '[.ok, (.files | map(select(.adopted)) | length)] | @json')" '[false,0]'
[[ $out == *--unproven* ]] || fail "the word is not asked for: $out"
ok store adopt --unproven --json
is "$(last '[.ok, (.files | map(select(.adopted and (.proven | not))) | length)] | @json')" '[true,6]'
ok point show shop p2 --json
is "$(last '[.members[0].disks[] | .unproven] | @json')" '[true,true]'
ok point show shop p2
[[ $out == *"unproven since"* ]] || fail "the text does not say that it is unproven: $out"
ok store check
ok store adopt
all_exported
# Now there are digests: a copy is proved.
rm -rf "$work/old" && mv "$images" "$work/old"
copy_all "$work/old" "$images"
ok store adopt --json
is "$(last '[.files[] | .proven] | unique | @json')" '[true]'
all_exported

# --- killed, then asked to end, while it changes the header of a copy, which is after most of them were copied ---
hold '*rebase*'
before=$(fingerprint "$images")
"$refpoint" machine move web --to "$shm" >"$work/mover" 2>&1 &
mover=$!
while [ ! -e "$work/held" ]; do kill -0 "$mover" || fail "the move ended: $(cat "$work/mover")"; done
[ "$(find "$shm" -name '.refpoint-move-*' | wc -l)" -gt 2 ] || fail "nothing was copied yet"
kill -9 "$mover"
wait "$mover" 2>/dev/null || true
let_go
is "$(fingerprint "$images")" "$before" "files after a move was killed"
exported p2 "$package2" # which finishes what was begun
is "$(find "$shm" -type f)" "" "left by a move that was killed"
ok store check
hold_again
"$refpoint" machine move web --to "$shm" --json >"$work/mover" 2>"$work/mover.err" &
mover=$!
while [ ! -e "$work/held" ]; do kill -0 "$mover" || fail "the move ended: $(cat "$work/mover")"; done
kill -TERM "$mover"
let_go
status=0
wait "$mover" || status=$?
is "$status" 130 "exit status of a move that was asked to end"
is "$(jq -r .event "$work/mover")" cancelled
is "$(fingerprint "$images")" "$before" "files after a move that was asked to end"
is "$(find "$shm" -type f)" "" "left by a move that was asked to end"
ok store check
all_exported

# --- moved by the program, to another file system and back ---
ok machine move web --to "$shm" --json
is "$(last '[.return_value, .files, (.disks | length)] | @json')" '[0,8,2]'
is "$(find "$images" -type f)" "$images/template.raw" "what stays"
is "$(find "$shm" -type f | wc -l)" 8 "what is there"
ok machine list --json
is "$(jq -r 'select(.name == "web").disks[0].path' <<<"$out")" "$shm/a.qcow2"
ok store check
all_exported
refused 32773 machine move web --to "$shm"
refused 32779 machine move web --to "$work/nowhere"
refused 32773 machine move web --to "$elsewhere" --unproven
touch "$elsewhere/b.qcow2"
refused 32773 machine move web --to "$elsewhere"
rm "$elsewhere/b.qcow2"
(cd "$work" && ok machine move web --to elsewhere)
is "$(find "$shm" -type f)" "" "what is left behind"
all_exported

# --- a full disk ---
mkdir "$small"
if mount -t tmpfs -o size=1m tmpfs "$small" 2>/dev/null; then
    before=$(fingerprint "$elsewhere")
    refused 32768 machine move web --to "$small"
    [[ $err == *needed* && $err == *available* ]] || fail "what is needed is not said: $err"
    is "$(fingerprint "$elsewhere")" "$before" "files after a move without space"
    is "$(find "$small" -type f)" "" "left in a full directory"
    umount "$small"
    ok store check
else
    echo "no right to mount: a full disk was not tried"
fi

# --- somebody else has moved everything ---
mv "$elsewhere" "$work/taken"
refused 32775 export shop p1 --to "$work/exports"
run store check
[[ $out == *"machine move MACHINE --to DIR --moved"* ]] || fail "no way out is named: $out"
ok machine move web --to "$work/taken" --moved --json
is "$(last '[.unproven, .copied, .disks[0].to] | @json')" "[0,0,\"$work/taken/a.qcow2\"]"
ok store check
all_exported
# A copy to another file system, the old files lost.
cp -a "$work/taken/." "$shm/" && rm -rf "$work/taken"
ok machine move web --to "$shm" --moved --json
is "$(last .unproven)" 0 "unproven, although there are digests"
all_exported

# --- a point that cannot be destroyed, and one that nobody wants ---
layer=$("$refpoint" point show shop p2 --json | jq -r '.members[0].disks[1].layer')
chmod u+w "$layer" && printf x | dd of="$layer" bs=1 seek=300000 conv=notrunc status=none
refused 32775 export shop p2 --to "$work/exports"
[[ $err == *"point forget"* ]] || fail "no way out is named: $err"
run store adopt --unproven --json
is "$(last '[.files[] | select(.point == "p2" and (.adopted | not)) | .disk] | @json')" '["vdb"]'
[[ $out == *"point forget"* ]] || fail "no way out is named: $out"
before=$(fingerprint "$shm")
ok point forget shop p1 --json
is "$(last '[.layers[] | .needed] | unique | @json')" '["point"]'
ok point forget shop p2 --json
is "$(fingerprint "$shm")" "$before" "files after points were forgotten"
# What is read through the changed layer is not certain; the operator may say that it is right.
refused 32775 export shop p3 --to "$work/exports"
[[ $err == *"store adopt --unproven"* ]] || fail "no way out is named: $err"
ok store adopt --unproven
ok export shop p3 --to "$work/exports"
ok point show shop p3 --json
is "$(last '[.members[0].disks[] | .unproven] | @json')" '[true,true]'
refused 32773 point show shop p2
refused 32774 machine remove web
[[ $err == *"collection forget shop"* ]] || fail "no way out is named: $err"
refused 32775 collection delete shop
[[ $err == *"collection forget shop"* ]] || fail "no way out is named: $err"
qemu-img convert -q -f qcow2 -O raw "$shm/b.qcow2" "$work/b.raw"
ok collection forget shop --json
is "$(last '[.layers[] | .needed] | unique | @json')" '["image"]'
last '.layers[] | select(.disk == "vdb") | .commands[]' >"$work/commands"
bash -e "$work/commands"
qemu-img compare -q -f qcow2 -F raw "$shm/b.qcow2" "$work/b.raw" || fail "the image differs after it was made to stand alone"
is "$(qemu-img info --output=json "$shm/b.qcow2" | jq -r '."backing-filename"')" null "backing of an image that stands alone"
ok store check
ok machine remove web
refused 32770 machine add web --disk "vda=qcow2:$shm/a.qcow2"
[[ $err == *--backing* ]] || fail "no way out is named: $err"

# --- digests: what was read once can be proved, and what rots without a sign is found ---
mkdir "$images/deep"
image "$images/deep/d.qcow2" 8M 5
ok machine add deep --disk "vda=qcow2:$images/deep/d.qcow2"
ok collection define deep --member deep
ok point create deep --name p1
change "$images/deep/d.qcow2" 31
ok point create deep --name p2
ok store check
ok point show deep p1 --json
is "$(last '.members[0].disks[0].content_sha256')" null "digest before anything was read"
ok store check --deep --json
is "$(last '[.ok, (.findings | length), (.notes | length)] | @json')" '[true,0,2]'
[[ $(last '.notes[0]') == *"was made now"* ]] || fail "a digest that is made is not told: $out"
ok store check --deep --json
is "$(last '[.ok, (.notes | length)] | @json')" '[true,0]'
ok point show deep p1 --json
layer=$(last '.members[0].disks[0].layer')
is "$(last '.members[0].disks[0].content_sha256')" "$(sha256sum <"$layer" | cut -d' ' -f1)" "the digest that is kept"
cp -a "$images/deep" "$images/copied"
rm -rf "$images/deep"
mv "$images/copied" "$images/deep"
refused 32775 export deep p2 --to "$work/exports"
ok store adopt --json
is "$(last '[.files[].proven] | unique | @json')" '[true]'
ok export deep p2 --to "$work/exports" --json
is "$(last .warning)" null
# Altered with its time put back: the time of its last change shows it, its digest proves it.
altered() { # layer, offset from its end
    touch -r "$1" "$work/times"
    chmod u+w "$1"
    printf x | dd of="$1" bs=1 seek=$(($(stat -c %s "$1") - $2)) conv=notrunc status=none
    chmod u-w "$1"
    touch -r "$work/times" "$1"
}
cp -a "$layer" "$work/good-layer"
altered "$layer" 100
refused 32775 export deep p1 --to "$work/exports"
[[ $err == *"$layer"* && $err == *"store check --deep"* ]] || fail "no way out is named: $err"
run store check
is "$status" 1 "exit status when a layer was altered with its time put back"
[[ $out == *"point p1, machine deep, disk vda"* && $out == *"$layer"* && $out == *"store check --deep"* ]] ||
    fail "the layer that was altered is not told: $out"
for command in destroy remove-data; do
    refused 32775 point "$command" deep p1
    [[ $err == *"$layer"* && $err == *"store check --deep"* ]] || fail "point $command: no way out is named: $err"
done
for again in once twice; do
    run store check --deep
    is "$status" 1 "exit status when the content of a layer is another one, $again"
    [[ $out == *"point p1, machine deep, disk vda"* && $out == *"$layer"* && $out == *"package import"* ]] ||
        fail "the layer whose content is another one is not told: $out"
done
refused 32775 export deep p1 --to "$work/exports"
# The right content again: by the digest alone.
cat "$work/good-layer" >"$layer"
touch -r "$work/times" "$layer"
run store check --deep
is "$status" 1 "exit status when a layer is taken again"
[[ $out == *"$layer"* && $out == *"the same"* ]] || fail "the layer that is as it was is not told: $out"
ok store check --deep
ok export deep p1 --to "$work/exports" --json
is "$(last .warning)" null

# Only its attributes: the digest speaks for it, or nobody's word but the operator's.
chmod 0400 "$layer"
refused 32775 export deep p1 --to "$work/exports"
run store check --deep --json
is "$(last '[.ok, (.findings | length), (.notes | length)] | @json')" '[false,1,0]'
ok store check
ok export deep p1 --to "$work/exports"
change "$images/deep/d.qcow2" 32
ok point create deep --name p3
fresh=$("$refpoint" point show deep p3 --json | jq -r '.members[0].disks[0].layer')
chmod 0400 "$fresh"
refused 32775 export deep p3 --to "$work/exports"
[[ $err == *"no digest"* && $err == *"store adopt --unproven"* ]] || fail "no way out is named: $err"
run store check --deep
is "$status" 1 "exit status when nothing proves a layer"
[[ $out == *"$fresh"* && $out == *"store adopt --unproven"* ]] || fail "no way out is named: $out"
refused 32775 export deep p3 --to "$work/exports"
ok store adopt --unproven
ok export deep p3 --to "$work/exports"
ok point show deep p3 --json
is "$(last '.members[0].disks[0].unproven')" true "a layer that nobody can prove"

# A record of an earlier version knows no such time: as before.
record=$(grep -l "$layer" "$REFPOINT_STORE"/collections/*/points/*/point.cfg | head -n 1)
sed -i '/ changed = /d; / owner = /d; / group = /d' "$record"
chmod 0444 "$layer"
ok store check
ok export deep p1 --to "$work/exports"

# What rots keeps its times: the record is made to agree with the file, as if nothing had happened to it.
altered "$layer" 200
sed -i '/ changed = /d; / owner = /d; / group = /d' "$record"
ok store check
ok export deep p1 --to "$work/exports"
run store check --deep
is "$status" 1 "exit status when a layer has rotted"
[[ $out == *"$layer"* && $out == *rotted* ]] || fail "the layer that rotted is not told: $out"
ok collection forget deep

# It takes long, and Ctrl-C ends it.
mkdir "$images/huge"
truncate -s 1T "$images/huge/h.raw"
ok machine add huge --disk "vda=raw:$images/huge/h.raw"
ok collection define huge --member huge
ok point create huge --name p1 --raw-to-qcow2
env --default-signal=INT "$refpoint" store check --deep --json >"$work/lines" 2>"$work/stderr" &
check=$!
until find "/proc/$check/fd" -lname '*/h.refpoint-*' 2>/dev/null | grep -q .; do
    kill -0 "$check" 2>/dev/null || fail "it ended: $(cat "$work/lines" "$work/stderr")"
done
kill -INT "$check"
status=0
wait "$check" || status=$?
is "$status" 130 "exit status of a look that was ended"
is "$(jq -rc .event "$work/lines")" cancelled
ok collection forget huge
ok machine remove huge
rm -rf "$images/huge"

# --- every command that a message names exists ---
sources=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
grep -rhoE 'refpoint (collection|machine|point|package|job|store) [a-z][a-z-]+' "$sources/core" --include='*.c' | sort -u >"$work/named"
[ "$(wc -l <"$work/named")" -gt 10 ] || fail "only $(wc -l <"$work/named") commands are named: the search is wrong"
while read -r _ noun verb; do ok "$noun" "$verb" --help; done <"$work/named"
echo "ways out: all as they should be"
