#!/usr/bin/env bash
# Whatever somebody, or the storage, does to a text file of the store, of the jobs' journal or of a package: no crash, no hang, no
# control character on the output, no refusal without a sentence, no wrong export that is called verified, no image that changed,
# and `package verify` finds every edit of a package.
#
#   tests/faults/edits.sh REFPOINT
#
# Counts on its last lines what it has tried. REFPOINT_TEST_EDITS: how many edits (25), half of them of the store, a quarter each of
# the journal and of packages; REFPOINT_TEST_SEED: which.
# shellcheck source-path=SCRIPTDIR source=../system/support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../system/support.bash"

to=$work/exports
new=$work/new
seed=${REFPOINT_TEST_SEED:-$((RANDOM * 32768 + RANDOM))}
edits=${REFPOINT_TEST_EDITS:-25}
RANDOM=$((seed % 32768))
echo "seed $seed"


for id in a b; do
    qemu-img create -q -f raw "$work/$id.raw" 4M
    dd if=/dev/urandom of="$work/$id.raw" bs=1M seek=1 count=3 conv=notrunc status=none
    qemu-img convert -q -O qcow2 "$work/$id.raw" "$work/images/$id.qcow2"
    rm "$work/$id.raw"
done
ok machine add web --disk "vda=qcow2:$work/images/a.qcow2"
ok machine add db --disk "vda=qcow2:$work/images/b.qcow2"
ok collection define shop --member web --member db
declare -A content=() # of each layer, by its path: the raw copy that was made at the point
for point in p1 p2; do
    [ $point = p1 ] || for id in a b; do qemu-io -f qcow2 -c "write -q -P 5 512k 1M" "$work/images/$id.qcow2" >/dev/null; done
    for id in a b; do qemu-img convert -q -f qcow2 -O raw "$work/images/$id.qcow2" "$work/$id.$point"; done
    ok point create shop --name $point
done
point_file() { grep -lx "name = \"$1\";" "$work"/store/collections/*/points/*/point.cfg; }
for id in a b; do
    layer=$(sed -n "s/ *layer_path = \"\(.*\/$id\.refpoint.*\)\";/\1/p" "$(point_file p2)")
    [ -f "$layer" ] || fail "which layer is that of $id in p2?"
    content[$layer]=$work/$id.p2
done
ok export shop p1 --to "$to" --json
base=$(last .package)
ok export shop p2 --to "$to" --base p1 --json
top=$(last .package)
finished=$(last .job)
interrupted=
until [ -n "$interrupted" ]; do
    ok export shop p2 --to "$to" --detach --json --rate 8M
    job=$(last .job)
    while read -r line; do
        jq -e '.bytes_done > 1000000' <<<"$line" >/dev/null && break
    done < <("$refpoint" job attach "$job" --json 2>/dev/null)
    ! runner=$(runner_of "$job") || kill -9 "$runner" 2>/dev/null || true
    run job attach "$job" --json
    if [ "$(last .error_key)" = job.interrupted ]; then
        interrupted=$job
    else # it was over before
        is "$(last .job_state)" 7 "$out"
        rm -rf "$(last .package)"
        ok job discard "$job"
    fi
done

# Named one by one, so that a seed means the same in every run.
jobs=$work/state/refpoint/jobs
machines=$work/store/machines
collection=$(dirname "$(dirname "$(dirname "$(point_file p2)")")")
store_files=("$(point_file p1)" "$(point_file p2)" "$(point_file p2)" "$collection/collection.cfg"
    "$(grep -l '^name = "web"' "$machines"/*/machine.cfg)" "$(grep -l '^name = "db"' "$machines"/*/machine.cfg)")
journal_files=("$jobs/$interrupted/"{request,progress,log} "$jobs/$finished/"{request,progress,outcome,log,package} "$(echo "$to"/.*.ledger/begun)"
    "$work/state/refpoint/verified/$(basename "$(grep -l 'how = "export"' "$work"/state/refpoint/verified/* | head -n 1)")")
package_files=()
for package in "$base" "$top"; do
    package_files+=("$package/"{reference-point.cfg,SHA256SUMS,machines/web/machine.cfg,machines/db/machine.cfg})
done
for file in "${store_files[@]}" "${journal_files[@]}" "${package_files[@]}"; do [ -s "$file" ] || fail "'$file' is not there"; done

mkdir "$work/pristine"
cp -a "$work/store" "$work/state" "$to" "$work/pristine"
restore() {
    local part
    for part in store state exports; do
        rm -rf "${work:?}/$part"
        cp -a "$work/pristine/$part" "$work"
    done
    rm -rf "$new"
    mkdir "$new"
}
images() { find "$work/images" -printf '%P %i %s %m %T@ %C@\n'; }
images_whole=$(fingerprint "$work/images" | sort)
images_were=$(images)

what=
commands=0 refusals=0 compared=0 resumed=0 slow=0
wrong() {
    echo "seed $seed, REFPOINT_TEST_EDITS=$edits, $what" >&2
    diff -a "$work/before" "$file" 2>&1 | head -c 3000 | head -n 20 | cat -v >&2 || true
    fail "refpoint ${words[*]}: $*: $(head -c 2000 "$work/stdout" | cat -v) $(head -c 2000 "$work/stderr" | cat -v)"
}
# Runs refpoint; its exit status in $status, its output in $work/stdout and $work/stderr.
try() {
    words=("$@")
    status=0
    timeout -k 1 10 "$refpoint" "$@" >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
    commands=$((commands + 1))
    if [ "$status" != 124 ] || [ "${1-} ${2-}" != "job attach" ]; then holds; fi
}
holds() {
    [ "$status" != 124 ] || wrong "did not end in 10 s"
    [ "$status" -lt 125 ] || wrong "exit status $status"
    if LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$work/stdout" "$work/stderr"; then wrong "control characters"; fi
    [ "$status" != 0 ] || return 0
    refusals=$((refusals + 1))
    case "$status ${words[0]} ${words[1]}" in
    "1 store check" | "1 package verify") # what they find is their output
        [ -s "$work/stdout" ] && return
        ;;
    esac
    grep -qa '^refpoint: ..' "$work/stderr" || wrong "exit status $status in silence"
}
last_line() { tail -n 1 "$work/stdout" | jq -r "$1"; }

same() { # disk, raw copy
    local size
    qemu-img compare -q -F raw "$1" "$2" || wrong "$1 is not $2"
    size=$(qemu-img info --output=json "$1" | jq '."virtual-size"')
    is "$size" "$(stat -c %s "$2")" "$what: size of $1"
    compared=$((compared + 1))
}
# What says that it is verified is what was at the point: by the layers that its record names.
right_package() {
    local disk layer found=0
    while IFS=$'\t' read -r disk layer; do
        [ -n "${content[$layer]-}" ] || wrong "$disk was made of '$layer'"
        same "$1/$disk" "${content[$layer]}"
        found=$((found + 1))
    done < <(awk -F '"' -v OFS='\t' '/^ *disk_uuid = /{uuid = $2} /^ *layer_path = /{of[uuid] = $2} /^ *file = /{print $2, of[uuid]}' "$1/reference-point.cfg")
    is "$found" 2 "$what: disks of $1"
}
exported() { # what the last line says of it
    local package
    package=$(last_line '.package // ""')
    if [ -z "$package" ]; then
        [ "$status" != 0 ] || wrong "done without a package"
        [ -z "$(find "$new" -mindepth 1)" ] || wrong "left by an export that was refused or failed: $(find "$new" -mindepth 1)"
    elif [ "$(last_line .verified)" = true ]; then
        right_package "$package"
    fi
}
imported() {
    local disk layer
    for disk in "$new"/to/*/*.qcow2; do
        for layer in "${!content[@]}"; do ! qemu-img compare -q -F raw "$disk" "${content[$layer]}" || break; done
        same "$disk" "${content[$layer]}"
    done
}

# The edits. Each makes $edited of $file and says in $edit what it has done.
edited=$work/edited
insert=$work/insert
draw() { # limit: a number below it, in $drawn
    drawn=$(((RANDOM * 32768 + RANDOM) % ($1 > 0 ? $1 : 1)))
}
splice() { # at, length: what is there becomes $insert
    {
        head -c "$1" "$file"
        cat "$insert"
        tail -c +$(($1 + $2 + 1)) "$file"
    } >"$edited"
}
# One of the places that fit a pattern becomes $insert; another edit where none does.
instead() { # pattern
    local places
    mapfile -t places < <(LC_ALL=C grep -aobE "$1" "$file" | tr -d '\0')
    if [ ${#places[@]} = 0 ]; then
        splice 0 0
        return
    fi
    draw ${#places[@]}
    local place=${places[drawn]}
    local text=${place#*:}
    splice "${place%%:*}" ${#text}
    edit="$edit: instead of $text at ${place%%:*}"
}
line_count() { wc -l <"$file"; }
long() { head -c "$1" /dev/zero | tr '\0' x; }
change() {
    local size at length first second byte kind
    size=$(stat -c %s "$file")
    draw "$size"
    at=$drawn
    draw $((size - at < 200 ? size - at : 200))
    length=$((drawn + 1))
    draw "$(line_count)"
    first=$((drawn + 1))
    draw "$(line_count)"
    second=$((drawn + 1))
    : >"$insert"
    kind=${kinds[RANDOM % ${#kinds[@]}]}
    edit=$kind
    case $kind in
    bit)
        byte=$(od -An -t u1 -j "$at" -N 1 "$file")
        draw 8
        printf '%b' "\\x$(printf %x $((byte ^ 1 << drawn)))" >"$insert"
        splice "$at" 1
        edit="bit $drawn of the byte at $at turned"
        ;;
    bytes)
        for ((length = length > 16 ? 16 : length; length > 0; length--)); do printf '%b' "\\x$(printf %x $((RANDOM % 256)))" >>"$insert"; done
        length=$(stat -c %s "$insert")
        splice "$at" "$length"
        edit="$length bytes at $at overwritten"
        ;;
    run)
        splice "$at" "$length"
        edit="$length bytes at $at gone"
        ;;
    twice)
        sed "${first}p" "$file" >"$edited"
        edit="line $first twice"
        ;;
    line)
        sed "${first}d" "$file" >"$edited"
        edit="line $first gone"
        ;;
    swap)
        awk -v a="$first" -v b="$second" '{line[NR] = $0} END {t = line[a]; line[a] = line[b]; line[b] = t; for (n = 1; n <= NR; n++) print line[n]}' "$file" >"$edited"
        edit="lines $first and $second swapped"
        ;;
    cut)
        head -c "$at" "$file" >"$edited"
        edit="cut at $at"
        ;;
    empty) : >"$edited" ;;
    garbage)
        {
            cat "$file"
            head -c 300 /dev/urandom
            printf '\0\0\033]0;title\a\033[2J'
            long $((1 + RANDOM * 4))
        } >"$edited"
        ;;
    number)
        local numbers=(0 -1 18446744073709551616 9223372036854775807 4294967296 00 1e999)
        draw ${#numbers[@]}
        printf %s "${numbers[drawn]}" >"$insert"
        edit="number ${numbers[drawn]}"
        instead '[0-9]+'
        ;;
    string)
        draw 7
        edit="string, kind $drawn"
        case $drawn in
        0) printf '"%s"' "$(long 5000)" >"$insert" ;;
        1) printf '"\033[31mred\033]0;title\a"' >"$insert" ;;
        2) printf '"\\x1b[31mred\\x07"' >"$insert" ;;
        3) printf '"\\u001b[2J\\u009b31m\\u202e"' >"$insert" ;;
        4) printf '""' >"$insert" ;;
        5) printf '"../../../../etc/passwd"' >"$insert" ;;
        6) printf '"a\nb\nrefpoint: %%s%%n"' >"$insert" ;;
        esac
        instead '"[^"]*"'
        ;;
    word)
        draw 6
        local others=(null true '{}' '[]' '( )' '"1"')
        printf %s "${others[drawn]}" >"$insert"
        edit="value ${others[drawn]}"
        instead '("[^"]*"|[0-9]+L?|true|false|\[\]|\{\})'
        ;;
    include)
        printf '@include "/etc/passwd"\n' >"$insert"
        local starts
        mapfile -t starts < <(LC_ALL=C grep -aob '^' "$file" | cut -d : -f 1)
        draw ${#starts[@]}
        splice "${starts[drawn]:-0}" 0
        edit="an include at ${starts[drawn]:-0}"
        ;;
    nested)
        {
            cat "$file"
            printf '\nx = '
            head -c $((RANDOM % 3000)) /dev/zero | tr '\0' '('
        } >"$edited"
        ;;
    esac
}
kinds=(bit bit bytes run twice line swap cut empty garbage number number string string word word include nested directory fifo symlink gone)

apply() {
    change
    cp -p "$file" "$work/before"
    case $edit in
    directory)
        rm -f "$file"
        mkdir "$file"
        ;;
    fifo)
        rm -f "$file"
        mkfifo "$file"
        ;;
    symlink)
        rm -f "$file"
        ln -s "$work/before" "$file"
        ;;
    gone) rm -f "$file" ;;
    *)
        chmod u+w "$file"
        cat "$edited" >"$file"
        chmod --reference "$work/before" "$file"
        touch -r "$work/before" "$file"
        ;;
    esac
    what="edit $number of a $kind: ${file#"$work/"}: $edit"
}
sometimes() { [ $((RANDOM % $1)) = 0 ]; }

look_at_store() {
    ! sometimes 2 || try collection list
    ! sometimes 2 || try machine list
    ! sometimes 2 || try point list shop
    ! sometimes 2 || try point show shop p2 --json
    ! sometimes 2 || try point show shop p2
    try store check
    try export shop p2 --to "$new" --json
    exported
}

follow() { # job
    try job attach "$1" --json
    if [ "$status" = 124 ]; then # an edited rate may be a byte in a second; who cancels has an end at once
        slow=$((slow + 1))
        try job cancel "$1"
        try job attach "$1" --json
        [ "$status" != 124 ] || holds
    fi
}
look_at_journal() {
    local job=$interrupted package
    [[ $file != *"$finished"* ]] || job=$finished
    ! sometimes 2 || try job list
    ! sometimes 2 || try job list --json
    ! sometimes 2 || try job show "$job"
    try job show "$job" --json
    ! sometimes 2 || try job attach "$job" --json
    ! sometimes 2 || try job attach "$job"
    if sometimes 2; then
        try job resume "$job" --json
        if [ "$status" = 0 ]; then
            follow "$job"
            try job show "$job" --json
            if [ "$status" = 0 ] && [ "$(last_line .verified)" = true ]; then
                resumed=$((resumed + 1))
                package=$(last_line .package)
                [ "$package" = "$base" ] || right_package "$package"
            fi
        fi
    fi
    if [[ $file == */verified/* ]]; then
        try export shop p2 --to "$new" --base p1 --base-package "$base" --json
        exported
    fi
    try job discard "$job"
}

look_at_package() {
    ! sometimes 2 || try package list "$to"
    ! sometimes 2 || try package list "$to" --json
    ! sometimes 2 || try package show "$top"
    ! sometimes 2 || try package show "$top" --json
    ! sometimes 4 || try package prune "$to" --keep-last 1 --dry-run
    try package verify "$top"
    if [ "$status" = 0 ]; then
        if [ -L "$file" ] || ! cmp -s "$work/before" "$file"; then wrong "package verify found nothing"; fi
        same_edits=$((same_edits + 1))
    fi
    if sometimes 2; then
        try package import "$top" --to "$new/to"
        [ "$status" != 0 ] || imported
    fi
    if sometimes 3; then
        rm -rf "$new"
        mkdir "$new"
        try export shop p2 --to "$new" --base p1 --base-package "$base" --json
        exported
    fi
}

# A size that is not the layer's: less of the disk, or nothing, would be proven byte for byte.
for size in "" "virtual_size = 0L;" "virtual_size = 1048576L;" "virtual_size = 4194300L;"; do
    restore
    sed -i "s/^        virtual_size = .*/        $size/" "$(point_file p2)"
    refused 32775 export shop p2 --to "$new"
done

declare -A tried=([store]=0 [journal]=0 [package]=0)
same_edits=0
turns=(store journal store package)
for ((number = 0; number < edits; number++)); do
    kind=${turns[number % 4]}
    restore
    case $kind in
    store) files=("${store_files[@]}") ;;
    journal) files=("${journal_files[@]}") ;;
    package) files=("${package_files[@]}") ;;
    esac
    file=${files[RANDOM % ${#files[@]}]}
    apply
    "look_at_$kind"
    [ "$(images)" = "$images_were" ] || wrong "images changed: $(images)"
    tried[$kind]=$((${tried[$kind]} + 1))
done

restore
is "$(fingerprint "$work/images" | sort)" "$images_whole" "images"
what="nothing edited" file=$work/before words=()
ok store check
ok package verify "$top"
try export shop p2 --to "$new" --json
exported
[ "$status" = 0 ] || wrong "does not export any more"
echo "edits: ${tried[store]} of the store, ${tried[journal]} of the journal, ${tried[package]} of packages ($same_edits left their file as it was)"
echo "commands: $commands, $refusals of them refused, each with a sentence"
echo "compared with the point: $compared disks; jobs that went on and were verified: $resumed, $slow cancelled that an edit had slowed down"
