#!/usr/bin/env bash
# Paths as people type them: relative ones are taken from the working directory wherever a path is given, and messages and JSON
# show the whole path.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

unset REFPOINT_STORE
mkdir "$work/here" "$work/here/backup" "$work/here/deep"
cd "$work/here"
image vda.qcow2 8M 1
qemu-img create -q -f qcow2 template.qcow2 8M
qemu-img create -q -f qcow2 -b template.qcow2 -F qcow2 over.qcow2
cat >vm.xml <<XML
<domain type='kvm'><name>defined</name>
  <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
    <source file='$work/here/over.qcow2'/><target dev='vda' bus='virtio'/></disk></devices>
</domain>
XML
echo 'host = "local";' >refpoint.cfg

# The store and the configuration, at every place of the line and from the environment.
ok machine add vm --disk vda=qcow2:./vda.qcow2 --store ./store --config refpoint.cfg --json
is "$(jq -r '.disks[0].path' <<<"$out")" "$work/here/vda.qcow2"
ok --store store machine add --domain-xml vm.xml --backing vda=qcow2:template.qcow2 --json
is "$(jq -c '.disks[0] | [.path, .backing[0].path]' <<<"$out")" "[\"$work/here/over.qcow2\",\"$work/here/template.qcow2\"]"
(cd deep && REFPOINT_STORE=../store "$refpoint" --config ../refpoint.cfg store check --json) >"$work/out"
is "$(jq -c '[.store, .ok]' "$work/out")" "[\"$work/here/store\",true]"
export REFPOINT_STORE=$work/here/store

ok collection define c --member vm
ok point create c --name p1
ok point create c --name p2

# Exports, with a job, without one and detached: its process has no working directory of its own to be asked.
inside() { [[ $1 == "$work/here/backup/"* ]] || fail "not below the working directory: $1"; }
ok export c p1 --to backup --json
inside "$(last .package)"
first=$(last .package)
ok job show "$(last .job)" --json
is "$(jq -r .directory <<<"$out")" "$work/here/backup"
ok export c p1 --to ./backup/ --no-job --json
inside "$(last .package)"
rm -r "$(last .package)"
for base in backup ./backup; do
    ok export c p2 --base p1 --base-package "$base" --to deep --json
    [[ $(last .package) == "$work/here/deep/"* ]] || fail "$out"
    is "$(last '.disks[0].kind')" differential
    second=$(last .package)
done
cd deep
ok export c p1 --to ../backup --json
inside "$(last .package)"
[[ $(last .package) != *..* ]] || fail "dots in $out"
rm -r "$(last .package)"
ok export c p1 --to . --detach --json
job=$(last .job)
ok job attach "$job" --json
is "$(dirname "$(last .package)")" "$work/here/deep"
rm -r "$(last .package)"
ok job show "$job" --json
is "$(jq -r .directory <<<"$out")" "$work/here/deep"
cd ..

# What is refused is named with its whole path; a tilde that the shell has left is a name like any other.
refused 32779 export c p1 --to nowhere
[[ $err == *"$work/here/nowhere does not exist"* ]] || fail "$err"
# shellcheck disable=SC2088 # that is what is asked
refused 32779 export c p1 --to '~/backup'
[[ $err == *"$work/here/~/backup does not exist"* ]] || fail "$err"
refused 32779 export c p1 --to backup --setting-data none.xml
[[ $err == *"$work/here/none.xml"* ]] || fail "$err"
echo 'no XML' >bad.xml
refused 32773 export c p1 --to backup --setting-data bad.xml
[[ $err == *"$work/here/bad.xml"* ]] || fail "$err"
refused 32779 machine add --domain-xml none.xml
[[ $err == *"$work/here/none.xml"* ]] || fail "$err"
: >empty.xml
refused 32773 machine add --domain-xml empty.xml
[[ $err == *"$work/here/empty.xml"* ]] || fail "$err"
refused 32779 --config none.cfg machine list
[[ $err == *"$work/here/none.cfg"* ]] || fail "$err"
refused 32779 machine add other --disk vda=qcow2:none.qcow2
[[ $err == *"$work/here/none.qcow2"* ]] || fail "$err"

# Packages.
package=${first#"$work/here/"}
ok package list backup --json
is "$(jq -r .package <<<"$out")" "$first"
ok package show "$package" --json
is "$(jq -r .package <<<"$out")" "$first"
ok package verify "$package" --json
is "$(jq -r .package <<<"$out")" "$first"
(cd deep && "$refpoint" package verify "../$package" --json) >"$work/out"
is "$(jq -r .package "$work/out")" "$first"
ok package verify "./${second#"$work/here/"}" --job --base-package backup --json
is "$(last '[.package, .ok] | @json')" "[\"$second\",true]"
ok package import "${second#"$work/here/"}" --to restored --base-package backup --json
is "$(last '[.package, .to] | @json')" "[\"$second\",\"$work/here/restored\"]"
[ -f restored/PATHS.txt ] || fail "nothing was imported"

# In the root of the file system there is one slash, and a working directory that is gone leads nowhere, not to the root.
(cd / && "$refpoint" export c p1 --to "${work#/}/here/backup" --json) >"$work/out"
inside "$(tail -n 1 "$work/out" | jq -r .package)"
mkdir gone
status=0
(cd gone && rmdir "$work/here/gone" && exec "$refpoint" export c p1 --to tmp --json) >"$work/out" 2>"$work/stderr" || status=$?
is "$status" 2 "exit status in a directory that is gone"
is "$(tail -n 1 "$work/out" | jq -r .return_value)" 32773
grep -q 'export directory tmp is not absolute' "$work/stderr" || fail "$(cat "$work/stderr")"
echo "paths: all as it should be"
