#!/usr/bin/env bash
# Symbolic links in the store, among the jobs and beneath the export directory: none is followed, each is named, and what it
# leads to stays as it is. The paths of the store, of the state directory and of the export directory may lead through links.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

store=$work/store
images=$work/images
jobs=$work/state/refpoint/jobs
aside=$work/aside
mkdir "$aside"

image "$images/a.qcow2" 8M 1
printf 'a kernel' >"$images/vmlinuz"
cat >"$work/web.xml" <<XML
<domain type='kvm'><name>web</name><memory>1048576</memory>
  <os><type arch='x86_64'>hvm</type><kernel>$images/vmlinuz</kernel></os>
  <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
    <source file='$images/a.qcow2'/><target dev='vda' bus='virtio'/></disk></devices>
</domain>
XML
ok machine add --domain-xml "$work/web.xml" --json
machine=$(last .id)
ok collection define shop --member web --json
collection=$(last .id)
ok point create shop --name p1 --json
point=$(last .id)
ok export shop p1 --to "$work/exports" --json
package=$(last .package)
job=$(last .job)
mkdir -p "$store/journal"
ok store check

# away PATH: what is there is moved away, and a link to it put in its place. back PATH: as it was.
away() {
    moved=$aside/moved
    mv "$1" "$moved"
    ln -s "$moved" "$1"
    before=$(fingerprint "$aside")
}
back() {
    is "$(fingerprint "$aside")" "$before" "what the link $1 leads to"
    [ -L "$1" ] || fail "the link $1 is gone"
    rm "$1"
    mv "$moved" "$1"
}
# names LINK KEY, after a refusal: the link is named, by its whole path, and what to do is said.
names() {
    is "$(last .error_key)" "$2" "key ($err)"
    [[ $err == *"$1 is a symbolic link"* ]] || fail "$1 is not named: $err"
    [[ $err == *"its place"* ]] || fail "it is not said what to do: $err"
}
# damage LINK: the store check finds it, once.
damage() {
    run store check --json
    is "$status" 1 "exit status of store check ($out $err)"
    is "$(last .ok)" false
    is "$(last "[.findings[] | select(startswith(\"$1 is a symbolic link\"))] | length")" 1 "findings in $out"
}
# refuses LINK WORDS...: that command is refused because of the link.
refuses() {
    local link=$1
    shift
    refused 32770 "$@"
    names "$link" store.link
}

# --- the store's own directories ---
for part in machines collections journal; do
    away "$store/$part"
    case $part in
    machines)
        refuses "$store/$part" machine list
        refuses "$store/$part" machine definition web
        refuses "$store/$part" machine set "$machine" --name other
        refuses "$store/$part" machine remove "$machine"
        ;;
    collections)
        refuses "$store/$part" collection list
        refuses "$store/$part" collection delete "$collection"
        refuses "$store/$part" point list shop
        refuses "$store/$part" point create shop --name p2
        refuses "$store/$part" point destroy shop p1
        refuses "$store/$part" export shop p1 --to "$work/exports" --no-job
        ;;
    journal)
        refuses "$store/$part" point create shop --name p2
        refuses "$store/$part" point remove-data shop p1
        refuses "$store/$part" point destroy shop p1
        ;;
    esac
    damage "$store/$part"
    back "$store/$part"
    ok store check
done
away "$store/files"
printf 'another kernel' >"$images/vmlinuz"
refuses "$store/files" point create shop --name p2
refuses "$store/files" export shop p1 --to "$work/exports" --no-job
damage "$store/files"
back "$store/files"

# A link that leads nowhere makes nothing there, and one to a directory that is missing so far neither.
rmdir "$store/journal"
ln -s "$aside/new" "$store/journal"
refuses "$store/journal" point create shop --name p2
damage "$store/journal"
[ ! -e "$aside/new" ] || fail "what the link leads to was made"
rm "$store/journal"
ok store check

# --- objects, and files of objects ---
away "$store/lock"
refuses "$store/lock" machine set "$machine" --name other
refuses "$store/lock" store check
back "$store/lock"

for part in "machines/$machine" "machines/$machine/machine.cfg"; do
    away "$store/$part"
    refused 32773 machine set "$machine" --name other
    [[ $err == *"cannot be read. \"refpoint store check\""* ]] || fail "it is not said what to do: $err"
    ok machine list
    [[ $out$err == *"$store/$part is a symbolic link"* ]] || fail "the list is silent about $part: $out $err"
    refused 32770 point create shop --name p2
    damage "$store/$part"
    back "$store/$part"
done
away "$store/machines/$machine/domain.xml"
refuses "$store/machines/$machine/domain.xml" machine definition web
damage "$store/machines/$machine/domain.xml"
back "$store/machines/$machine/domain.xml"
for part in "collections/$collection" "collections/$collection/collection.cfg"; do
    away "$store/$part"
    ok collection list
    [[ $out$err == *"$store/$part is a symbolic link"* ]] || fail "the list is silent about $part: $out $err"
    damage "$store/$part"
    back "$store/$part"
done
points=collections/$collection/points
away "$store/$points"
refuses "$store/$points" point list shop
refuses "$store/$points" point create shop --name p2
damage "$store/$points"
back "$store/$points"
for part in "$points/$point" "$points/$point/point.cfg"; do
    away "$store/$part"
    ok point list shop
    [[ $out$err == *"$store/$part is a symbolic link"* ]] || fail "the list is silent about $part: $out $err"
    refused 32773 export shop "$point" --to "$work/exports" --no-job
    [[ $err == *"cannot be read. \"refpoint store check\""* ]] || fail "it is not said what to do: $err"
    damage "$store/$part"
    back "$store/$part"
done
away "$store/$points/$point/domain-$machine.xml"
refuses "$store/$points/$point/domain-$machine.xml" export shop p1 --to "$work/exports" --no-job
damage "$store/$points/$point/domain-$machine.xml"
back "$store/$points/$point/domain-$machine.xml"
kept=$(find "$store/files" -type f -printf 'files/%f\n')
away "$store/$kept"
refuses "$store/$kept" export shop p1 --to "$work/exports" --no-job
damage "$store/$kept"
back "$store/$kept"

# Unfinished work that is a link: nothing is changed until it is gone, and what it leads to is not worked on.
mkdir "$store/journal"
printf 'operation = "create-point";' >"$aside/entry.cfg"
ln -s "$aside/entry.cfg" "$store/journal/$point.cfg"
before=$(fingerprint "$aside")
refused 32775 point create shop --name p2
[[ $err == *"$store/journal/$point.cfg is a symbolic link"* ]] || fail "the link is not named: $err"
damage "$store/journal/$point.cfg"
is "$(fingerprint "$aside")" "$before" "what the link in the journal leads to"
rm "$store/journal/$point.cfg"
ok store check

# --- roots may be links ---
ln -s "$work" "$aside/way"
ln -s store "$work/store-link"
ln -s exports "$work/exports-link"
(
    export REFPOINT_STORE=$aside/way/store-link XDG_STATE_HOME=$aside/way/state
    ok point create shop --name p2
    ok export shop p2 --base p1 --to "$aside/way/exports-link" --json
    is "$(last '.disks[0].kind')" differential
    ok package verify "$aside/way/exports-link/$(basename "$(last .package)")"
    ok package list "$aside/way/exports-link"
    ok package import "$package" --to "$aside/way/restored"
    ok store check
    ok job list
)
[ "$(find "$work/exports" -mindepth 1 -maxdepth 1 -name 'shop-*' | wc -l)" = 2 ] || fail "not in the export directory"

# --- jobs ---
away "$jobs"
refused 32770 job list
names "$jobs" journal.link
refused 32770 job show "$job"
names "$jobs" journal.link
refused 32770 export shop p1 --to "$work/exports" --detach
names "$jobs" journal.link
back "$jobs"
away "$jobs/$job"
for verb in show attach cancel discard; do
    refused 32770 job "$verb" "$job"
    names "$jobs/$job" journal.link
done
ok job list --json
is "$(jq -r "select(.job == \"$job\") | .error_key" <<<"$out")" journal.link
back "$jobs/$job"
for file in outcome request progress log; do
    [ -e "$jobs/$job/$file" ] || continue
    away "$jobs/$job/$file"
    ok job show "$job" --json
    [ "$file" != outcome ] || is "$(last .error_key)" journal.damaged
    back "$jobs/$job/$file"
done

# A job that has its socket replaced by a link to another's: nobody is asked but the job itself.
hold 'check *.partial/*'
run export shop p1 --to "$work/exports" --detach --json
running=$(last .job)
until [ -e "$work/held" ]; do :; done
mkdir "$aside/socket"
mv "$jobs/$running/socket" "$aside/socket/socket"
ln -s "$aside/socket/socket" "$jobs/$running/socket"
refused 32770 job cancel "$running"
names "$jobs/$running/socket" journal.link
let_go
ok job attach "$running" --json
is "$(last .job_state)" 7 "state of a job that nobody could ask"
rm -rf "$aside/socket"

# --- links planted in what is being written ---
victim=$aside/victim
printf precious >"$victim"
hold_again
run export shop p1 --to "$work/exports" --detach --json
running=$(last .job)
until [ -e "$work/held" ]; do :; done
partial=$(echo "$work"/exports/.*.partial)
mv "$partial/machines" "$aside/machines"
ln -s "$aside/machines" "$partial/machines"
before=$(fingerprint "$aside")
let_go
run job attach "$running" --json
is "$(last .job_state)" 10 "state of a job whose directory became a link"
is "$(fingerprint "$aside")" "$before" "what the planted link leads to"
[ ! -e "$partial" ] || fail "$partial stayed"
rm -rf "$aside/machines"

for name in SHA256SUMS reference-point.cfg machines/web/machine.cfg; do
    hold_again
    run export shop p1 --to "$work/exports" --detach --json
    running=$(last .job)
    until [ -e "$work/held" ]; do :; done
    partial=$(echo "$work"/exports/.*.partial)
    ln -s "$victim" "$partial/$name"
    let_go
    run job attach "$running" --json
    is "$(last .job_state)" 10 "state of a job with the link $name"
    is "$(cat "$victim")" precious "what the link $name leads to"
    [ ! -e "$partial" ] || fail "$partial stayed"
done
rm -r "${work:?}/bin" "$work/held" "$work/gate"
hash -r

# The disk of an import, while QEMU is about to write it.
hold 'convert *'
"$refpoint" package import "$package" --to "$work/restored-2" >"$work/out" 2>&1 &
import=$!
until [ -e "$work/held" ]; do kill -0 "$import" || fail "the import ended: $(cat "$work/out")"; done
partial=$(echo "$work"/.restored-2-*.partial)
ln -sf "$victim" "$partial/web/vda.qcow2"
let_go
status=0
wait "$import" || status=$?
[ "$status" != 0 ] || fail "an import with a link in it was taken for good"
[ "$(stat -c %s "$victim")" = 8 ] || fail "QEMU wrote through the planted link"
[ ! -e "$partial" ] || fail "$partial stayed"

# --- links in a package ---
chmod -R u+w "$package"
for name in SHA256SUMS reference-point.cfg machines machines/web machines/web/vda.qcow2 machines/web/machine.cfg; do
    away "$package/$name"
    run package verify "$package" --json
    [ "$status" != 0 ] || fail "a package with the link $name is whole: $out"
    [[ $out$err == *"is a symbolic link"* ]] || fail "the link $name is not named: $out $err"
    run package import "$package" --to "$work/restored-3" --json
    [ "$status" != 0 ] || fail "a package with the link $name was imported: $out"
    [ ! -e "$work/restored-3" ] || fail "something was imported"
    back "$package/$name"
done
echo "links: none is followed"
