#!/usr/bin/env bash
# package import --register: a store that is gone comes back from packages. The machine, the collection and the point are in a
# new store, and the next differential stands on the old package.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

content() { qemu-img convert -q -f qcow2 -O raw "$1" "$2"; }

image "$work/images/a.qcow2" 16M 7
image "$work/images/b.qcow2" 16M 40
ok machine add web01 --disk "vda=qcow2:$work/images/a.qcow2" --disk "vdb=qcow2:$work/images/b.qcow2"
ok machine list --json
machine=$(last .id)
ok collection define shop --member web01
ok point create shop --name p1
ok export shop p1 --to "$work/exports" --json
package=$(last .package)
ok package show "$package" --json
point=$(last .point_id) collection=$(last .collection_id)
content "$work/images/a.qcow2" "$work/a1"
content "$work/images/b.qcow2" "$work/b1"

# In the store that has the machine it is refused before anything is copied, and the ways out work.
refused 32773 package import "$package" --to "$work/restored" --register
[[ $err == *"--as"* && $err == *"point forget shop p1"* ]] || fail "no way out is named: $err"
cp -a "$work/store" "$work/spare"
ok point forget shop p1
refused 32773 package import "$package" --to "$work/restored" --register
[[ $err == *"--as"* && $err == *"machine remove web01"* ]] || fail "no way out is named: $err"
[ ! -e "$work/restored" ] || fail "a refused import has left something"
rm -rf "$work/store" && mv "$work/spare" "$work/store"
ok package import "$package" --to "$work/other" --as web02 --register --json
is "$(last '[.registered.machines[].name, .registered.point_id] | @json')" '["web02",null]'
ok machine list --json
is "$(jq -r .name <<<"$out" | sort | xargs)" "web01 web02" "machines"
[ "$(jq -r 'select(.name == "web02") | .id' <<<"$out")" != "$machine" ] || fail "the copy has the id of the machine"
ok machine remove web02
ok package import "$package" --to "$work/plain" --json
is "$(last .registered)" null "registered without being asked"

# Everything is lost but the packages.
chmod -R u+w "$work/images" "$work/store"
rm -rf "$work/images" "$work/store"
ok package import "$package" --to "$work/restored" --register --json
is "$(last '[.registered.collection_id, .registered.point_id, .registered.machines[0].id] | @json')" \
    "[\"$collection\",\"$point\",\"$machine\"]"
disk_a=$work/restored/web01/vda.qcow2 disk_b=$work/restored/web01/vdb.qcow2
ok point list shop --json
is "$(jq -r '[.name, .id, .has_associated_log] | @json' <<<"$out")" "[\"p1\",\"$point\",true]"
ok store check
qemu-img compare -q -f qcow2 -F raw "$disk_a" "$work/a1" || fail "the image does not read as it did"

# The point itself can be exported again, and is the same.
mkdir "$work/again"
ok export shop p1 --to "$work/again" --json
qemu-img compare -q -f qcow2 -F raw "$(last .package)/machines/web01/vda.qcow2" "$work/a1" || fail "p1 is not what it was"

# The next one is a difference on the old package.
qemu-io -f qcow2 -c "write -q -P 99 1M 128k" -c "write -q -z 4M 64k" -c "discard -q 0 64k" "$disk_a" >/dev/null
content "$disk_a" "$work/a2"
content "$disk_b" "$work/b2"
ok point create shop --name p2
ok export shop p2 --base p1 --to "$work/exports" --strict --json
second=$(last .package)
is "$(last '[.disks[].kind] | @json')" '["differential","differential"]'
is "$(last .verified)" true
ok package verify "$second"
ok package import "$second" --to "$work/second"
qemu-img compare -q -f qcow2 -F raw "$work/second/web01/vda.qcow2" "$work/a2" || fail "vda of p2 is not what it was"
qemu-img compare -q -f qcow2 -F raw "$work/second/web01/vdb.qcow2" "$work/b2" || fail "vdb of p2 is not what it was"
qemu-img compare -q -f qcow2 -F raw "$package/machines/web01/vda.qcow2" "$work/a1" || fail "the base was changed"
ok point destroy shop p1
ok point destroy shop p2
is "$(find "$work/restored" -name '*.refpoint-*')" "" "layers that stay"
qemu-img compare -q -f qcow2 -F raw "$disk_a" "$work/a2" || fail "the image after all points are destroyed"

# From a difference, into a store that has the collection but not the machine.
ok collection forget shop
ok machine remove web01
ok package import "$second" --to "$work/third" --register --json
qemu-io -f qcow2 -c "write -q -P 98 2M 64k" "$work/third/web01/vdb.qcow2" >/dev/null
content "$work/third/web01/vdb.qcow2" "$work/b3"
ok point create shop --name p3
ok export shop p3 --base p2 --to "$work/exports" --strict --json
third=$(last .package)
is "$(last '[.disks[].kind] | @json')" '["differential","differential"]'
ok package verify "$third"
ok package import "$third" --to "$work/fourth"
qemu-img compare -q -f qcow2 -F raw "$work/fourth/web01/vdb.qcow2" "$work/b3" || fail "vdb of p3 is not what it was"

# A point that the store has already, and packages of raw images.
ok export shop p3 --to "$work/again" --format raw --json
raw=$(last .package)
refused 32773 package import "$third" --to "$work/fifth" --register
chmod -R u+w "$work/store" && rm -rf "$work/store"
refused 32770 package import "$raw" --to "$work/fifth" --register
[[ $err == *"raw"* && $err == *"machine add"* ]] || fail "no way out is named: $err"
[ ! -e "$work/fifth" ] || fail "a refused import has left something"

# A failure behind the import leaves the images, and nothing in the store.
real=$(command -v qemu-img)
mkdir "$work/bin"
cat >"$work/bin/qemu-img" <<END
#!/bin/sh
[ "\$1" = create ] && exit 1
exec $real "\$@"
END
chmod +x "$work/bin/qemu-img"
status=0
out=$(PATH=$work/bin:$PATH "$refpoint" package import "$third" --to "$work/fifth" --register --json 2>"$work/stderr") || status=$?
is "$status" 1 "exit status of an import that cannot be registered"
[[ $(<"$work/stderr") == *"machine add"* ]] || fail "no way on is named: $(<"$work/stderr")"
qemu-img compare -q -f qcow2 -F raw "$work/fifth/web01/vdb.qcow2" "$work/b3" || fail "the import is not whole"
is "$(find "$work/fifth" -name '*.refpoint-*')" "" "left beside the images"
ok machine list --json
is "$out" "" "machines"
ok collection list --json
is "$out" "" "collections"

# Two machines, each in a package of its own, come into one collection. One has a definition, a variable store and a TPM.
rm -rf "$work/store" "$work/exports"
mkdir "$work/images" "$work/exports" "$work/files" "$work/files/tpm"
image "$work/images/a.qcow2" 16M 7
image "$work/images/c.qcow2" 16M 60
head -c 131072 /dev/urandom >"$work/files/vars.fd"
echo state >"$work/files/tpm/tpm2-00.permall"
cat >"$work/web01.xml" <<END
<domain type='kvm'>
  <name>web01</name>
  <uuid>3b1f7e0a-6f1c-4d53-9d7a-0c8e5b6a7f10</uuid>
  <memory unit='GiB'>1</memory>
  <vcpu>2</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
    <nvram>$work/files/vars.fd</nvram>
  </os>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$work/images/a.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <tpm model='tpm-crb'><backend type='emulator' version='2.0'><source type='dir' path='$work/files/tpm'/></backend></tpm>
  </devices>
</domain>
END
ok machine add --domain-xml "$work/web01.xml"
ok machine add db01 --disk "vda=qcow2:$work/images/c.qcow2"
ok collection define pair --member web01 --member db01
ok point create pair --name p1
ok export pair p1 --only web01 --to "$work/exports" --json
web=$(last .package)
ok point create pair --name p2
ok export pair p2 --only db01 --to "$work/exports" --json
db=$(last .package)
vars=$(openssl dgst -sha256 -r "$work/files/vars.fd" | cut -d' ' -f1)
chmod -R u+w "$work/images" "$work/store"
rm -rf "$work/images" "$work/store" "$work/files/vars.fd"
ok package import "$web" --to "$work/sixth" --register --json
ok package import "$db" --to "$work/seventh" --register
ok collection list --json
is "$(last '.members | length')" 2 "members of the collection"
ok point show pair p1 --json
is "$(last '[.members[0].files[] | select(.role == "nvram") | .sha256] | @json')" "[\"$vars\"]" "what the point keeps"
is "$(last '[.members[0].files[] | select(.role == "tpm" and .sha256)] | length')" 1 "the state of the TPM in the point"
ok point create pair --name p3
ok point show pair p3 --json
is "$(last '[.members[].files[] | select(.role == "nvram") | .path] | @json')" "$(jq -nc --arg path "$(find "$work/sixth" -name '*vars*' -o -name '*nvram*' | head -n 1)" '[$path]')" \
    "where the variable store is now"
ok export pair p3 --only db01 --base p2 --to "$work/exports" --strict --json
is "$(last '[.disks[].kind] | @json')" '["differential"]'
ok export pair p3 --only web01 --base p1 --to "$work/exports" --strict --json
is "$(last '[.disks[].kind] | @json')" '["differential"]'
ok package verify "$(last .package)"
ok export pair p1 --to "$work/again" --json
is "$(openssl dgst -sha256 -r "$(find "$(last .package)" -name '*nvram*' -o -name '*vars*' | head -n 1)" | cut -d' ' -f1)" "$vars" "the variable store in a package of the point"

# Machines of a libvirt host come from there.
refused 32770 --host qemu:///system package import "$web" --to "$work/eighth" --register
[[ $err == *"virsh define"* ]] || fail "no way out is named: $err"
[ ! -e "$work/eighth" ] || fail "a refused import has left something"
