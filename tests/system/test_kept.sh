#!/usr/bin/env bash
# What earlier versions left goes on working: stores, layers, packages and journals (tests/kept).
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
archives=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../kept")

# The records name absolute paths, and files by their inode numbers: those of the place where it lies now.
settle_in() {
    local record
    find "$work/kept/store" "$work/kept/refpoint" -type f ! -name lock -exec sed -i "s|/KEPT|$work/kept|g" {} +
    find "$work/kept/store" -name point.cfg | while read -r record; do
        awk -F'"' '
            /layer_path = / { path = $2 }
            / inode = / && path != "" { ("stat -c %i \"" path "\"") | getline inode; sub(/[0-9]+L/, inode "L"); path = "" }
            { print }' "$record" >"$work/record"
        cat "$work/record" >"$record"
    done
}

pattern() { # image, offset, length, byte
    qemu-io -r -f qcow2 -c "read -q -P $4 $2 $3" "$1" 2>&1 | grep -q "Pattern verification failed" &&
        fail "$1 does not hold $4 at $2"
    return 0
}

for archive in "$archives"/*.tar.gz; do
    rm -rf "$work/kept"
    mkdir "$work/kept"
    tar -xzpf "$archive" -C "$work/kept"
    settle_in
    export XDG_STATE_HOME=$work/kept REFPOINT_STORE=$work/kept/store

    # The journals: what was done, what failed, what was interrupted; each still an export.
    ok job list --json
    is "$(jq -s 'length' <<<"$out")" 4 "jobs"
    is "$(jq -sc 'map(.job_state) | sort' <<<"$out")" '[7,7,10,32768]' "states of the jobs"
    killed=$(jq -r 'select(.job_state == 10) | .job' <<<"$out")
    for job in $(jq -r .job <<<"$out"); do
        ok job show "$job" --json
        is "$(last .class)" Msvm_CollectionReferencePointExportJob "class of a kept job"
        is "$(last .collection)" shop
        is "$(last 'has("kind")')" false "a kept job has no other kind"
    done
    ok job show "$killed" --json
    [[ $(last .error) == *"interrupted in its phase copy"* ]] || fail "the killed job: $out"
    ok job discard "$killed"

    # The store and its layers.
    ok store check
    ok machine list --json
    is "$(jq -sc 'map(.name)' <<<"$out")" '["db01","web01"]' "machines"
    ok point list shop --json
    is "$(jq -sc 'map(.name)' <<<"$out")" '["tuesday","monday"]' "points"

    # Its packages, and a difference of today on top of one of them.
    ok package list "$work/kept/backup" --json
    is "$(jq -sc 'map(.kind) | sort' <<<"$out")" '["differential","full","full"]' "packages"
    is "$(jq -sc 'map(.dependents | length) | sort' <<<"$out")" '[0,0,1]' "what depends on them"
    for package in "$work/kept/backup"/shop-*; do ok package verify "$package"; done
    ok export shop tuesday --base monday --to "$work/kept/backup" --json
    is "$(last '[.job_state, .verified] | tostring')" '[7,true]' "a differential on a kept package"
    is "$(last '.disks | map(.kind) | unique | tostring')" '["differential"]'
    top=$(last .package)
    ok package import "$top" --to "$work/kept/restored"

    # Put together with what earlier versions made: their own difference, and today's on top of theirs.
    for package in "$work/kept/backup"/shop-*; do
        [ "$("$refpoint" package show "$package" --json | jq -r .kind)" = differential ] || continue
        mkdir "$work/kept/whole"
        ok package consolidate "$package" --to "$work/kept/whole" --json
        whole=$(last .package)
        ok package verify "$whole"
        ok package show "$whole" --json
        is "$(last '[.kind, .point, .verified, (.consolidated_from | length)] | tojson')" '["full","tuesday",true,2]'
        for disk in "$work/kept/restored"/*/*.qcow2; do
            qemu-img compare -q "$disk" "$whole/machines/${disk#"$work/kept/restored/"}" || fail "$disk is another in $whole"
        done
        chmod -R u+w "$work/kept/whole"
        rm -rf "$work/kept/whole"
    done
    web=$work/kept/restored/web01/vda.qcow2
    pattern "$web" 0 64k 0x11
    pattern "$web" 64k 128k 0x13
    pattern "$web" 1M 64k 0

    # New points on its layers, which keep their names; all points given back, the machine's present is what it was.
    layers=$(find "$work/kept/images" -name '.refpoint-*' | sort)
    ok point create shop --name now
    is "$(find "$work/kept/images" -name '.refpoint-*' | sort)" "$layers" "kept layers beneath a new point"
    for point in monday tuesday now; do ok point destroy shop "$point"; done
    pattern "$work/kept/images/web01.qcow2" 64k 128k 0x13
    pattern "$work/kept/images/web01.qcow2" 2M 64k 0x14
    is "$(find "$work/kept/images" -name '*.refpoint-*' | wc -l)" 0 "layers that are left"
done
