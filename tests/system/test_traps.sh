#!/usr/bin/env bash
# What goes wrong with differential disk data, on real images and through the real program: traps 2, 4, 7, 9, 10 and 12. The
# others are proved elsewhere: 1 and 8 by test_replay_matrix.sh, 3 by unit/export/test_run.c and unit/host/local/test_export.c (sizes that
# change), 5, 6 and 11 by test_traps_killed.c, test_traps_vanish.c and test_job_killed.sh.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

to=$work/exports
images=$work/images

disturb() { # image, pattern
    qemu-io -f qcow2 -d unmap -c "write -q -P $2 1M 512k" -c "write -q -z 4M 200k" -c "discard -q 2M 1M" "$1" >/dev/null
}
copy() { qemu-img convert -q -f qcow2 -O raw "$1" "$2"; }
same() { # package, copy
    local disk
    for disk in "$1"/machines/*/*.qcow2; do
        qemu-img compare -q -f qcow2 -F raw "$disk" "$2" || fail "$disk differs from $2"
    done
}
offer() { # name, image: a machine and a collection with that one disk
    ok machine add "$1" --disk "vda=qcow2:$2"
    ok collection define "$1" --member "$1"
}

# A writer dies by kill -9 with the image open: its marks (bitmaps in use, dirty) stay behind.
killed_writer() { # image, qemu-io commands...
    local image=$1 command socket
    shift
    socket=$(mktemp -u /tmp/refpoint-XXXXXX.socket) # $work may be too long for one
    qemu-nbd -f qcow2 -t -k "$socket" "$image" &
    local writer=$!
    # Bound is not listening: the kernel's list says which sockets listen.
    until grep -q "00010000 .* $socket\$" /proc/net/unix; do kill -0 "$writer" || fail "qemu-nbd ended"; done
    for command in "$@"; do qemu-io -f raw -c "$command" "nbd+unix:///?socket=$socket" >/dev/null; done
    kill -9 "$writer"
    wait "$writer" 2>/dev/null || true
    rm -f "$socket"
}

# --- trap 2: a bitmap that the base has and its overlay has not; trap 4: bitmaps that a killed writer left in use ---
image "$images/bitmaps.qcow2" 16M 11
qemu-img bitmap --add "$images/bitmaps.qcow2" kept
qemu-img bitmap --add --disable "$images/bitmaps.qcow2" disabled
killed_writer "$images/bitmaps.qcow2" "write -q -P 21 6M 1M"
qemu-img info "$images/bitmaps.qcow2" | grep in-use >/dev/null || fail "no bitmap is in use: the trap is not set"
offer bitmaps "$images/bitmaps.qcow2"
copy "$images/bitmaps.qcow2" "$work/bitmaps.p1"
refused 32775 point create bitmaps --name p1
ok point create bitmaps --name p1 --drop-bitmap kept --drop-bitmap disabled
disturb "$images/bitmaps.qcow2" 31 # not in any bitmap
copy "$images/bitmaps.qcow2" "$work/bitmaps.p2"
ok point create bitmaps --name p2
qemu-img bitmap --add "$images/bitmaps.qcow2" kept # of the same name, and empty: whoever trusts it sees no change
disturb "$images/bitmaps.qcow2" 41
copy "$images/bitmaps.qcow2" "$work/bitmaps.p3"
ok point create bitmaps --name p3 --drop-bitmap kept
ok export bitmaps p1 --to "$to" --json
same "$(last .package)" "$work/bitmaps.p1"
for point in p2 p3; do
    ok export bitmaps "$point" --base p1 --to "$to" --json
    is "$(last '.disks[0].kind')" differential
    same "$(last .package)" "$work/bitmaps.$point"
done

# --- trap 4: an image that is marked dirty, a damaged one, one with leaked clusters ---
qemu-img create -q -f qcow2 -o lazy_refcounts=on "$images/dirty.qcow2" 16M
killed_writer "$images/dirty.qcow2" "write -q -P 51 0 3M" "write -q -P 52 9M 64k" flush
[ "$(od -An -j79 -N1 -tu1 "$images/dirty.qcow2" | tr -d ' ')" = 1 ] || fail "the image is not dirty: the trap is not set"
refused 32770 machine add dirty --disk "vda=qcow2:$images/dirty.qcow2"
[[ $err == *"not closed cleanly"* ]] || fail "the reason is not said: $err"
repair() { qemu-img check -q -r all -f qcow2 "$images/dirty.qcow2" >/dev/null 2>&1; }
repair
offer dirty "$images/dirty.qcow2"
copy "$images/dirty.qcow2" "$work/dirty.p1"
ok point create dirty --name p1
qemu-img amend -q -f qcow2 -o lazy_refcounts=on "$images/dirty.qcow2"
killed_writer "$images/dirty.qcow2" "write -q -P 53 1M 3M" "discard 9M 1M" flush
before=$(fingerprint "$images")
refused 32770 point create dirty --name p2
is "$(fingerprint "$images")" "$before" "images after a refused point"
ok export dirty p1 --to "$to" --json # what was frozen before is as good as ever
same "$(last .package)" "$work/dirty.p1"
repair
copy "$images/dirty.qcow2" "$work/dirty.p2"
ok point create dirty --name p2
ok export dirty p2 --base p1 --to "$to" --json
same "$(last .package)" "$work/dirty.p2"

image "$images/corrupt.qcow2" 16M 61
printf '\2' | dd of="$images/corrupt.qcow2" bs=1 seek=79 conv=notrunc status=none
refused 32770 machine add corrupt --disk "vda=qcow2:$images/corrupt.qcow2"
[[ $err == *corrupt* ]] || fail "the reason is not said: $err"

# --- trap 7: a guest writes a qcow2 header into its raw disk; impossible sizes ---
head -c 70000 /dev/urandom >"$work/secret"
qemu-img create -q -f qcow2 -b "$work/secret" -F raw "$images/guest.raw" 3M
truncate -s 3000001 "$images/guest.raw"
cp "$images/guest.raw" "$work/guest.copy"
refused 32770 machine add guest --disk "vda=raw:$images/guest.raw"
ok machine add guest --disk "vda=raw:$images/guest.raw" --raw-content vda
ok collection define guest --member guest
ok point create guest --name p1 --raw-to-qcow2
for format in qcow2 raw; do
    ok export guest p1 --to "$to" --format "$format" --json
    package=$(last .package)
    qemu-img compare -q -f "$format" -F raw "$package/machines/guest/vda.$format" "$work/guest.copy" ||
        fail "the header in the raw disk was believed ($format)"
    ok package verify "$package"
    ok package import "$package" --to "$work/import-$format"
    qemu-img compare -q -f "$format" -F raw "$work/import-$format/guest/vda.$format" "$work/guest.copy" ||
        fail "the header in the raw disk was believed by the import ($format)"
done
cmp -s "$work/import-raw/guest/vda.raw" "$work/guest.copy" || fail "the raw disk has another size"

qemu-img create -q -f qcow2 -o cluster_size=2M "$images/huge.qcow2" 3P
offer huge "$images/huge.qcow2"
ok point create huge --name p1
before=$(fingerprint "$to")
refused 32770 export huge p1 --to "$to"
is "$(fingerprint "$to")" "$before" "export directory after a refusal"

# --- trap 9: cloned machines, reused names, equal times; two layers swapped ---
id=() collection=()
for twin in a b; do
    image "$images/twin-$twin.qcow2" 16M 71
    ok machine add twin --disk "vda=qcow2:$images/twin-$twin.qcow2" --json
    id[${#id[@]}]=$(last .id)
    ok collection define twin --member "${id[-1]}" --json
    collection[${#collection[@]}]=$(last .id)
    ok point create "${collection[-1]}" --name p1
    disturb "$images/twin-$twin.qcow2" 72
    copy "$images/twin-$twin.qcow2" "$work/twin-$twin.p2"
    ok point create "${collection[-1]}" --name p2
done
mkdir "$work/twins"
ok export "${collection[0]}" p1 --to "$work/twins" --json
base=$(last .package)
refused 32773 export "${collection[1]}" p2 --base p1 --to "$work/twins"
ok export "${collection[0]}" p2 --base p1 --to "$work/twins" --json
same "$(last .package)" "$work/twin-a.p2"
# The base is known by what it is: under another name, and older than everything, it is still found.
mv "$base" "$work/twins/renamed"
touch -d 2001-01-01 "$work/twins/renamed" "$work/twins/renamed/reference-point.cfg"
ok export "${collection[0]}" p2 --base p1 --to "$work/twins" --json
same "$(last .package)" "$work/twin-a.p2"
# A point that has taken over the name of a destroyed one is another point.
ok point destroy "${collection[0]}" p1
ok point destroy "${collection[0]}" p2
ok point create "${collection[0]}" --name p1
disturb "$images/twin-a.qcow2" 73
ok point create "${collection[0]}" --name p2
refused 32773 export "${collection[0]}" p2 --base p1 --to "$work/twins"

# A clock that went backwards between two points: their order is not a matter of time.
ok point show bitmaps p3 --json
p3=$(last .id)
record=$(echo "$REFPOINT_STORE"/collections/*/points/"$p3"/point.cfg)
grep -q '^created = "2' "$record" || fail "no time in $record"
sed -i 's/^created = "[^"]*"/created = "2001-02-03T04:05:06.000000007Z"/' "$record"
ok point show bitmaps p3 --json
is "$(last '.created[:4]')" 2001
ok export bitmaps p3 --base p1 --to "$to" --json
same "$(last .package)" "$work/bitmaps.p3"
refused 32773 export bitmaps p1 --base p3 --to "$to"

image "$images/left.qcow2" 16M 81
image "$images/right.qcow2" 16M 81
touch -d 2026-01-01 "$images/left.qcow2" "$images/right.qcow2" # of one size and one time
ok machine add pair --disk "vda=qcow2:$images/left.qcow2" --disk "vdb=qcow2:$images/right.qcow2"
ok collection define pair --member pair
ok point create pair --name p1
ok point show pair p1 --json
mapfile -t layers < <(jq -r '.members[0].disks[] | .layer_path // .layer' <<<"$out")
is "${#layers[@]}" 2 "layers of the pair ($out)"
is "$(stat -c '%s %Y' "${layers[0]}")" "$(stat -c '%s %Y' "${layers[1]}")" "size and time of the layers"
mv "${layers[0]}" "$work/aside" && mv "${layers[1]}" "${layers[0]}" && mv "$work/aside" "${layers[1]}"
refused 32775 export pair p1 --to "$to"

# --- trap 10: what a running export reads stays, whatever is done to the store meanwhile ---
image "$images/busy.qcow2" 16M 91
qemu-io -f qcow2 -c "write -q -P 92 0 12M" "$images/busy.qcow2" >/dev/null
offer busy "$images/busy.qcow2"
copy "$images/busy.qcow2" "$work/busy.p1"
ok point create busy --name p1
disturb "$images/busy.qcow2" 93
ok point create busy --name p2
hold 'check *.partial/*'
ok export busy p1 --to "$to" --detach --json
job=$(last .job)
while read -r line; do
    if jq -e '.bytes_done > 0' <<<"$line" >/dev/null; then break; fi
done < <("$refpoint" job attach "$job" --json 2>/dev/null)
for verb in remove-data destroy; do refused 32774 point "$verb" busy p1; done
image "$images/second.qcow2" 16M 94
refused 32774 machine remove busy
ok machine set busy --name renamed
ok point create busy --name p3
let_go
ok job attach "$job" --json
is "$(last '[.job_state, (.disks | length)] | @json')" '[7,1]'
same "$(last .package)" "$work/busy.p1"
for point in p1 p2 p3; do ok point destroy busy "$point"; done

# --- trap 11, beneath the layers: somebody writes to a template ---
image "$images/template.qcow2" 8M 101
(cd "$images" && qemu-img create -q -f qcow2 -b template.qcow2 -F qcow2 above.qcow2)
ok machine add above --disk "vda=qcow2:$images/above.qcow2" --backing "vda=qcow2:$images/template.qcow2"
ok collection define above --member above
ok point create above --name p1
ok export above p1 --to "$to"
qemu-io -f qcow2 -c "write -q -P 102 6M 64k" "$images/template.qcow2" >/dev/null
refused 32775 export above p1 --to "$to"
[[ $err == *"template $images/template.qcow2 was changed"*"create another point"* ]] || fail "$err"
run store check
[[ $out == *"template $images/template.qcow2 of disk vda was changed"* ]] || fail "store check says: $out"
copy "$images/above.qcow2" "$work/above.p2"
ok point create above --name p2
refused 32773 export above p2 --base p1 --to "$to" --strict
ok export above p2 --base p1 --to "$to" --json
is "$(last '.disks[0] | [.kind, .reason] | @json')" '["full","the template beneath the disk was changed since the base"]'
same "$(last .package)" "$work/above.p2"
qemu-io -f qcow2 -c "write -q -P 103 1M 64k" "$images/above.qcow2" >/dev/null
copy "$images/above.qcow2" "$work/above.p3"
ok point create above --name p3
ok export above p3 --base p2 --to "$to" --json
is "$(last '.disks[0].kind')" differential "a template that stays as it is"
same "$(last .package)" "$work/above.p3"
for point in p1 p2 p3; do ok point destroy above "$point"; done

# --- trap 12: names ---
long=$(printf 'x%.0s' {1..255})
names=("../../up" "web" "Web" "WEB" $'es\e[31mcape\n' "$long" "-rf" ".hidden" "a b'\"c\$(touch $work/pwned)" "machines" "ä/ö" "..")
members=()
for name in "${names[@]}"; do
    image "$images/name${#members[@]}.qcow2" 8M 5
    ok machine add --disk "../x=qcow2:$images/name${#members[@]}.qcow2" --json -- "$name"
    members+=(--member "$(last .id)")
done
hostile=$'c\e]0;title\a/../..'
ok collection define "${members[@]}" --json -- "$hostile"
hostile_id=$(last .id)
ok point create "$hostile_id" --name $'p\e[2J'
mkdir "$work/names"
ok export "$hostile_id" $'p\e[2J' --to "$work/names"
! grep -q $'[\e\a]' <<<"$out$err" || fail "an escape sequence was printed"
package=$(ls "$work/names")
[[ $package =~ ^[A-Za-z0-9._-]+$ ]] || fail "name of the package: $package"
is "$(find "$work/names/$package/machines" -name '*.qcow2' | wc -l)" "${#names[@]}" "disks"
is "$(find "$work/names" -mindepth 2 -printf '%P\n' | grep -vE '^[A-Za-z0-9._/-]+$')" "" "names in the package"
is "$(find "$work/names/$package/machines" -mindepth 1 -maxdepth 1 -printf '%f\n' | tr '[:upper:]' '[:lower:]' | sort | uniq -d)" "" \
    "directories that differ by case only"
[ ! -e "$work/pwned" ] || fail "a name was run by a shell"
ok package verify "$work/names/$package" --json
echo "traps: none caught us"
