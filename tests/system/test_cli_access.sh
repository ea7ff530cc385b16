#!/usr/bin/env bash
# What the account may not use is 32769, with who refuses it and the group or the command that helps. The account is nobody; its
# files are given to root, one after the other, and back. Wants root.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

[ "$(id -u)" = 0 ] || {
    echo "not root: another account's view is not tried"
    exit 77
}
account=nobody
group=daemon
install -m 755 "$refpoint" "$work/program"
# shellcheck disable=SC2016 # the words are its own
printf '#!/bin/sh\nexec setpriv --reuid %s --regid nogroup --clear-groups %s "$@"\n' $account "$work/program" >"$work/as-account"
chmod 755 "$work" "$work/as-account"
refpoint=$work/as-account
mkdir "$work/state" "$work/config" "$work/store"
for id in a b template; do image "$work/images/$id.qcow2" 16M 1; done
rm "$work/images/b.qcow2"
qemu-img create -q -f qcow2 -b "$work/images/template.qcow2" -F qcow2 "$work/images/b.qcow2"
chown -R $account: "$work/"{images,exports,state,config,store}
ok machine add web --disk "vda=qcow2:$work/images/a.qcow2"
ok machine add db --disk "vda=qcow2:$work/images/b.qcow2" --backing "vda=qcow2:$work/images/template.qcow2"
ok collection define shop --member web --member db

number=0
# says WORDS...: all of them are in what was said last.
says() {
    local word
    for word in "$@"; do [[ $err == *"$word"* ]] || fail "\"$word\" is not in: $err"; done
    number=$((number + 1))
}
# denied PATH MODE GROUP WORDS...: with PATH of root and that group, the command is refused; then all is given back.
denied() {
    local path=$1 mode=$2 owner=$3 before
    before=$(stat -c %a "$path")
    chown "root:$owner" "$path"
    chmod "$mode" "$path"
    refused 32769 "${@:4}"
    chown $account: "$path"
    chmod "$before" "$path"
}
root_only() { printf '%s can be %s by root only. Run refpoint as root (sudo), or give %s the right: sudo setfacl -m u:%s:%s %s' \
    "$1" "$2" $account $account "$3" "$1"; }

# Images, what is beneath them, and the directories on the way.
images=$work/images
denied "$images/a.qcow2" 600 root point create shop --name p
says "machine web" "disk vda" "$(root_only "$images/a.qcow2" read r)"
denied "$images/a.qcow2" 640 $group point create shop --name p
says "machine web" "disk vda" "by root and the group $group only" "sudo usermod -aG $group $account, then log in again."
denied "$images/template.qcow2" 600 root point create shop --name p
says "machine db" "disk vda" "$(root_only "$images/template.qcow2" read r)"
denied "$images" 700 root point create shop --name p
says "machine web" "disk vda" "$(root_only "$images" read rx)"
denied "$images" 755 root point create shop --name p
says "machine " "disk vda" "$(root_only "$images" changed rwx)"
denied "$images/a.qcow2" 600 root machine add again --disk "vda=qcow2:$images/a.qcow2"
says "$(root_only "$images/a.qcow2" read r)"

ok point create shop --name p --json
layer=$(find "$images" -name 'a.refpoint-*')
[ -f "$layer" ] || fail "no layer of a.qcow2"
ok store check --deep
denied "$layer" 400 root export shop p --to "$work/exports"
says "machine web" "disk vda" "$(root_only "$layer" read r)" "store check --deep"
# It has its rights back, which was done to a frozen file: its digest says that it was no write.
refused 32775 export shop p --to "$work/exports"
run store check --deep
is "$status" 1 "exit status when a layer is taken again"
[[ $out == *"$layer"*"the same"* ]] || fail "the layer is not taken again: $out"
ok store check
denied "$images/template.qcow2" 600 root export shop p --to "$work/exports"
says "machine db" "disk vda" "$(root_only "$images/template.qcow2" read r)"

# The export directory, the store, the journal of jobs, packages.
denied "$work/exports" 755 root export shop p --to "$work/exports"
says "$(root_only "$work/exports" changed rwx)"
denied "$work/exports" 750 $group export shop p --to "$work/exports"
says "$(root_only "$work/exports" changed rwx)"
denied "$work/exports" 770 $group export shop p --to "$work/exports"
says "sudo usermod -aG $group $account"
image "$work/images/new.qcow2" 16M 1
chown $account: "$work/images/new.qcow2"
denied "$work/store" 700 root machine list
says "$(root_only "$work/store" entered x)"
denied "$work/store/machines" 755 root machine add new --disk "vda=qcow2:$work/images/new.qcow2"
says "$(root_only "$work/store/machines" changed rwx)"
denied "$work/state" 755 root export shop p --to "$work/exports"
says "XDG_STATE_HOME" "sudo setfacl -m u:$account:rwx $work/state"
ok export shop p --to "$work/exports" --json
package=$(last .package)
denied "$package" 700 root package verify "$package"
says "sudo setfacl -m u:$account:rx $package"
denied "$work/exports" 700 root package list "$work/exports"
says "sudo setfacl -m u:$account:rx $work/exports"
mkdir -m 755 "$work/restored"
denied "$work/restored" 755 root package import "$package" --to "$work/restored/shop"
says "sudo setfacl -m u:$account:rwx $work/restored"

# A definition, and what it names beside the disks: at the point, and kept in the store afterwards.
cat >"$work/vm.xml" <<END
<domain type='kvm'><name>vm</name><uuid>11111111-2222-3333-4444-555555555555</uuid><memory unit='MiB'>64</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type><loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader>
<nvram>$images/vm_VARS.fd</nvram></os>
<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$images/new.qcow2'/>
<target dev='vda' bus='virtio'/></disk></devices></domain>
END
head -c 65536 /dev/urandom >"$images/vm_VARS.fd"
chown $account: "$work/vm.xml" "$images/vm_VARS.fd"
denied "$work/vm.xml" 600 root machine add --domain-xml "$work/vm.xml"
says "$(root_only "$work/vm.xml" read r)"
ok machine add --domain-xml "$work/vm.xml"
ok collection define vms --member vm
denied "$images/vm_VARS.fd" 640 $group point create vms --name p
says "machine vm" "--leave-out" "sudo usermod -aG $group $account"
ok point create vms --name p
kept=$(find "$work/store/files" -type f | head -n 1)
denied "$kept" 400 root export vms p --to "$work/exports"
says "machine vm" "$(root_only "$kept" read r)"

# The socket of a daemon, in a directory of its group.
mkdir "$work/run"
denied "$work/run" 710 $group --host "qemu:///system?socket=$work/run/libvirt-sock" machine list
says "$work/run can be entered by root and the group $group only" "sudo usermod -aG $group $account"
echo "$number refusals name what helps"
