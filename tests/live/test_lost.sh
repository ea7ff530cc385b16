#!/usr/bin/env bash
# What happens around points of machines that run: machines that come, go, change and break, and other people's snapshots. Each
# has its code and its sentence, and none ends in a point or package that is wrong.
# shellcheck source=tests/live/live.bash
. "$(dirname "${BASH_SOURCE[0]}")/live.bash"

says() { [[ $err == *"$1"* ]] || fail "it does not say '$1': $err"; }

# exported POINT: in full, against the copies in $work/POINT
exported() {
    local package disk machine
    ok export pair "$1" --to "$work/exports" --json
    package=$(last .package)
    for machine in one two; do
        for disk in hda hdb; do
            qemu-img convert -O raw "$package/machines/$machine/$disk.qcow2" "$work/read"
            assert_same "$work/read" "$work/$1/$machine-$disk"
        done
    done
}

take() { # NAME
    REFPOINT_TEST_AT="virDomainResume:1:before:run=$(copy_command "$work/$1" one two)" ok point create pair --name "$1"
}

make_machine one
make_machine two
start_machine one
start_machine two
files_in_images >"$work/files"
definition_of one >"$work/one.xml"
ok collection define pair --member one --member two

# Somebody else's snapshot above the image, before and after a point of ours.
take p1
declare -A ours
while read -r disk path; do ours[$disk]=$path; done < <("$refpoint" machine list --json | jq -r 'select(.name == "one") | .disks[] | "\(.id) \(.path)"')
virsh --quiet snapshot-create-as one other --disk-only --no-metadata --diskspec hda,file="$images/other-a" --diskspec hdb,file="$images/other-b" >/dev/null
refused 32775 point create pair --name p2
says "$images/other-a"
refused 32775 point destroy pair p1
says "$images/other-a"
assert_writing one two
exported p1
for disk in hda hdb; do
    virsh --quiet blockcommit one "$disk" --active --base "${ours[$disk]}" --pivot --wait >/dev/null
done
rm -f "$images/other-a" "$images/other-b"
take p2
exported p2

# A block job of somebody else's.
virsh --quiet blockcopy two hda --dest "$images/copied" --transient-job >/dev/null
refused 32775 point create pair --name p3
says "block job"
virsh --quiet blockjob two hda --abort
rm -f "$images/copied"

# The daemon is restarted; the machines run on, and so do we.
restart_libvirtd
take p3
exported p3
assert_writing one two

# A machine that was undefined, and defined again: the same machine. One that is gone is said to be.
power_off two
definition=$(virsh --quiet dumpxml --inactive two)
virsh --quiet undefine two
refused 32775 point create pair --name p4
says "gone from the host"
is "$("$refpoint" machine list --json | jq -r 'select(.name == "two") | .state')" gone "state of two"
exported p3
virsh --quiet define <(echo "$definition") >/dev/null
start_machine two
take p4
exported p4

# A machine that is shut down between being looked at and being paused: there is no point, and nothing is left of it.
files_in_images >"$work/before"
REFPOINT_TEST_AT="virDomainSuspend:1:before:run=virsh --quiet destroy two" refused 32775 point create pair --name gone
says "two"
is "$(state_of one)" running "state of one"
assert_files "$work/before"
start_machine two
assert_writing one two

# Somebody resumes a machine while it is to stand still: the disks need not be of one instant, so that there is no point.
REFPOINT_TEST_AT="virDomainSnapshotCreateXML:1:before:run=virsh --quiet resume one" refused 32775 point create pair --name torn
says "resumed"
assert_files "$work/before"
assert_running one two
assert_writing one two

# A disk that was grown, and one that was added, between points.
virsh --quiet blockresize one hdb 24M >/dev/null
truncate -s 4M "$work/extra.raw"
qemu-img convert -f raw -O qcow2 "$work/extra.raw" "$images/extra.qcow2"
power_off two
virsh --quiet attach-disk two "$images/extra.qcow2" hdc --subdriver qcow2 --config >/dev/null
start_machine two
take p5
ok export pair p5 --to "$work/exports" --base p4 --json
is "$(last '.disks[] | select(.machine == "two" and .disk == "hdc") | .kind')" full "kind of the disk that was added"
package=$(last .package)
for file in one-hda one-hdb two-hda two-hdb two-hdc; do
    qemu-img convert -O raw "$package/machines/${file%-*}/${file#*-}.qcow2" "$work/read"
    assert_same "$work/read" "$work/p5/$file"
done

# A definition that says something else of the chain: the machine goes on from what its disk holds.
power_off one
active=$(virsh --quiet dumpxml --inactive one | sed -n "s/.*<source file='\(.*hda.*\)'.*/\1/p")
virsh --quiet define <(virsh --quiet dumpxml --inactive one |
    sed "s|<source file='$active'/>|&<backingStore type='file'><format type='qcow2'/><source file='$images/one-hda.qcow2'/><backingStore/></backingStore>|") >/dev/null
ok point create pair --name p6
start_machine one
assert_writing one two

# Disks that cannot be frozen: each has its reason before anything starts, and the operator's word leaves it out; read-only ones and
# empty drives are skipped, which is said.
for file in ro shared transient; do qemu-img create -q -f qcow2 "$work/$file.qcow2" 1M; done
qemu-img create -q -f qcow2 "$images/odd.qcow2" 4M
disk() { # TARGET SOURCE [ELEMENT]
    echo "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$2'/><target dev='$1' bus='virtio'/>${3-}</disk>"
}
virsh --quiet define <(
    cat <<XML
<domain type='qemu'><name>odd</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
$(disk vda "$images/odd.qcow2")$(disk vdb "$work/ro.qcow2" '<readonly/>')$(disk vdc "$work/transient.qcow2" '<transient/>')
$(disk vdd "$work/shared.qcow2" '<shareable/>' | sed "s/type='qcow2'/type='raw'/")
<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='nbd' name='x'><host name='localhost'/></source>
<target dev='vde' bus='virtio'/></disk>
<disk type='file' device='cdrom'><target dev='hda' bus='ide'/></disk>
</devices></domain>
XML
) >/dev/null
refused 32770 collection define odd --member odd
for disk in vdc vdd vde; do says "disk $disk"; done
says "--without"
ok machine set odd --without vdc --without vdd --without vde
ok collection define odd --member odd
ok point create odd --name o --json
is "$(last '[.members[].disks[].id] | tojson')" '["vda"]' "disks of the point"
is "$(last '[.members[].left_out[].device] | sort | tojson')" '["vdb","vdc","vdd","vde"]' "what is said to be left out"
[[ $(last '.members[].left_out[] | select(.device == "vdb") | .reason') == *read-only* ]] || fail "no word on the one that is read-only: $out"
ok point destroy odd o

# Off with its memory saved: it goes on with the disks that it had, by their names, whatever its definition says.
virsh --quiet managedsave one >/dev/null
files_in_images >"$work/saved"
for words in 'point create pair --name saved' 'export pair --live --to /tmp' 'point destroy pair p6'; do
    # shellcheck disable=SC2086 # words
    refused 32775 $words
    says "its memory is saved"
    says "virsh managedsave-remove one"
done
files_in_images | diff -u "$work/saved" - >&2 || fail "files were made or removed"
virsh --quiet start one >/dev/null
assert_writing one two

for point in p3 p1 p6 p2 p5 p4; do
    ok point destroy pair "$point"
    assert_writing one two
done
ok store check
