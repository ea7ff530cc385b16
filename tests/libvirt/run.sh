#!/usr/bin/env bash
# Machines as other tools define them, taken the whole way under a libvirtd of our own: defined, started, added, two points with
# starts between them, exported in full and as a difference, imported, defined again, started. The guests check what they wrote.
#
#   tests/libvirt/run.sh build/refpoint            all definitions
#   tests/libvirt/run.sh build/refpoint NAME ...   these; what they leave in /tmp/refpoint-libvirt.* stays when REFPOINT_KEEP is set
#
# Wants to be root, and Debian's libvirt-daemon, libvirt-clients, libvirt-daemon-driver-qemu, qemu-system-x86, ovmf, gnu-efi and
# mtools (.ci/run installs them); without: a word, and exit status 77. No network, no KVM, nothing of an installed libvirt.
set -euo pipefail
shopt -s nullglob

# Definitions, in definitions/NAME.xml. What its guest is (guest.S, entry.c, kernel.S); in what it differs from the others; its
# disks as ID=FORMAT:FILE, below images/, with the template that it is an overlay of; more for `refpoint machine add`.
#
#   as-written    what the tool wrote is given to refpoint, not what virsh dumpxml makes of it
#   running       what virsh dumpxml prints while the machine runs is given
#   fixed-chain   the definition says what is beneath an image: the point must be refused until it is put right
#   left-out      there is one disk more, which cannot be a member
#   no-store      its variable store is named nowhere, so it is in no point, which must be said
definitions='
virt-install    | bios   |             | vda=qcow2:debian12.qcow2
virt-manager    | bios   |             | sda=qcow2:Büro-Server (alt).qcow2; vda=qcow2:Daten & Akten.qcow2
cockpit         | bios   |             | vda=qcow2:subVmTest1.qcow2; vdb=qcow2:subVmTest1-extra
vagrant-libvirt | bios   |             | vda=qcow2:site_default.img < debian-VAGRANTSLASH-bookworm64_box.img; vdb=qcow2:site_default-vdb.qcow2
terraform       | bios   | as-written  | sda=qcow2:k8s-node-0.qcow2 < debian-12-genericcloud-amd64.qcow2; sdb=qcow2:k8s-node-0-data.qcow2
ovirt           | bios   | as-written  | vda=qcow2:3a0f1e2c-77c5-4d0f-94d8-3f9c9b7de005/images/f5a7d2b1-0f55-4a36-8d3c-8ad1f3f9e006/0c7bb1de-2bd4-4f7d-8f1a-1f1b5a5fe007; sda=qcow2:3a0f1e2c-77c5-4d0f-94d8-3f9c9b7de005/images/9c1d0a44-5a1b-4c55-8d7e-0d1f0a7ce008/77c2c1f0-3b6a-4d2b-8c11-5a8a3d2be009
nova            | bios   |             | vda=qcow2:9a4c1e7b-92ab-4f57-b6b4-2f4c6d0ba007/disk < _base/2c8f0b1d6a4e5f3970e1d2c3b4a5968778695a4b; vdb=qcow2:9a4c1e7b-92ab-4f57-b6b4-2f4c6d0ba007/disk.eph0
gnome-boxes     | bios   |             | vda=qcow2:debian12-2
minikube        | bios   | as-written  | hda=raw:minikube/minikube.rawdisk
many-buses      | bios   |             | sda=qcow2:100/vm-100-disk-0.qcow2; hda=qcow2:100/vm-100-disk-1.qcow2; vda=qcow2:100/vm-100-disk-2.qcow2; sdb=qcow2:100/vm-100-disk-3.qcow2; sdc=qcow2:100/vm-100-disk-4.qcow2
minimal         | bios   |             | hda=raw:tiny.img
script          | bios   | as-written  | vda=qcow2:batch_7-a.qcow2; vdb=qcow2:it'\''s <b>.qcow2
running-dump    | bios   | running fixed-chain | vda=qcow2:mail 01.qcow2; vdb=qcow2:mail 01 spool.qcow2
written-chain   | bios   | fixed-chain | vda=qcow2:wiki.snapshot1 < wiki.qcow2
empty-backing   | bios   | as-written fixed-chain | vda=qcow2:node-1.qcow2; vdb=qcow2:node-1-log.qcow2
cloudstack      | bios   |             | vda=qcow2:5b2b3f60-6f0b-4e53-8f34-9d7d8b3aa017 < 0e5b5a2a-template; vdb=qcow2:c1f6f4a2-2d0f-4c39-9a5c-8e6f2d1ba018
opennebula      | bios   | as-written  | vda=qcow2:datastores/0/42/disk.0; vdb=raw:datastores/0/42/disk.2
windows-floppy  | bios   |             | hda=qcow2:w2k12-sda.qcow2
unraid          | bios   |             | hdc=raw:domains/Home Assistant/vdisk1.img; hdd=raw:domains/Home Assistant/vdisk2.img
volume-left-out | bios   | left-out    | vda=qcow2:builder.qcow2 | --without vdb
kubevirt        | bios   | as-written  | vda=qcow2:vmi-disks/containerdisk/disk.qcow2; sda=qcow2:vmi-disks/datavolume/disk.qcow2
uefi-chosen     | uefi   |             | vda=qcow2:chosen-1.qcow2
uefi-unnamed    | uefi   | no-store    | vda=qcow2:unnamed-1.qcow2
uefi-named      | uefi   |             | sda=qcow2:Schlüssel-Server.qcow2
kernel          | kernel |             | vda=qcow2:appliance.qcow2
'

# Where the way of a definition ends today. To be emptied: what ends elsewhere, or does not end, fails the test.
expected_failures='
'

skip() {
    printf 'skipped: %s\n' "$*"
    exit 77
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/libvirt/daemon.bash
. "$here/daemon.bash"

if [ -z "${REFPOINT_PRIVATE-}" ]; then
    [ $# -gt 0 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2; }
    for tool in libvirtd virsh qemu-system-x86_64 qemu-img as ld gcc objcopy mformat jq perl flock; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
    done
    for file in /usr/share/OVMF/OVMF_CODE_4M.fd /usr/lib/crt0-efi-x86_64.o \
        /usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so; do
        [ -e "$file" ] || skip "there is no $file"
    done
    [ "$(id -u)" = 0 ] || skip "libvirtd in name spaces of its own wants root"
    can_be_private || skip "the kernel, or a container, allows no name spaces of our own"
    work=$(mktemp -d /tmp/refpoint-libvirt.XXXXXX)
    [ -n "${REFPOINT_KEEP-}" ] || trap 'for try in {1..100}; do rm -rf "$work" 2>/dev/null && break; done' EXIT # what was killed may still write
    status=0
    in_private env REFPOINT_PRIVATE="$work" "$here/run.sh" "$(readlink -f "$1")" "${@:2}" || status=$?
    exit "$status"
fi

# ---- Within the name spaces.
work=$REFPOINT_PRIVATE
program=$1
shift
export LC_ALL=C.UTF-8 TZ=UTC HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config XDG_DATA_HOME=$work/data
unset REFPOINT_STORE
# shellcheck source=tests/libvirt/guests.bash
. "$here/guests.bash"
# shellcheck source=tests/libvirt/way.bash
. "$here/way.bash"

trim() { sed 's/^ *//; s/ *$//' <<<"$1"; }

# prepare DISKS OPTIONS: the definition and the files that it names, in $dir; sets members, add_options and more words.
prepare() {
    local disk id format file template number=0 medium
    members=() add_options=()
    sed "s|@DIR@|$dir|g; s|@EMULATOR@|$guest_log/emulator|g" "$here/definitions/$name.xml" >"$dir/definition.xml"
    while read -r disk; do
        id=${disk%%=*} file=$(trim "${disk#*:}") template=
        format=${disk#*=} format=${format%%:*}
        [ "$format" != raw ] || has raw || words+=" raw"
        if [[ $file == *" < "* ]]; then
            template=$dir/images/${file##* < }
            file=${file% < *}
            mkdir -p "$(dirname "$template")"
            has fixed-chain || add_options+=(--backing "$id=$format:$template") # else the definition names it
        fi
        members+=("$id")
        make_disk "$kind" "$number" "$format" "$dir/images/$file" ${template:+"$template"}
        number=$((number + 1))
    done < <(tr ';' '\n' <<<"$1")
    read -ra more <<<"$2"
    add_options+=("${more[@]}")

    mkdir -p "$dir/media" "$dir/images/nvram"
    while read -r medium; do
        truncate -s 1440K "$medium"
    done < <(sed -n "s:.*file=[\"']\($dir/media/[^\"']*\).*:\1:p" "$dir/definition.xml")
    if [ "$kind" = kernel ]; then
        mkdir "$dir/images/boot"
        cp "$work/kernel" "$dir/images/boot/vmlinuz"
        echo "refpoint initrd" >"$dir/images/boot/initrd.img"
    fi
    if has left-out; then
        make_disk "$kind" "$number" qcow2 "$dir/pool/cache.qcow2"
        virsh --quiet pool-create-as refpoint-builder dir --target "$dir/pool"
    fi
}

go() { # a line of the table
    local fields
    IFS='|' read -ra fields <<<"$1"
    name=$(trim "${fields[0]}") kind=$(trim "${fields[1]}") words=$(trim "${fields[2]}")
    dir=$work/machines/$name
    mkdir "$dir"
    trap end_of_way EXIT
    exec 2>"$dir/stderr"
    prepare "$(trim "${fields[3]}")" "$(trim "${fields[4]-}")"
    walk
}

wanted() { # a line of the table, names...
    local line=$1 name
    shift
    [ $# -gt 0 ] || return 0
    for name; do [ "$name" != "$(trim "${line%%|*}")" ] || return 0; done
    return 1
}

trap stop_libvirtd EXIT
mkdir "$work/machines"
build_guests
start_libvirtd
names=()
while read -r line; do
    if [ -z "$line" ] || ! wanted "$line" "$@"; then continue; fi
    names+=("$(trim "${line%%|*}")")
    [ "$(jobs -rp | wc -l)" -lt "$(nproc)" ] || wait -n || true
    (go "$line") &
done <<<"$definitions"
while [ -n "$(jobs -rp)" ]; do wait -n || true; done

failed=0 passed=0
for name in "${names[@]}"; do
    got=$(cat "$work/machines/$name/result" 2>/dev/null || echo nothing)
    want=$(sed -n "s/^$name  *//p" <<<"$expected_failures")
    case $got in
    "${want:-passed}") word=${want:+expected failure: } ;;
    *) word="FAILED: ${want:+not at $want: }" failed=1 ;;
    esac
    printf '%-16s %s%s\n' "$name" "$word" "$got"
    if [ "$got" = passed ]; then
        passed=$((passed + 1))
    else
        sed 's/^/                 /' "$work/machines/$name/why" 2>/dev/null || true
    fi
done
echo "$passed of ${#names[@]} passed"
exit "$failed"
