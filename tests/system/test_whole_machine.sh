#!/usr/bin/env bash
# The whole machine: what stands around its disks is in the point, or is said not to be; its definition agrees with its disks;
# what is imported can be defined.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

id=3b1f7e0a-6f1c-4d53-9d7a-0c8e5b6a7f10
files=$work/files
mkdir "$files" "$files/tpm" "$files/share"
image "$work/images/a.qcow2" 16M 7
image "$work/images/b.qcow2" 8M 9
head -c 540672 /dev/urandom >"$files/vars.fd"
echo kernel >"$files/vmlinuz"
echo initrd >"$files/initrd"
echo state >"$files/tpm/tpm2-00.permall"
: >"$files/tpm/.lock"
echo iso >"$files/install.iso"

usual_disk="<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$work/images/a.qcow2'/><target dev='vda' bus='virtio'/></disk>"

# definition [DISKS]: a machine with all that can stand around a disk.
definition() {
    cat <<END
<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>web01</name>
  <uuid>$id</uuid>
  <memory unit='GiB'>1</memory>
  <vcpu placement='static' current='2'>4</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
    <nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>$files/vars.fd</nvram>
    <kernel>$files/vmlinuz</kernel>
    <initrd>$files/initrd</initrd>
  </os>
  <devices>
    ${1:-$usual_disk}
    <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='$files/install.iso'/><target dev='sda' bus='sata'/><readonly/></disk>
    <filesystem type='mount'><source dir='$files/share'/><target dir='shared'/></filesystem>
    <tpm model='tpm-crb'><backend type='emulator' version='2.0'><source type='dir' path='$files/tpm'/></backend></tpm>
    <interface type='network'><mac address='52:54:00:11:22:33'/><source network='default'/><model type='virtio'/></interface>
  </devices>
  <qemu:commandline><qemu:arg value='-drive'/><qemu:arg value='file=/dev/null,if=none'/></qemu:commandline>
</domain>
END
}

# What is not in the points is said when the machine is added, a line each; what the guest has is its processors.
definition >"$work/web01.xml"
ok machine add --domain-xml "$work/web01.xml" --json
is "$(last '[.cpus, .cpus_ceiling] | tojson')" '[2,4]' "processors and their ceiling"
is "$(last '[.left_out[].kind] | sort | tojson')" '["cdrom","filesystem","qemu-option"]' "kinds that are left out"
for word in "install.iso" "$files/share" "-drive"; do [[ $err == *"$word"* ]] || fail "$word is not named: $err"; done
is "$(last '[.files[].role] | sort | tojson')" '["initrd","kernel","nvram","tpm"]' "files that belong to the machine"
ok collection define shop --member web01

# A file that cannot be read refuses the point, with the way; by the operator's word it goes without, and says so everywhere.
mv "$files/vars.fd" "$files/vars.aside"
before=$(fingerprint "$work/images")
refused 32779 point create shop --name p0
[[ $err == *"$files/vars.fd"*--leave-out* ]] || fail "the way out is not named: $err"
is "$(fingerprint "$work/images")" "$before" "images after a refused point"
ok point create shop --name p0 --leave-out nvram --json
is "$(last '.members[0].files | map(select(.role == "nvram")) | .[0] | [.sha256, (.missing | length > 0)] | tojson')" '[null,true]'
ok export shop p0 --to "$work/exports" --json
[[ $(last '.left_out | join(" ")') == *nvram* ]] || fail "the export does not say what it lacks: $out"
mv "$files/vars.aside" "$files/vars.fd"

# With all of them: kept once, in the package under their digests, verified.
ok point create shop --name p1 --json
is "$(last '[.members[0].files[] | select(.sha256)] | length')" 4
qemu-io -f qcow2 -c "write -q -P 0x55 2M 1M" "$work/images/a.qcow2" >/dev/null
ok point create shop --name p2
is "$(find "$work/store/files" -type f | wc -l)" 4 "contents that two points share"
ok export shop p1 --to "$work/exports" --json
full=$(last .package)
for role in nvram kernel initrd tpm; do
    grep -q "machines/web01/$role-" "$full/SHA256SUMS" || fail "SHA256SUMS does not name the $role"
done
(cd "$full" && sha256sum --quiet -c SHA256SUMS) || fail "SHA256SUMS"
cmp -s "$full"/machines/web01/nvram-* "$files/vars.fd" || fail "the variable store differs"
ok package show "$full" --json
is "$(last '[.machines[0].left_out[].kind] | sort | tojson')" '["cdrom","filesystem","qemu-option"]' "the record's left_out"
chmod u+w "$full"/machines/web01 "$full"/machines/web01/nvram-*
printf x | dd of="$(echo "$full"/machines/web01/nvram-*)" bs=1 seek=100 conv=notrunc status=none
run package verify "$full" --json
is "$(last .ok)" false "verdict on a changed variable store"
cp "$files/vars.fd" "$(echo "$full"/machines/web01/nvram-*)"
ok package verify "$full"

# What was changed with machine set is in the definition that a package holds, and in what is imported.
image "$work/images/c.qcow2" 8M 11
ok machine set web01 --cpus 6 --memory 2G --disk "vdb=qcow2:$work/images/c.qcow2"
ok point create shop --name p3
ok export shop p3 --to "$work/exports" --json
package=$(last .package)
machine=$package/machines/web01
[ "$(grep -c "device='disk'\|device=\"disk\"" "$machine/domain.xml")" = 2 ] || fail "the package's definition has not two disks"
grep -q "vdb" "$machine/domain.xml" || fail "the package's definition lacks the new disk"
is "$(grep -c '^ *id = "vd' "$machine/machine.cfg")" 2 "disks of machine.cfg"
! grep -q "current='2'" "$machine/domain.xml" || fail "the definition has the old processors"

# The way back: paths, formats, files; no chain; a new identity where asked.
refused 32773 package import "$package" --to "$work/back" --as a/b
[[ ! -e $work/back ]] || fail "a refused import left something"
ok package import "$package" --to "$work/back" --as twin --json
twin=$work/back/web01/domain.xml
grep -q "<name>twin</name>" "$twin" || fail "the name: $(cat "$twin")"
! grep -q "$id" "$twin" || fail "the old UUID is in it"
! grep -q "52:54:00:11:22:33" "$twin" || fail "the old hardware address is in it"
grep -q "$work/back/web01/vda.qcow2" "$twin" || fail "the disk's new path is not in it"
grep -q "$work/back/web01/nvram-vars.fd" "$twin" || fail "the variable store's new path is not in it"
! grep -q "install.iso" "$twin" || fail "the drive still has its medium"
[[ $out == *TPM* ]] || fail "where the TPM's state belongs is not said: $out"
qemu-img info "$work/back/web01/vda.qcow2" | grep -q 'backing file' && fail "an imported disk has a backing file"

# A definition that fixes its chain is said at once, refused at the point, put right by a command, and accepted then.
for chain in "<backingStore/>" "<backingStore type='file'><format type='qcow2'/><source file='$work/images/other.qcow2'/></backingStore>"; do
    disk="<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$work/images/b.qcow2'/>$chain<target dev='vda' bus='virtio'/></disk>"
    definition "$disk" | sed "s/web01/fixed/; s/$id/4c2f7e0a-6f1c-4d53-9d7a-0c8e5b6a7f11/" >"$work/fixed.xml"
    if [[ $chain == *other* ]]; then
        qemu-img create -q -f qcow2 -o preallocation=off "$work/images/other.qcow2" 8M
        qemu-img rebase -q -u -f qcow2 -b "$work/images/other.qcow2" -F qcow2 "$work/images/b.qcow2"
    fi
    ok machine add --domain-xml "$work/fixed.xml"
    [[ $err == *backingStore* ]] || fail "what the definition does is not said: $err"
    ok collection define fixed --member fixed
    refused 32770 point create fixed
    [[ $err == *"refpoint machine definition fixed"* ]] || fail "the way out is not named: $err"
    ok machine definition fixed
    ! grep -q backingStore <<<"$out" || fail "it is not put right: $out"
    printf '%s\n' "$out" >"$work/right.xml"
    ok machine set fixed --domain-xml "$work/right.xml"
    ok point create fixed --name p1
    ok point destroy fixed p1
    ok collection delete fixed
    ok machine remove fixed
done

# The same where --raw-to-qcow2 has changed what the definition calls raw.
qemu-img convert -q -O raw "$work/images/b.qcow2" "$work/images/r.raw"
disk="<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$work/images/r.raw'/><target dev='vda' bus='virtio'/></disk>"
definition "$disk" | sed "s/web01/rawone/; s/$id/5c2f7e0a-6f1c-4d53-9d7a-0c8e5b6a7f12/" >"$work/raw.xml"
ok machine add --domain-xml "$work/raw.xml"
ok collection define raw --member rawone
ok point create raw --name p1 --raw-to-qcow2
refused 32770 point create raw --name p2
ok machine definition rawone
grep -q "type=.qcow2." <<<"$out" || fail "the format is not put right: $out"
printf '%s\n' "$out" >"$work/right.xml"
ok machine set rawone --domain-xml "$work/right.xml"
ok point create raw --name p2
ok export raw p1 --to "$work/exports" --json
raw=$(last .package)/machines/rawone
agree() { # FORMAT: what the definition, the settings and the file say
    grep -q "<driver name=.qemu. type=.$1." "$raw/domain.xml" || fail "the definition does not say $1: $(cat "$raw/domain.xml")"
    grep -q "format = \"$1\"" "$raw/machine.cfg" || fail "the settings do not say $1"
    is "$(qemu-img info --output=json "$raw/vda.$1" | jq -r .format)" "$1" "the format of the file"
}
agree qcow2
ok export raw p1 --to "$work/exports" --format raw --json
raw=$(last .package)/machines/rawone
agree raw

# A newer definition: a disk that is gone is named, its points stay.
definition "$disk" | sed "s/web01/rawone/; s/$id/5c2f7e0a-6f1c-4d53-9d7a-0c8e5b6a7f12/; s/type='raw'\\/><source file='[^']*r.raw/type='qcow2'\\/><source file='${work//\//\\/}\\/images\\/r.raw/" >"$work/newer.xml"
sed -i "s|<target dev='vda'|<target dev='vdz'|; s|r.raw|new.qcow2|" "$work/newer.xml"
image "$work/images/new.qcow2" 8M 3
ok machine set rawone --domain-xml "$work/newer.xml"
[[ $err == *vda* ]] || fail "the disk that is gone is not named: $err"
ok point create raw --name p3 --json
is "$(last '[.members[0].disks[].id] | tojson')" '["vdz"]' "disks of a point after the definition changed"
ok point list raw --json
is "$(wc -l <<<"$out")" 3 "points after the definition changed"
ok export raw p2 --to "$work/exports"
for point in p1 p2 p3; do ok point destroy raw "$point"; done

# A disk that cannot be a member is left out by the operator's word, and recorded.
disk="<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$work/images/c2.qcow2'/><target dev='vda' bus='virtio'/></disk><disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='rbd' name='pool/image'/><target dev='vdb' bus='virtio'/></disk>"
image "$work/images/c2.qcow2" 8M 5
definition "$disk" | sed "s/web01/mixed/; s/$id/6c2f7e0a-6f1c-4d53-9d7a-0c8e5b6a7f13/" >"$work/mixed.xml"
refused 32770 machine add --domain-xml "$work/mixed.xml"
[[ $err == *"--without vdb"* ]] || fail "the way out is not named: $err"
ok machine add --domain-xml "$work/mixed.xml" --without vdb --json
is "$(last '.left_out | map(select(.device == "vdb")) | length')" 1
ok collection define mixed --member mixed
ok point create mixed --name p1
ok export mixed p1 --to "$work/exports" --json
[[ $(last '.left_out | join(" ")') == *vdb* ]] || fail "the export does not say what was left out: $out"
ok point destroy shop p2

# A machine that was added by hand has a UUID of the store's own: its definition is taken without one.
image "$work/images/hand.qcow2" 8M 5
ok machine add hand --disk "vda=qcow2:$work/images/hand.qcow2"
ok collection define hand --member hand
ok point create hand --name p1
disk="<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$work/images/hand.qcow2'/><target dev='vda' bus='virtio'/></disk>"
definition "$disk" | sed "s/web01/hand/; s/$id/6c2f7e0a-6f1c-4d53-9d7a-0c8e5b6a7f14/" >"$work/hand.xml"
refused 32773 machine set hand --domain-xml "$work/hand.xml"
[[ $err == *"<uuid>"* ]] || fail "the way out is not named: $err"
sed -i 's|<uuid>.*</uuid>||' "$work/hand.xml"
ok machine set hand --domain-xml "$work/hand.xml"
ok point create hand --name p2
ok export hand p2 --to "$work/exports" --json
grep -q "<name>hand</name>" "$(last .package)/machines/hand/domain.xml" || fail "the package has not the definition"
ok export hand p1 --to "$work/exports"
ok collection forget hand

# What no point has any more is not kept.
ok collection forget mixed
kept() { find "$work/store/files" -type f | wc -l; }
ok point list shop --json
left=$out
while read -r point; do
    (($(kept) > 0)) || fail "files of $point are gone while it is there"
    ok point destroy shop "$point"
done < <(jq -r .name <<<"$left")
ok point list raw --json
is "$out" ""
is "$(kept)" 0 "kept files without a point"
ok store check
echo "the whole machine: all as it should be"
