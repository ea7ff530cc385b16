#!/usr/bin/env bash
# What point remove-data and point destroy give back to the file system, and what package import writes, is said in bytes, and
# is what the allocated blocks of the files say.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

# Allocated bytes of the regular files beneath a directory.
allocated() { find "$1" -type f -printf '%b\n' | awk '{ sum += $1 } END { print sum * 512 }'; }

image "$work/images/a.qcow2" 64M 7
image "$work/images/b.qcow2" 64M 9
ok machine add web01 --disk "vda=qcow2:$work/images/a.qcow2" --disk "vdb=qcow2:$work/images/b.qcow2"
ok collection define shop --member web01
for n in 1 2 3 4; do
    ok point create shop --name "p$n"
    # Most of what the layer beneath holds, and something new.
    qemu-io -f qcow2 -c "write -q -P $((20 + n)) 0 900k" -c "write -q -P $((30 + n)) $((10 + n))M 200k" \
        "$work/images/a.qcow2" >/dev/null
done

# given_back NAME WORDS...: the command says, with --json, what the files show; then text says it in a sentence.
given_back() {
    local before
    before=$(allocated "$work/images")
    ok "$@" --json
    is "$(last .bytes_freed)" "$((before - $(allocated "$work/images")))" "bytes_freed of $*"
}

given_back point remove-data shop p1
[ "$(last .bytes_freed)" -ge $((700 * 1024)) ] || fail "remove-data gave back too little: $out"
given_back point remove-data shop p1
is "$(last .bytes_freed)" 0 "the second time"
ok point remove-data shop p1
[[ $out == *"nothing came back to the file system"* ]] || fail "the text does not say that it is nothing: $out"

given_back point destroy shop p2
[ "$(last .bytes_freed)" -ge $((700 * 1024)) ] || fail "destroy gave back too little: $out"
before=$(allocated "$work/images")
ok point destroy shop p3
freed=$((before - $(allocated "$work/images")))
[[ $out == *"came back to the file system"* && $out == *"($freed bytes)"* ]] || fail "the text does not say $freed: $out"

# In a job: its last line, its record, and what is said of it.
before=$(allocated "$work/images")
ok point destroy shop p4 --job --json
freed=$((before - $(allocated "$work/images")))
is "$(last .bytes_freed)" "$freed" "bytes_freed of a job"
job=$(last .job)
ok job show "$job" --json
is "$(last .bytes_freed)" "$freed" "bytes_freed in the record of a job"
ok job show "$job"
[[ $out == *"($freed bytes)"* ]] || fail "job show does not say $freed: $out"
ok point create shop --name p5
ok point remove-data shop p5 --job
[[ $out == *"nothing came back to the file system"* ]] || fail "the text of a job: $out"

# A raw layer that holds nothing but holes is replaced by a qcow2 image of several clusters: it takes more than before.
truncate -s 64M "$work/images/c.raw"
ok machine add odd --disk "vda=raw:$work/images/c.raw"
ok collection define odd --member odd
ok point create odd --name q1 --raw-to-qcow2
qemu-img convert -q -f qcow2 -O raw "$work/images/c.raw" "$work/copy"
before=$(allocated "$work/images")
ok point destroy odd q1
is "$((before - $(allocated "$work/images")))" "$(sed -n 's/.*(\(-\{0,1\}[0-9]*\) bytes).*/\1/p; s/.*nothing came back.*/0/p' <<<"$out")" \
    "what the text says: $out"
qemu-img compare -q -f qcow2 -F raw "$work/images/c.raw" "$work/copy" || fail "the image differs from its copy"

# The import: what it wrote, and how many files.
ok point create shop --name p6
ok export shop p6 --to "$work/exports" --json
package=$(last .package)
ok package import "$package" --to "$work/restored" --json
is "$(last .bytes_written)" "$(allocated "$work/restored")" "bytes_written"
is "$(last .files)" "$(find "$work/restored" -type f | wc -l)" "files"
ok package import "$package" --to "$work/again"
[[ $out == *"($(allocated "$work/again") bytes) in $(find "$work/again" -type f | wc -l) files"* ]] ||
    fail "the text does not say what was written: $out"
