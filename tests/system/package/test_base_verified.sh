#!/usr/bin/env bash
# A difference is built on packages that were verified, or it says that they were not: never, since then touched, altered, bent
# again; refused, in full, or as was asked for. What the record, the log and the command line say of it.
# shellcheck source-path=SCRIPTDIR source=../support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../support.bash"

to=$work/exports
memory=$XDG_STATE_HOME/refpoint/verified

for id in a b; do
    qemu-img create -q -f qcow2 "$work/images/$id.qcow2" 16M
    qemu-io -f qcow2 -c "write -q -P 7 0 12M" "$work/images/$id.qcow2" >/dev/null
done
ok machine add web --disk "vda=qcow2:$work/images/a.qcow2" --disk "vdb=qcow2:$work/images/b.qcow2"
ok collection define shop --member web
for point in p1 p2 p3; do
    ok point create shop --name "$point"
    for id in a b; do
        qemu-img convert -q -f qcow2 -O raw "$work/images/$id.qcow2" "$work/$id.$point"
        qemu-io -f qcow2 -c "write -q -P 9 ${point#p}M 64k" "$work/images/$id.qcow2" >/dev/null
    done
done

bases() { # package: how each base was verified
    ok package show "$1" --json
    jq -rc '[.bases[] | if .verified then .verified_how else "no" end]' <<<"$out"
}
log_of() { # of the last job, of which $out tells
    ok job show "$(last .job)" --json
    cat "$(jq -r .log <<<"$out")"
}
right() { # package, point
    local id
    for id in a b; do
        qemu-img compare -q -F raw "$1/machines/web/vd$id.qcow2" "$work/$id.$2" || fail "$1: vd$id is not that of $2"
    done
}
alter() { # file, byte: one byte of data is another one then
    local mode
    mode=$(stat -c %a "$1")
    chmod u+w "$1"
    printf '\x5a' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
    chmod "$mode" "$1"
}
export_p2() { # words...
    ok export shop p2 --to "$to" --base p1 --json "$@"
}

# What an export has proven is known, and read by nobody again.
ok export shop p1 --to "$to" --json
full=$(last .package)
export_p2
told=$(log_of)
second=$(last .package)
[[ $told == *"the base package was verified on this machine, last "*", and has not been touched since"* ]] || fail "$told"
[[ $told != *"verifying the base"* ]] || fail "verified again: $told"
is "$(bases "$second")" '["export"]'
right "$second" p2
ok export shop p3 --to "$to" --base p2 --json
third=$(last .package)
is "$(bases "$third")" '["export","export"]' "of the whole chain"
ok package verify "$third"

# Without a memory it is read first, which is remembered, with what it was.
rm -r "$memory"
export_p2
told=$(log_of)
[[ $told == *"verifying the base package $full first, "*" to read: it was not verified on this machine yet"* ]] || fail "$told"
[[ $told == *"the base package is whole"* ]] || fail "$told"
is "$(bases "$(last .package)")" '["verify"]'
export_p2
[[ $(log_of) != *"verifying the base"* ]] || fail "verified again although that is known"
export_p2 --check-base always
[[ $(log_of) == *"verifying the base package $full first, "*": it was asked for"* ]] || fail "not verified again"
is "$(stat -c %a "$memory")" 700
is "$(find "$memory" -type f ! -perm 600)" ""

# Not wanted and not known: nothing is claimed.
rm -r "$memory"
export_p2 --check-base never
is "$(last '[.job_state, .error_code, .verified] | @json')" '[32768,0,false]'
[[ $(last .warning) == *"not verified"* ]] || fail "$out"
unproven=$(last .package)
is "$(bases "$unproven")" '["no"]'
right "$unproven" p2

# Touched only: read again, and whole.
ok package verify "$full"
chmod 600 "$full/machines/web/vda.qcow2"
export_p2
[[ $(log_of) == *"first, "*"its files are not what they were when it was verified here"*"the base package is whole"* ]] || fail "$(log_of)"

# A copy elsewhere is another package.
mkdir "$work/copy"
cp -a "$full" "$work/copy/"
ok export shop p2 --to "$work/copy" --base p1 --json
[[ $(log_of) == *"it was not verified on this machine yet"* ]] || fail "$(log_of)"

# Altered, its time put back: the change is seen by no size and by no time of writing.
data=$(qemu-img map --output=json "$full/machines/web/vda.qcow2" | jq '[.[] | select(.data)][0].offset')
cp -a "$to" "$work/kept"
time=$(stat -c %y "$full/machines/web/vda.qcow2")
alter "$full/machines/web/vda.qcow2" $((data + 3000))
touch -d "$time" "$full/machines/web/vda.qcow2"
before=$(find "$to" | sort)
for form in --no-job ""; do
    run export shop p2 --to "$to" --base p1 --json $form
    is "$(last '[.job_state, .error_code, .package] | @json')" '[10,32775,null]' "altered base"
    [[ $err == *"is not what was exported"*"vda.qcow2"* && $err == *"--altered-base full"* ]] || fail "$err"
done
is "$(find "$to" | sort)" "$before" "left behind"

# In full for that disk, which it says; the other one is a difference still.
export_p2 --altered-base full
is "$(last '.disks | map([.disk, .kind]) | @json')" '[["vda","full"],["vdb","differential"]]'
[[ $(last '.disks[0].reason') == *"is not what was exported"* ]] || fail "$out"
mended=$(last .package)
right "$mended" p2
run export shop p2 --to "$to" --base p1 --json --altered-base full --strict
is "$(last .job_state)" 10 "strict"
[[ $err == *"cannot be exported as a difference"* ]] || fail "$err"

# What lies deeper in the chain counts too.
run export shop p3 --to "$to" --base p2 --json
is "$(last .job_state)" 10 "altered beneath the base"
[[ $err == *"base package "*"vda.qcow2"* ]] || fail "$err"

# What the record says of the chain beneath it is held against the chain, whoever made the checksums fit.
edited=$work/kept/$(basename "$third")
chmod -R u+w "$edited"
ok package verify "$edited"
id=$(jq -r '.bases[1].package_id' <<<"$("$refpoint" package show "$edited" --json)")
sed -i "s/$id/00000000-0000-4000-8000-000000000001/" "$edited/reference-point.cfg"
sum=$(sha256sum <"$edited/reference-point.cfg" | cut -d' ' -f1)
sed -i "s/^[0-9a-f]*  reference-point.cfg$/$sum  reference-point.cfg/" "$edited/SHA256SUMS"
run package verify "$edited"
is "$status" 1 "edited chain"
[[ $out == *"as a package beneath it where $id lies"* ]] || fail "$out"
