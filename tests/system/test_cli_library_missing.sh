#!/usr/bin/env bash
# Libraries that are loaded when they are first needed: where one is not installed, or is not one, what needs it is refused in
# words, and everything else works.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

image "$work/images/a.qcow2" 16M 1
mkdir "$work/no-libvirt" "$work/no-libnbd"
: >"$work/no-libvirt/libvirt.so.0"
: >"$work/no-libnbd/libnbd.so.0"

export LD_LIBRARY_PATH=$work/no-libvirt
refused 32777 --host test:///default machine list
is "$(last .error_key)" host.libvirt-missing "key of the refusal"
[[ $err == *libvirt0* ]] || fail "what to install is not named: $err"
ok machine add web --disk "vda=qcow2:$work/images/a.qcow2"
ok collection define shop --member web
ok point create shop --name now
ok export shop now --to "$work/exports"

export LD_LIBRARY_PATH=$work/no-libnbd
refused 32777 export shop now --to "$work/exports"
is "$(last .error_key)" image.libnbd-missing "key of the refusal"
[[ $err == *libnbd0* ]] || fail "what to install is not named: $err"
ok point list shop
echo "without libvirt and libnbd what needs them is refused, and nothing else"
