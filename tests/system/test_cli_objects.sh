#!/usr/bin/env bash
# Machines, collections and points on the command line: the JSON that scripts rely on, names of every kind, refusals.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

# An empty store is no error, and looking at it makes nothing.
ok collection list --json
is "$out" ""
ok machine list
is "$(wc -l <<<"$out")" 1 "lines of an empty list"
[ ! -e "$work/store" ] || fail "listing made the store"

image "$work/images/a.qcow2" 8M 1
image "$work/images/b with, odd: name=x.qcow2" 16M 3
ok machine add web01 --disk "vda=qcow2:$work/images/a.qcow2" --disk "vdb=qcow2:$work/images/b with, odd: name=x.qcow2" \
    --cpus 2 --memory 1.5G --firmware efi --network lan --json
is "$(jq -c 'keys_unsorted[:3]' <<<"$out")" '["id","name","disks"]'
is "$(jq -c '.disks[1] | [.id, .format, .virtual_size]' <<<"$out")" '["vdb","qcow2",16777216]'
is "$(jq -r '.disks[1].path' <<<"$out")" "$work/images/b with, odd: name=x.qcow2"
is "$(jq -c '[.cpus, .memory, .firmware, .adapters[0].network]' <<<"$out")" '[2,1610612736,"efi","lan"]'
web_id=$(jq -r .id <<<"$out")
added=$out
ok machine list --json
is "$out" "$added" "machine list after machine add"

# A relative path is below the current directory; symbolic links in it are not resolved but refused.
image "$work/images/c.qcow2" 8M 5
(cd "$work/images" && "$refpoint" machine add relative --disk vda=qcow2:./c.qcow2 --json) >"$work/out"
is "$(jq -r '.disks[0].path' "$work/out")" "$work/images/c.qcow2"
ln -s c.qcow2 "$work/images/link.qcow2"
refused 32770 machine add linked --disk "vda=qcow2:$work/images/link.qcow2"
[[ $err == *c.qcow2* ]] || fail "the link's target is not named: $err"

# Hostile names come out whole in JSON and harmless in text.
names=('../../x' 'a b"c' $'esc\e[31mred\e]0;title\a' $'line\nbreak\ttab' "q'uote" '日本語 テスト' $'bidi\u202egnp' '-dash')
number=0
for name in "${names[@]}"; do
    number=$((number + 1))
    image "$work/images/n$number.qcow2" 8M $((10 + number))
    ok machine add --disk "vda=qcow2:$work/images/n$number.qcow2" --json -- "$name"
    is "$(jq -j '.name + "."' <<<"$out")" "$name." "name in JSON"
    ok machine list
    ! grep -q $'[\e\a\t]' <<<"$out" || fail "control characters reached the output"
    ok collection define --member "$(ok machine list --json && jq -r --arg name "$name" 'select(.name == $name).id' <<<"$out")" -- "of $name"
done
ok collection list
is "$(wc -l <<<"$out")" $((${#names[@]} + 1)) "lines of collection list"
ok collection list --json
is "$(jq -sc 'map(.name) | length' <<<"$out")" "${#names[@]}"
refused 32773 machine show
[ -z "$(find "$work" -newer "$work/out" -path '*..*' -print -quit)" ] || fail "a name reached a path"

# Collections.
ok collection define web --member web01 --member relative --json
is "$(jq -c '[.name, .machines]' <<<"$out")" '["web",["web01","relative"]]'
collection_id=$(jq -r .id <<<"$out")
refused 32773 collection define web2 --member nobody
refused 32773 collection define web2
refused 32773 collection define web2 --member web01 --member "$web_id"
refused 32774 machine remove web01
ok machine set "${web_id:0:8}" --name 'web 01' --cpus 4 --json
is "$(jq -c '[.id, .name, .cpus, .memory]' <<<"$out")" "[\"$web_id\",\"web 01\",4,1610612736]"
refused 32773 machine set 'web 01'

# Points: the list, the notice of the first time, names that are not unique.
ok point create web --name monday --json
is "$(jq -c '[.name, .reference_point_type, .consistency_level, .has_associated_log, .collection, .return_value]' <<<"$out")" \
    '["monday",1,2,true,"web",0]'
jq -e '.created | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[+-][0-9]{2}:[0-9]{2}$")' <<<"$out" >/dev/null || fail "created: $out"
jq -e '.notice | test("hold the machines together")' <<<"$out" >/dev/null || fail "no notice the first time: $out"
ok point create web
[[ $out != *"hold the machines together"* ]] || fail "the notice came twice"
ok point list web --json
is "$(jq -sc 'length' <<<"$out")" 2
is "$(jq -sr '.[1].name' <<<"$out")" monday "oldest point"
is "$(jq -c 'keys_unsorted[:1]' <<<"$out" | sort -u)" '["id"]'
point_id=$(jq -sr '.[1].id' <<<"$out")
ok point show "$collection_id" "${point_id:0:6}" --json
is "$(jq -c '[.id, (.members | length), (.members[0].disks | length)]' <<<"$out")" "[\"$point_id\",2,2]"
ok point create web --name monday
refused 32773 point show web monday
[[ $err == *"$point_id"* ]] || fail "the candidates are not named: $err"
refused 32770 point create web --consistency application
refused 32773 point create nobody
refused 32773 point destroy web never
ok point remove-data web "$point_id" --json
is "$(jq -r .return_value <<<"$out")" 0
ok point show web "$point_id" --json
is "$(jq -r .has_associated_log <<<"$out")" false
refused 32775 collection delete web
ok point destroy web "$point_id"
ok store check --json
is "$(jq -c '[.ok, .findings]' <<<"$out")" '[true,[]]'

# A raw image needs to be asked for, and what to edit is said.
truncate -s 3000001 "$work/images/r.raw"
ok machine add raw --disk "vda=raw:$work/images/r.raw"
ok collection define raws --member raw
refused 32770 point create raws
cmp -s "$work/images/r.raw" <(head -c 3000001 /dev/zero) || fail "a refused freeze changed the raw image"
ok point create raws --raw-to-qcow2
[[ $out == *"from raw to qcow2"* ]] || fail "it is not said what to edit: $out"

# An image that is open elsewhere.
image "$work/images/open.qcow2" 8M 7
ok machine add busy --disk "vda=qcow2:$work/images/open.qcow2"
ok collection define busy --member busy
before=$(fingerprint "$work/images")
mkfifo "$work/hold"
qemu-io -f qcow2 "$work/images/open.qcow2" <"$work/hold" >"$work/qemu-io" 2>&1 &
holder=$!
exec 3>"$work/hold"
echo "read 0 512" >&3
while ! grep -q 'read 512/512' "$work/qemu-io"; do kill -0 "$holder" || fail "qemu-io ended"; done
refused 32774 point create busy
exec 3>&-
wait "$holder"
is "$(fingerprint "$work/images")" "$before" "images after a refused point"

# From a libvirt definition; an overlay of a template needs the template named, and the refusal says how.
qemu-img create -q -f qcow2 "$work/images/template.qcow2" 8M
(cd "$work/images" && qemu-img create -q -f qcow2 -b template.qcow2 -F qcow2 over.qcow2)
cat >"$work/domain.xml" <<XML
<domain type='kvm'>
  <name>defined</name><memory unit='MiB'>512</memory><vcpu>3</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
    <source file='$work/images/over.qcow2'/><target dev='vda' bus='virtio'/></disk></devices>
</domain>
XML
refused 32770 machine add --domain-xml "$work/domain.xml"
[[ $err == *--backing* ]] || fail "the option to add is not named: $err"
ok machine add --domain-xml "$work/domain.xml" --backing "vda=qcow2:$work/images/template.qcow2" --cpus 5 --json
is "$(jq -c '[.name, .cpus, .memory, .disks[0].id, (.disks[0].backing | length)]' <<<"$out")" '["defined",5,536870912,"vda",1]'
refused 32773 machine add --domain-xml "$work/domain.xml" --disk "vda=qcow2:$work/images/over.qcow2"
refused 32773 machine add --domain-xml "$work/images/over.qcow2"
refused 32779 machine add --domain-xml "$work/missing.xml"

# The same machine again is called by its name, with what was meant perhaps; a copy has an id of its own.
image "$work/images/once.qcow2" 8M 9
sed -e 's,<name>defined</name>,&<uuid>6fee5a86-2e5b-4a4b-8a4d-1d35b6d1a4b5</uuid>,' -e "s,over.qcow2,once.qcow2," \
    "$work/domain.xml" >"$work/once.xml"
ok machine add "it's once" --domain-xml "$work/once.xml"
refused 32773 machine add --domain-xml "$work/once.xml"
is "$(last .error_key)" machine.exists
[[ $err == *"it's once (6fee5a86-2e5b-4a4b-8a4d-1d35b6d1a4b5)"* ]] || fail "the machine is not named: $err"
[[ $err == *"refpoint machine set 'it'\\''s once' --domain-xml FILE"* ]] || fail "it is not said what to do: $err"
ok collection define once --member "it's once"
refused 32774 machine remove "it's once"
[[ $err == *"machine it's once is a member of the collection once"* ]] || fail "$err"
ok collection delete once
ok machine remove "it's once"

ok machine remove defined
ok machine list --json
is "$(jq -r 'select(.name == "defined").id' <<<"$out")" "" "removed machine in the list"
echo "objects: all as they should be"
