#!/usr/bin/env bash
# The contract's refusals of export, one by one: the number in return_value, exit status 2, no job, and everything as it was.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

to=$work/exports
for id in a b c; do image "$work/images/$id.qcow2" 16M $((10 * $(printf %d "'$id") % 200)); done
ok machine add web --disk "vda=qcow2:$work/images/a.qcow2"
ok machine add db --disk "vda=qcow2:$work/images/b.qcow2"
ok machine add twin --disk "vda=qcow2:$work/images/c.qcow2"
twin_id=$("$refpoint" machine list --json | jq -r 'select(.name == "twin").id')
ok collection define shop --member web --member db --member twin
ok collection define other --member twin
for point in p1 p2 p3 p4; do
    qemu-io -f qcow2 -c "write -q -P 77 1M 64k" "$work/images/a.qcow2" >/dev/null
    ok point create shop --name "$point"
done
ok point create other --name foreign
ok export shop p2 --to "$to"
ok point remove-data shop p1

state() {
    fingerprint "$work/images"
    fingerprint "$to"
    fingerprint "$work/store" | grep -v '/lock '
    "$refpoint" job list --json
}
before=$(state)
number=0

# no CODE WORDS...: refused with and without a job, and nothing has changed.
no() {
    local form
    for form in --detach --no-job; do
        refused "$1" export "${@:2}" "$form"
        is "$(last '[.event, .job, .package, .error_code] | @json')" "[\"finished\",null,null,$1]" "last line of: ${*:2}"
        is "$(last '(.error | length > 0) and (.error_key | length > 0)')" true "a reason in: $out"
        is "$(state)" "$before" "everything after: ${*:2}"
        number=$((number + 1))
    done
}

no 32775 shop p1 --to "$to"
no 32773 shop p3 --to "$to" --base p4
no 32773 shop p3 --to "$to" --base p3
no 32773 shop p4 --to "$to" --base p3
no 32773 shop p4 --to "$to" --base foreign
no 32773 nobody p2 --to "$to"
no 32773 shop never --to "$to"
no 32773 shop p2 --to "$to" --only nobody
no 32773 shop p2 --to "$to" --only web/vdz
no 32779 shop p2 --to exports
no 32779 shop p2 --to "$work/missing"
no 32773 shop p3 --to "$to" --base p2 --format raw
no 32770 shop p3 --to "$to" --format raw --compress zstd
no 32773 shop p2 --to "$to" --base-package "$to"
[[ $err == *"--base-package"*"--base POINT"* ]] || fail "$err"
no 32773 shop p2 --to ""
no 32773 shop p2
no 32773 shop p2 --to "$to" --rate 0
no 32779 shop p2 --to "$to" --setting-data "$work/missing.xml"

# A base of another collection, as only the embedded instance can name it; nonsense; a wrong type.
instance() { # file, property XML
    printf '<INSTANCE CLASSNAME="Msvm_CollectionReferencePointExportSettingData">%s</INSTANCE>' "$2" >"$work/$1"
}
foreign=$("$refpoint" point show other foreign --json | jq -r .path | sed 's/"/\&quot;/g')
instance foreign.xml "<PROPERTY NAME=\"BaseReferencePointCollection\" TYPE=\"string\"><VALUE>$foreign</VALUE></PROPERTY>"
no 32773 shop p4 --to "$to" --setting-data "$work/foreign.xml"
instance type.xml '<PROPERTY NAME="BaseReferencePointCollection" TYPE="uint32"><VALUE>7</VALUE></PROPERTY>'
no 32776 shop p4 --to "$to" --setting-data "$work/type.xml"
echo 'no XML' >"$work/none.xml"
no 32773 shop p4 --to "$to" --setting-data "$work/none.xml"
no 32773 shop p4 --to "$to" --setting-data "$work/foreign.xml" --only web
instance full.xml ''
no 32773 shop p4 --to "$to" --setting-data "$work/full.xml" --base-package "$to"

# Two of one name.
ok machine set db --name twin
before=$(state)
ok point create other --name foreign
before=$(state)
no 32773 other foreign --to "$to"
[[ $err == *foreign* ]] || fail "$err"
ok collection define shop --member web
before=$(state)
no 32773 shop p2 --to "$to"
ok collection list --json
shop=$(jq -r 'select(.name == "shop" and (.machines | length) == 3).id' <<<"$out")

# A disk that is new since the base cannot be differential.
ok collection delete "$(jq -r 'select(.name == "shop" and (.machines | length) == 1).id' <<<"$out")"
before=$(state)
ok export shop p2 --to "$to" --only "$twin_id"
before=$(state)

# What is a machine's name, and another machine with its disk.
ok machine set "$twin_id" --name twin/vda
ok point create shop --name slash
before=$(state)
no 32773 shop slash --to "$to" --only twin/vda
[[ $err == *"--only $twin_id or --only "*/vda* ]] || fail "it is not said how: $err"
ok machine set "$twin_id" --name twin
before=$(state)

# Not writable. root is told so as well once it has no capabilities; another user might not reach the program.
chmod 0555 "$to"
before=$(state)
program=$refpoint
if [ "$(id -u)" = 0 ]; then
    printf '#!/bin/sh\nexec setpriv --bounding-set=-all --inh-caps=-all "%s" "$@"\n' "$program" >"$work/powerless"
    chmod +x "$work/powerless"
    refpoint=$work/powerless
fi
no 32769 shop p2 --to "$to"
refpoint=$program
chmod 0755 "$to"

# Too small: needed and available are named. A file system of its own is needed, so this part is left out where none can be had.
mkdir "$work/small"
if unshare -rm true 2>/dev/null; then
    status=0
    # shellcheck disable=SC2016 # expanded by the shell inside
    unshare -rm bash -c '
        mount -t tmpfs -o size=1m none "$2/small" || exit 99
        status=0
        "$1" export shop p2 --to "$2/small" --no-job --json >"$2/out" 2>"$2/stderr" || status=$?
        [ -z "$(ls -A "$2/small")" ] || exit 98
        exit $status' - "$refpoint" "$work" || status=$?
    if [ "$status" != 99 ]; then
        is "$status" 2 "exit status in a directory that is too small"
        is "$(tail -n 1 "$work/out" | jq -r .return_value)" 32768
        grep -q MiB "$work/stderr" || fail "needed and available are not named: $(cat "$work/stderr")"
        number=$((number + 1))
    fi
fi
[ -n "$shop" ] || fail "the collection is gone"
echo "refusals: $number, all with their number and without a trace"
