#!/usr/bin/env bash
# Keeping only what is needed: which packages go by the rules, what they stand on stays, what is in use, damaged, or none of ours
# is left alone; and what stays is whole.
# shellcheck source-path=SCRIPTDIR source=../support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../support.bash"

to=$work/exports
for id in a b; do
    qemu-img create -q -f qcow2 "$work/images/$id.qcow2" 8M
    qemu-io -f qcow2 -c "write -q -P 7 0 4M" "$work/images/$id.qcow2" >/dev/null
done
ok machine add web --disk "vda=qcow2:$work/images/a.qcow2"
ok machine add db --disk "vda=qcow2:$work/images/b.qcow2"
ok collection define shop --member web
ok collection define $'bad\e[31m"\n' --member db
bad=$(jq -r 'select(.name != "shop").id' <<<"$("$refpoint" collection list --json)")

# made COLLECTION POINT [BASE]: a point and its package, whose path is in $package.
made() {
    ok point create "$1" --name "$2"
    qemu-io -f qcow2 -c "write -q -P 9 1M 64k" "$work/images/a.qcow2" >/dev/null
    qemu-io -f qcow2 -c "write -q -P 9 1M 64k" "$work/images/b.qcow2" >/dev/null
    ok export "$1" "$2" --to "$to" --json ${3:+--base "$3"}
    package=$(last .package)
}
prune() { # words...: as run, with --json
    run package prune "$to" --json "$@"
}
said() { # package: "action why; why"
    jq -rc --arg package "$1" 'select(.package == $package) | .action + " " + (.why | join("; "))' <<<"$out"
}
# there PATH... / gone PATH...
there() {
    local each
    for each in "$@"; do [ -e "$each" ] || fail "$each was removed"; done
}
gone() {
    local each
    for each in "$@"; do [ ! -e "$each" ] || fail "$each is still there"; done
}
all_whole() {
    local each
    for each in "$to"/*/; do ok package verify "$each"; done
}

# --- what is refused ---
made shop p1
first=$package
before=$(fingerprint "$to")
refused 32773 package prune "$to"
[[ $err == *--keep-last* ]] || fail "$err"
refused 32773 package prune "$to" --keep-last 0 --keep-daily 0
refused 32773 package prune "$to" --keep-last few
refused 32773 package prune "$to" --keep-last -1
refused 32779 package prune "$work/nowhere" --keep-last 1
refused 32773 package prune "$first" --keep-last 1
refused 32773 package prune "$first/machines/web" --keep-last 1
mkdir "$work/empty"
ok package prune "$work/empty" --keep-last 1 --json
is "$out" '{"event":"pruned","removed":0,"kept":0,"bytes":0,"dry_run":false}'
is "$(fingerprint "$to")" "$before" "after refusals"

# --- full ones and differences of two collections ---
made shop p2 p1
second=$package
made shop p3
third=$package
made shop p4 p3
fourth=$package
made "$bad" $'q\e]0;x\a1'
one=$package
made "$bad" q2 $'q\e]0;x\a1'
two=$package
made "$bad" q3
three=$package

before=$(fingerprint "$to")
prune --keep-last 1 --dry-run
is "$status" 0 "dry run"
is "$(last '[.event, .removed, .kept, .dry_run] | @json')" '["pruned",4,3,true]'
is "$(fingerprint "$to")" "$before" "after a dry run"
is "$(said "$first")" "remove no rule keeps it"
is "$(said "$third")" "keep $(basename "$fourth") is based on it"
is "$(said "$fourth")" "keep last"
is "$(said "$three")" "keep last"
promised=$(last .bytes)
is "$(jq -s '[.[] | select(.action == "remove").bytes] | add' <<<"$out")" "$promised" "sum of bytes"
is "$(($(du -s --block-size=1 "$first/machines/web/vda.qcow2" | cut -f1) <= promised))" 1 "bytes"
run package prune "$to" --keep-last 1 --dry-run
[[ $out != *$'\e'* && $out != *$'\a'* ]] || fail "what others have named reaches the terminal: $out"
[[ $out == *"4 would be removed, which would give back "*"($promised bytes); 3 kept"* ]] || fail "$out"
is "$(fingerprint "$to")" "$before" "after a dry run"

# Several rules, and a day on which all were made.
prune --keep-last 2 --keep-daily 5 --keep-weekly 5 --keep-monthly 5 --dry-run
day=$(jq -r 'select(.point == "p4").created[:10]' <<<"$out")
is "$(said "$fourth")" "keep last; daily $day; weekly $(date -d "$day" +%G-W%V); monthly ${day:0:7}"
is "$(said "$third")" "keep last; $(basename "$fourth") is based on it"

# --- what is in use ---
hold 'check *'
"$refpoint" package verify "$second" >"$work/verifier" 2>&1 &
verifier=$!
while [ ! -e "$work/held" ]; do kill -0 "$verifier" || fail "the verification ended: $(cat "$work/verifier")"; done
prune --keep-last 1
is "$status" 1 "something is in use"
is "$(last '[.removed, .kept] | @json')" '[2,5]'
[[ $(said "$second") == "keep no rule keeps it; another process reads $second, or builds upon it."* ]] || fail "$out"
[[ $(said "$first") == "keep no rule keeps it; $(basename "$second"), which could not be removed, is based on it" ]] || fail "$out"
[[ $err == *"$second is not removed: another process"* ]] || fail "$err"
gone "$one" "$two"
there "$first" "$second"
let_go
wait "$verifier" || fail "the verification: $(cat "$work/verifier")"
all_whole

# An export that is based on it, and goes on to its end.
ok point create shop --name p5
hold_again
"$refpoint" export shop p5 --to "$to" --base p2 --no-job --json >"$work/exporter" 2>&1 &
exporter=$!
while [ ! -e "$work/held" ]; do kill -0 "$exporter" || fail "the export ended: $(cat "$work/exporter")"; done
prune --keep-last 1
there "$first" "$second"
[[ $(said "$second") == *".partial, which is not finished, is based on it" ]] || fail "$out"
let_go
wait "$exporter" || fail "the export: $(cat "$work/exporter")"
fifth=$(tail -n 1 "$work/exporter" | jq -r .package)
ok package verify "$fifth"
prune --keep-last 1
is "$status" 0 "by then"
is "$(said "$second")" "keep $(basename "$fifth") is based on it"
is "$(last .removed)" 2 # p3, p4
gone "$third" "$fourth"
there "$first" "$second"
all_whole

# A program that reads an image.
made shop p6
sixth=$package
exec 8<"$fifth/machines/web/vda.qcow2"
prune --keep-last 1
is "$status" 1 "a file is open"
[[ $(said "$fifth") == *"another program has $fifth/machines/web/vda.qcow2 open"* ]] || fail "$out"
there "$first" "$second" "$fifth"
exec 8<&-

# Somebody has it for himself: an export that comes then is refused, and leaves nothing.
exec 8<"$fifth"
flock --exclusive 8
ok point create shop --name p7
before=$(find "$to" | sort)
refused 32774 export shop p7 --to "$to" --base p5
[[ $err == *"$fifth"*"package prune"* ]] || fail "$err"
refused 32774 package verify "$fifth"
is "$(find "$to" | sort)" "$before" "left by an export that was refused"
flock --unlock 8
exec 8<&-

# --- what is no package, and what cannot be read ---
mkdir "$to/notes" "$to/.hidden" "$to/.notes-12345678.partial"
touch "$to/notes/reference-point" "$to/file" "$to/.notes-12345678.partial/mine"
ln -s "$sixth" "$to/link"
cp -a "$fifth" "$work/kept"
chmod u+w "$fifth/reference-point.cfg"
echo "nothing = 1;" >"$fifth/reference-point.cfg"
prune --keep-last 1
is "$status" 1 "one cannot be read"
[[ $err == *"left alone: $fifth: "* ]] || fail "$err"
is "$(said "$second")" "keep the images of $(basename "$fifth"), whose record cannot be read, are based on it"
is "$(said "$first")" "keep $(basename "$second") is based on it"
is "$(said "$sixth")" "keep last"
is "$(last .removed)" 0
for each in notes/reference-point .hidden .notes-12345678.partial/mine file link "$(basename "$fifth")"; do
    [ -e "$to/$each" ] || fail "$each was removed"
done
rm -r "$fifth"
mv "$work/kept" "$fifth"

# --- something in it that is no part of it ---
touch "$fifth/mine"
prune --keep-last 1
is "$status" 1 "a stray file"
[[ $(said "$fifth") == *"holds something that no export wrote: mine"* ]] || fail "$out"
there "$fifth/mine" "$second"
rm "$fifth/mine"

# --- names: one of a package's own, and one that was begun to be removed ---
odd=$to/$'--odd\n\e[31m "name"'
mv "$fifth" "$odd"
cp -a "$second" "$to/.$(basename "$second").removed"
rm "$to/.$(basename "$second").removed/SHA256SUMS"
prune --keep-last 1 --dry-run
[ -e "$to/.$(basename "$second").removed" ] || fail "a dry run removed something"
run package prune "$to" --keep-last 1
is "$status" 0 "odd names: $err"
[[ $out != *$'\e'* ]] || fail "a name reaches the terminal: $out"
[[ $out == *"1 that an earlier prune had begun to remove are gone now"* ]] || fail "$out"
gone "$odd" "$first" "$second"
is "$(find "$to" -name '*.removed')" "" "leavings"
for each in notes/reference-point .hidden .notes-12345678.partial/mine file link; do
    [ -e "$to/$each" ] || fail "$each was removed"
done
rm -r "$to/notes" "$to/.hidden" "$to/.notes-12345678.partial" "$to/file" "$to/link"

# The next export does the same, and one can be built on what stayed.
mkdir "$to/.shop-12345678.removed" "$to/.shop-1234567.removed"
made shop p8 p6
[ ! -e "$to/.shop-12345678.removed" ] || fail "leavings stay"
[ -e "$to/.shop-1234567.removed" ] || fail "what is not ours was removed"
rm -r "$to/.shop-1234567.removed"
all_whole
ok package import "$package" --to "$work/restored"

# --- two of the same point: one that is verified counts ---
ok export shop p8 --to "$to" --no-verify --json
unverified=$(last .package)
prune --keep-last 1
is "$status" 0
is "$(said "$unverified")" "remove $(basename "$package") is of the same point, and counts in its place"
is "$(said "$package")" "keep last"
is "$(said "$sixth")" "keep $(basename "$package") is based on it"
[ ! -e "$unverified" ] || fail "$unverified is still there"
all_whole
is "$(find "$to" -mindepth 1 -maxdepth 1 | wc -l)" 3 "in the end" # p6, p8 and q3
echo "prune: all as it should be"
