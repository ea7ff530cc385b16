#!/usr/bin/env bash
# Whatever lies in the place of an image: it is refused with a sentence, or taken and exported as "qemu-img convert" reads it.
# Nothing that its header names is opened, nobody is connected to, nothing crashes, hangs, or writes to the terminal what is in a name.
#
#   tests/faults/images.sh REFPOINT
#
# First images made by name (the table below), then a few small ones with random changes in their headers and tables.
# REFPOINT_TEST_MUTATIONS: how many of these (10); REFPOINT_TEST_IMAGES=all: all by name, else every fourth; REFPOINT_TEST_SEED:
# which. What is opened is seen where there is strace.
# shellcheck source-path=SCRIPTDIR source=../system/support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../system/support.bash"

seed=${REFPOINT_TEST_SEED:-$((RANDOM * 32768 + RANDOM))}
mutations=${REFPOINT_TEST_MUTATIONS:-10}
RANDOM=$((seed % 32768))
echo "seed $seed"

images=$work/images
to=$work/exports
foreign=$work/foreign
secret="what nobody has allowed, $seed"
mkdir "$foreign" "$work/kinds"
for ((i = 0; i < 4096; i++)); do echo "$secret"; done >"$foreign/secret"

watch=(strace -f --seccomp-bpf -y -e "trace=?open,openat,?openat2,connect" -o "$work/trace")
if ! command -v strace >/dev/null; then
    echo "no strace here: what is opened is not seen"
    watch=()
elif ! "${watch[@]}" true 2>/dev/null; then
    echo "strace cannot watch here: what is opened is not seen"
    watch=()
fi

# Of changes in the middle of files. Numbers are big-endian, as in qcow2.
put() { # file, at: bytes from stdin
    dd of="$1" bs=64k oflag=seek_bytes seek="$2" conv=notrunc status=none
}
put_number() { # file, at, width, value
    local digits escaped='' i
    printf -v digits %016x "$4"
    digits=${digits:16-2*$3}
    for ((i = 0; i < 2 * $3; i += 2)); do escaped+="\\x${digits:i:2}"; done
    printf '%b' "$escaped" | put "$1" "$2"
}
number() { # file, at, width
    echo $((16#$(od -An -v -t x1 -j "$2" -N "$3" "$1" | tr -d ' \n')))
}

# Makers: each makes $at, and may say another name, format or words for the commands.
fill() { # file, format
    qemu-io -f "$2" -c "write -q -P 7 0 300k" -c "write -q -z 1M 64k" -c "write -q -P 9 1600k 70k" "$1" >/dev/null
}
made() { # options: with some data
    qemu-img create -q -f qcow2 ${1:+-o "$1"} "$at" 2M
    fill "$at" qcow2
}
patched() { # at, width, value, ...
    made
    while [ $# -gt 0 ]; do
        put_number "$at" "$1" "$2" "$3"
        shift 3
    done
}
cut_at() { # bytes
    made
    truncate -s "$1" "$at"
}
extension() { # at, type, text; and the end of the extensions behind it
    put_number "$at" "$1" 4 "$2"
    put_number "$at" $(($1 + 4)) 4 ${#3}
    printf %s "$3" | put "$at" $(($1 + 8))
    put_number "$at" $(($1 + 8 + (${#3} + 7) / 8 * 8)) 8 0
}
backed() { # name, format or "": the header names a backing file, and nothing is asked of QEMU
    made
    local LC_ALL=C # bytes are counted
    extension 112 $((${2:+1} + 0 ? 0xe2792aca : 0)) "${2-}"
    printf %s "$1" | put "$at" 4096
    put_number "$at" 8 8 4096
    put_number "$at" 16 4 ${#1}
}
backed_by_loop() {
    qemu-img create -q -f qcow2 -u -b "$at" -F qcow2 "$foreign/loop" 2M
    backed "$foreign/loop" qcow2
}
long_name() { # bytes
    local name=$foreign/
    while [ ${#name} -lt "$1" ]; do name+=$(printf 'd%.0s' {1..99})/; done
    echo "${name:0:$1}"
}
data_file() { # options
    qemu-img create -q -f qcow2 -o "data_file=$foreign/data,$1" "$at" 2M
    fill "$at" qcow2
    cp "$foreign/secret" "$foreign/data"
}
data_file_named() { # incompatible features
    patched 72 8 "$1"
    extension 112 $((0x44415441)) "$foreign/secret"
}
encrypted() { # options; QEMU measures how fast it derives a key, and gives up where the clock is too coarse: asked again then
    local i
    for ((i = 0; i < 20; i++)); do
        ! qemu-img create -q -f qcow2 --object secret,id=s,data=abc -o "$1,encrypt.key-secret=s" "$at" 2M 2>"$work/said" || return 0
    done
    fail "$what: $(cat "$work/said")"
}
compressed() { # options
    local from=$images/from
    qemu-img create -q -f qcow2 "$from" 2M
    fill "$from" qcow2
    qemu-img convert -q -c -f qcow2 -O qcow2 ${1:+-o "$1"} "$from" "$at"
    rm "$from"
}
snapshotted() {
    made
    qemu-img snapshot -q -c one "$at"
}
with_bitmap() {
    made
    qemu-img bitmap --add -f qcow2 "$at" nightly
}
table() { # L1 | L2 | refcounts, entry, value, ...: of an image of 64 KiB clusters
    made
    local place
    case $1 in
    L1) place=$(number "$at" 40 8) ;;
    L2) place=$(($(number "$at" "$(number "$at" 40 8)" 8) & 0x00fffffffffffe00)) ;;
    refcounts) place=$(number "$at" 48 8) ;;
    esac
    while [ $# -gt 1 ]; do
        put_number "$at" $((place + 8 * $2)) 8 "$3"
        set -- "$1" "${@:4}"
    done
}
same_cluster() { # as another entry of L2
    made
    local place
    place=$(($(number "$at" "$(number "$at" 40 8)" 8) & 0x00fffffffffffe00))
    put_number "$at" $((place + 8 * 10)) 8 "$(number "$at" "$place" 8)"
}
sized() { # bytes, options: nothing is in it
    qemu-img create -q -f qcow2 ${2:+-o "$2"} "$at" "$1"
}
zeroes() { truncate -s "$1" "$at"; }
noise() { # bytes
    head -c "$1" /dev/zero | openssl enc -aes-128-ctr -nosalt -K "$(printf %032x "$seed")" -iv "$(printf %032x 0)" >"$at"
}
other() { # format
    qemu-img create -q -f "$1" "$at" 2M
    fill "$at" "$1"
}
raw() { # maker, words: given as raw
    "$@"
    format=raw extra=(--raw-to-qcow2)
}
told() { # maker, words: and it is said that it only begins like an image
    raw "$@"
    words=(--raw-content vda)
}
vmdk_text() { # as text, which names its file
    printf '# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 256 FLAT "%s" 0\n' "$foreign/secret" >"$at"
    truncate -s 4096 "$at"
}
linked() { # ln's words: what is elsewhere
    qemu-img create -q -f qcow2 "$foreign/image" 2M
    ln "$@" "$foreign/image" "$at"
}
dangling() { ln -s nowhere "$at"; }
listened() {
    qemu-img create -q -f raw "$images/from" 1M
    qemu-nbd -f raw -t -k "$at" --fork --pid-file="$work/pid" "$images/from"
    kill -9 "$(cat "$work/pid")"
}
fifo() { mkfifo "$at"; }
nothing() { :; }
later() { # maker, words: it takes the place of a plain image that the store has by then
    made
    then=("$@")
}
is_at() { # path
    at=$1
}
named() { # name
    at=$images/$1
    made
}
unreadable() {
    made
    chmod 0 "$at"
}
based() { # format that is registered, format in the header
    qemu-img create -q -f qcow2 "$images/template" 2M
    qemu-io -f qcow2 -c "write -q -P 5 0 2M" "$images/template" >/dev/null
    qemu-img create -q -f qcow2 -b "$images/template" -F "$2" "$at"
    fill "$at" qcow2
    words=(--backing "vda=$1:$images/template")
}

frozen() { # maker, words: it takes the place of the file that a point has frozen, with the time that that has
    made
    last=("$@")
}
replaced() { # the same, by another file
    frozen "$@"
    replaced=1
}

begin() {
    chmod -R u+w "$images" "$to" "$work/store" "$work/state" 2>/dev/null || true
    rm -rf "$images" "$to" "$work/store" "$work/state"
    mkdir "$images" "$to"
    at=$images/a.img format=qcow2 words=() extra=() then=() last=() replaced=''
}

# call WORDS...: as run, and what is promised of every call is looked at.
longest=0
call() {
    local begun=${EPOCHREALTIME/./} took
    status=0
    timeout -k 5 10 "${watch[@]}" "$refpoint" "$@" >"$work/stdout" 2>"$work/stderr" || status=$?
    took=$((${EPOCHREALTIME/./} - begun))
    [ "$took" -le "$longest" ] || longest=$took
    out=$(cat "$work/stdout")
    err=$(cat "$work/stderr")
    [ "$status" -le 2 ] || fail "$what: exit status $status of: refpoint $1 $2: $err"
    [ "$status" = 0 ] || [ "$1 $2" = "store check" ] || [[ $err == "refpoint: "?* ]] || fail "$what: refpoint $1 $2 says: $err"
    if LC_ALL=C grep -qaE $'[\x01-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$work/stdout" "$work/stderr"; then
        fail "$what: refpoint $1 $2 writes to the terminal what is in a name: $(od -c "$work/stdout" "$work/stderr" | head -n 40)"
    fi
    [ ${#watch[@]} -gt 0 ] || return 0
    if LC_ALL=C grep -aE '/foreign[/>"]|[<"]/dev/zero|[<"]/etc/hostname' "$work/trace" >&2; then
        fail "$what: refpoint $1 $2 opens what is not the machine's"
    fi
    if LC_ALL=C grep -aE 'connect\(.*sa_family=' "$work/trace" | grep -av 'sa_family=AF_UNIX' >&2; then
        fail "$what: refpoint $1 $2 connects to somebody"
    fi
}

# The whole way of an image, as far as it is taken: $outcome is "right", or the key of the error.
outcome='' refusing=''
step() { # WORDS...: false when it is refused
    call "$@" --json
    [ "$status" != 0 ] || return 0
    outcome=$(last '.error_key // ""')
    [ -n "$outcome" ] || fail "$what: refpoint $1 $2 gives no key: $out $err"
    refusing="$1 $2"
    return 1
}
# An image that was refused is what it was.
unchanged() {
    [ ! -f "$work/before" ] || cmp -s "$work/before" "$at" || fail "$what: refpoint $refusing refuses the image, and has changed it"
}
keep() {
    rm -f "$work/before" "$work/reference"
    [ -L "$at" ] || [ ! -f "$at" ] || [ ! -r "$at" ] || [[ $at != "$images"/* ]] || cp --sparse=always "$at" "$work/before"
}
go() {
    local readable=0 package file
    outcome='' refusing=''
    keep
    step machine add web --disk "vda=$format:$at" "${words[@]}" || {
        unchanged
        return 0
    }
    if [ ${#then[@]} -gt 0 ]; then
        rm "$at"
        "${then[@]}"
        keep
    else
        [ -f "$work/before" ] || fail "$what: taken, and no image"
        timeout 60 qemu-img convert -q -f "$format" -O qcow2 "$at" "$work/reference" 2>"$work/said" || readable=$?
    fi
    step collection define shop --member web || fail "$what: $err"
    step point create shop --name p1 "${extra[@]}" || {
        unchanged
        return 0
    }
    if [ ${#last[@]} -gt 0 ]; then
        at=$(last '.members[0].disks[0].layer')
        touch -r "$at" "$work/time"
        chmod u+w "$at"
        [ -z "$replaced" ] || mv "$at" "$images/aside" # its number stays its own
        "${last[@]}"
        touch -h -r "$work/time" "$at"
    fi
    step export shop p1 --to "$to" || {
        [ -z "$(find "$to" -mindepth 1 -maxdepth 1 -name 'shop-*')" ] || fail "$what: a package of an export that failed"
        ! grep -rqaF "$secret" "$to" || fail "$what: the secret is in what an export left"
        return 0
    }
    outcome=right
    package=$(last .package)
    file=$package/machines/web/vda.qcow2
    [ "$readable" = 0 ] || fail "$what: exported, and QEMU does not read it: $(cat "$work/said")"
    ! grep -rqaF "$secret" "$to" || fail "$what: the secret is in the package"
    timeout 60 qemu-img compare -q -f qcow2 -F qcow2 "$file" "$work/reference" || fail "$what: the package has something else (compare: $?)"
    qemu-img check -q -f qcow2 "$file" || fail "$what: qemu-img check of the package"
}

# What is told to people, without --json, has the names too.
look() {
    local words
    [ "$refusing" != "machine add" ] || return 0
    for words in "machine list" "point list shop" "store check"; do
        # shellcheck disable=SC2086 # words
        call $words
    done
}

declare -A ended=([right]=0 [refused]=0)
tried=0
offered=0
count() {
    if [ "$outcome" = right ]; then ended[right]=$((ended[right] + 1)); else ended[refused]=$((ended[refused] + 1)); fi
}
try() { # name, "right" or the key, maker, its words
    offered=$((offered + 1))
    [ "${REFPOINT_TEST_IMAGES-}" = all ] || [ $(((offered + seed) % 4)) = 0 ] || return 0
    what="image $tried, $1 (seed $seed)"
    begin
    "${@:3}"
    go
    is "$outcome" "$2" "$what: $refusing: $err"
    look
    tried=$((tried + 1))
    count
}

try "plain" right made
try "version 2" right made compat=0.10
try "version 1" image.unsupported patched 4 4 1
try "version 4" image.unsupported patched 4 4 4
try "version 0" image.unsupported patched 4 4 0
for size in 512 1k 4k 32k 256k 2M; do try "clusters of $size" right made "cluster_size=$size"; done
try "clusters of 512, version 2" right made compat=0.10,cluster_size=512
try "clusters of 256" image.damaged patched 20 4 8
try "clusters of 4 MiB" image.damaged patched 20 4 22
for bits in 1 2 4 8 32 64; do try "reference counts of $bits bits" right made "refcount_bits=$bits"; done
try "reference counts of 128 bits" image.damaged patched 96 4 7
try "extended L2" right made extended_l2=on
try "extended L2, clusters of 16 KiB" right made extended_l2=on,cluster_size=16k
try "extended L2, clusters of 512" image.damaged patched 72 8 16 20 4 9
try "zstd" right made compression_type=zstd
try "zstd, compressed" right compressed compression_type=zstd
try "zstd, compressed, extended L2" right compressed compression_type=zstd,extended_l2=on
try "deflate, compressed" right compressed
try "deflate, compressed, clusters of 512" right compressed cluster_size=512
try "compression unknown" image.unsupported patched 72 8 8 104 1 2
try "compression in contradiction" image.damaged patched 72 8 8
try "lazy reference counts" right made lazy_refcounts=on
try "all is allocated" right made preallocation=full
try "dirty" disk.dirty patched 72 8 1
try "corrupt" disk.corrupt patched 72 8 2
try "incompatible feature 5" image.unsupported patched 72 8 32
try "incompatible feature 63" image.unsupported patched 72 8 $((1 << 63))
try "compatible features, all" right patched 80 8 -2
try "autoclear feature 9" right patched 88 8 512
try "autoclear feature of bitmaps, and none" right patched 88 8 1
try "internal snapshot" disk.internal-snapshots snapshotted
try "snapshots that are not there" disk.internal-snapshots patched 60 4 3 64 8 65536
try "bitmap" image.bitmaps with_bitmap

try "backing file" disk.backing-unregistered backed "$foreign/secret" raw
try "backing file, no format" disk.backing-unregistered backed "$foreign/secret" ""
try "backing file, format that it has not" disk.backing-unregistered backed "$foreign/secret" qcow2
try "backing file, unknown format" disk.backing-unregistered backed "$foreign/secret" nosuch
try "backing file, relative" disk.backing-unregistered backed ../foreign/secret raw
try "backing file, relative to itself" disk.backing-unregistered backed ./../images/../foreign/secret raw
try "backing file nbd" disk.backing-protocol backed nbd://127.0.0.1:1/x raw
try "backing file nbd+unix" disk.backing-protocol backed "nbd+unix:///x?socket=$foreign/socket" raw
try "backing file nbd, old" disk.backing-protocol backed nbd:127.0.0.1:1 raw
try "backing file http" disk.backing-protocol backed http://127.0.0.1:1/x raw
try "backing file ssh" disk.backing-protocol backed ssh://127.0.0.1:1/x raw
try "backing file json" disk.backing-protocol backed "json:{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"$foreign/secret\"}}" raw
try "backing file json, nbd" disk.backing-protocol backed 'json:{"driver":"nbd","server":{"type":"inet","host":"127.0.0.1","port":"1"}}' raw
try "backing file file:" disk.backing-protocol backed "file:$foreign/secret" raw
try "backing file fat:" disk.backing-protocol backed "fat:$foreign" raw
try "backing file host_device:" disk.backing-protocol backed host_device:/dev/zero raw
try "backing file itself" disk.backing-unregistered backed "$images/a.img" qcow2
try "backing files in a loop" disk.backing-unregistered backed_by_loop
try "backing file /dev/zero" disk.backing-unregistered backed /dev/zero raw
try "backing file /etc/hostname" disk.backing-unregistered backed /etc/hostname raw
try "backing file of a descriptor" disk.backing-unregistered backed /proc/self/fd/0 raw
try "backing file, a directory" disk.backing-unregistered backed "$foreign" raw
try "backing file of 1023 bytes" disk.backing-unregistered backed "$(long_name 1023)" raw
try "backing file of 1024 bytes" image.damaged backed "$(long_name 1024)" raw
try "backing file with ESC" disk.backing-unregistered backed "$foreign/"$'\e[31msecret\e]0;x\a' raw
try "backing file with ESC, protocol" disk.backing-protocol backed $'nbd\e[31m:\e]0;x\a' raw
try "backing file with U+009B" disk.backing-unregistered backed "$foreign/"$'\u009b31m' raw
try "backing file with a newline" disk.backing-unregistered backed "$foreign/secret"$'\nrefpoint: all is well' raw
try "backing file, no text" disk.backing-unregistered backed "$foreign/"$'\xff\xfe\x80' raw
try "backing file's format with ESC" disk.backing-unregistered backed "$foreign/secret" $'\e[31mraw'
try "backing file, none by its length" image.damaged patched 8 8 4096
try "backing file, its place in the header" image.damaged patched 8 8 64 16 4 8
try "backing file, its place behind the end" image.damaged patched 8 8 $((1 << 40)) 16 4 8
try "backing file that is registered" right based qcow2 qcow2
try "backing file that is registered otherwise" disk.backing-format based raw qcow2

try "data file" disk.external-data data_file data_file_raw=off
try "data file, raw" disk.external-data data_file data_file_raw=on
try "data file named" disk.external-data data_file_named 4
try "data file named without its mark" disk.external-data data_file_named 0
try "data file marked without a name" disk.external-data patched 72 8 4
try "LUKS" disk.encrypted encrypted encrypt.format=luks,encrypt.iter-time=10
try "AES" disk.encrypted encrypted compat=0.10,encrypt.format=aes
try "LUKS without a header of it" disk.encrypted patched 32 4 2
try "encryption unknown" image.unsupported patched 32 4 3

for bytes in 0 1 4 71; do try "cut off at $bytes" image.not-qcow2 cut_at "$bytes"; done
for bytes in 72 103 104 512 65536 196608; do try "cut off at $bytes" image.damaged cut_at "$bytes"; done
try "cut off in its data" export.layer-short cut_at 400000
try "cut off in its last data" export.layer-short cut_at 720896
try "cut off in its last cluster" right cut_at 780000
try "header of 65544 bytes" image.damaged patched 100 4 65544
try "header of 100 bytes" image.damaged patched 100 4 100
try "header of 4 GiB" image.damaged patched 100 4 $((0xffffffff))
try "header of 65536 bytes" right patched 100 4 65536
try "extension of 4 GiB" image.damaged patched 112 4 $((0x12345678)) 116 4 $((0xffffffff))
try "L1 table behind the end" image.damaged patched 40 8 $((1 << 40))
try "L1 table at the end of all" image.damaged patched 40 8 $((0x7fffffffffff0000))
try "L1 table, unaligned" image.damaged patched 40 8 196616
try "L1 table at the header" right patched 40 8 0
try "L1 table of no entry" image.damaged patched 36 4 0
try "L1 table of 2^32-1 entries" image.damaged patched 36 4 $((0xffffffff))
try "L1 table of 32 MiB" image.damaged patched 36 4 $((4 << 20))
try "reference counts behind the end" image.damaged patched 48 8 $((1 << 40))
try "reference counts, unaligned" image.damaged patched 48 8 65537
try "reference counts at the header" right patched 48 8 0
try "reference counts, none" image.damaged patched 56 4 0
try "reference counts of 2^32-1 clusters" image.damaged patched 56 4 $((0xffffffff))
try "reference counts' block behind the end" right table refcounts 0 $((1 << 40))
try "reference counts' block, unaligned" right table refcounts 0 65537
try "reference counts' block at the header" right table refcounts 0 0
try "L2 table behind the end" right table L1 0 $((1 << 63 | 1 << 40))
try "L2 table, unaligned" image.nbd table L1 0 $((1 << 63 | 0x10200))
try "L2 table at the header" right table L1 0 $((1 << 63))
try "L2 table at the L1 table" right table L1 0 $((1 << 63 | 196608))
try "cluster behind the end" export.layer-short table L2 0 $((1 << 63 | 1 << 40))
try "cluster at 2^55" export.layer-short table L2 0 $((1 << 63 | 1 << 55))
try "cluster, unaligned" image.nbd table L2 0 $((1 << 63 | 0x50200))
try "cluster at the header" right table L2 0 $((1 << 63 | 1))
try "cluster at the L2 table" right table L2 0 $((1 << 63 | 262144))
try "cluster with all bits" image.nbd table L2 0 -1
try "cluster, compressed, behind the end" image.nbd table L2 0 $((1 << 62 | 1 << 40))
try "cluster, compressed, no stream" image.nbd table L2 0 $((1 << 62 | 3 << 54 | 0x50000))
try "cluster of two places" right same_cluster
try "virtual size 0" disk.empty sized 0
try "virtual size 511" disk.empty patched 24 8 511
try "virtual size 512" right sized 512
try "virtual size 1000001" right patched 24 8 1000001
try "virtual size 2^63-512" image.damaged patched 24 8 $(((1 << 63) - 512))
try "virtual size 2^64-1" image.damaged patched 24 8 -1
try "virtual size 2^62" image.damaged patched 24 8 $((1 << 62))
try "virtual size 1 EiB" export.too-large sized 1E cluster_size=2M
try "virtual size 16 TiB" right sized 16T

try "zeroes" image.not-qcow2 zeroes 65536
try "noise" image.not-qcow2 noise 65536
for kind in vmdk vdi vhdx qed vpc parallels; do try "a $kind given as qcow2" image.not-qcow2 other "$kind"; done
try "a qcow given as qcow2" image.unsupported other qcow
for kind in vmdk vdi vhdx qed parallels qcow; do try "a $kind given as raw" disk.looks-like raw other "$kind"; done
try "a vmdk given as raw, told" right told other vmdk
try "a vmdk's text that names a file, given as raw" disk.looks-like raw vmdk_text
try "a vmdk's text that names a file, told" right told vmdk_text
try "qcow2 with a backing file given as raw" disk.looks-like raw backed "$foreign/secret" raw
try "qcow2 with a backing file given as raw, told" right told backed "$foreign/secret" raw
try "qcow2 with a data file given as raw, told" right told data_file_named 4
try "qcow2 given as raw, told" right told made
for bytes in 1 511 512 513 65537 1000001; do try "raw of $bytes bytes" right raw noise "$bytes"; done
try "raw of no bytes" disk.empty raw zeroes 0
try "raw of a hole" right raw zeroes 1T

try "symbolic link" disk.symlink linked -s
try "symbolic link to nothing" disk.symlink dangling
try "symbolic link, given as raw" disk.symlink raw linked -s
try "hard link" disk.links linked
try "FIFO" disk.kind fifo
try "FIFO, given as raw" disk.kind raw fifo
try "directory" disk.kind mkdir "$images/a.img"
try "directory, given as raw" disk.kind raw mkdir "$images/a.img"
try "socket" disk.kind listened
try "/dev/zero" disk.kind is_at /dev/zero
try "/dev/zero, given as raw" disk.kind raw is_at /dev/zero
try "/dev/null, given as raw" disk.kind raw is_at /dev/null
try "/proc/self/mem" disk.empty raw is_at /proc/self/mem
try "a descriptor" disk.symlink is_at /proc/self/fd/0
try "nothing there" disk.open nothing
try "the directory is a file" disk.open is_at "$refpoint/a.img"
[ "$(id -u)" -eq 0 ] || try "no right to read it" disk.open unreadable

try "name with a newline" right named $'a\nrefpoint: b.qcow2'
try "name with ESC" right named $'a\e[31m\e]0;x\ab.qcow2'
try "name with U+009B" right named $'a\u009b31m.qcow2'
try "name that is no text" right named $'a\xff\xfe\x80.qcow2'
try "name with commas" right named a,b,,c=d.qcow2
try "name with colons" right named a:b:c.qcow2
try "name like a protocol" right named nbd:127.0.0.1:1
try "name like json" right named 'json:{"driver":"null-co"}'
try "name with a dash in front" right named --help
try "name with conversions" right named '%s%n%d%%.qcow2'
try "name for a shell" right named "a'\"\$(touch x)\`\\ b.qcow2"
try "name of 255 bytes" right named "$(printf 'n%.0s' {1..255})"
try "name of a layer" right named a.refpoint-0123456789abcdef0123456789abcdef.qcow2

try "later, backing file" disk.backing-unregistered later backed "$foreign/secret" raw
try "later, backing file nbd" disk.backing-protocol later backed nbd://127.0.0.1:1/x raw
try "later, backing file json" disk.backing-protocol later backed "json:{\"driver\":\"file\",\"filename\":\"$foreign/secret\"}" raw
try "later, backing file itself" disk.backing-unregistered later backed "$images/a.img" qcow2
try "later, backing file with ESC" disk.backing-unregistered later backed "$foreign/"$'\e[31msecret\e]0;x\a' raw
try "later, data file" disk.external-data later data_file_named 4
try "later, LUKS" disk.encrypted later encrypted encrypt.format=luks,encrypt.iter-time=10
try "later, dirty" disk.dirty later patched 72 8 1
try "later, internal snapshot" disk.internal-snapshots later snapshotted
try "later, cut off at 0" image.not-qcow2 later cut_at 0
try "later, L1 table behind the end" image.damaged later patched 40 8 $((1 << 40))
try "later, noise" image.not-qcow2 later noise 65536
try "later, symbolic link" disk.symlink later linked -s
try "later, hard link" disk.links later linked
try "later, FIFO" disk.kind later fifo
try "later, directory" disk.kind later mkdir "$images/a.img"
try "later, a link to /dev/zero" disk.symlink later ln -s /dev/zero "$images/a.img"
try "later, nothing there" disk.open later nothing

try "frozen, backing file" disk.backing-unregistered frozen backed "$foreign/secret" raw
try "frozen, backing file nbd" disk.backing-protocol frozen backed nbd://127.0.0.1:1/x raw
try "frozen, data file" disk.external-data frozen data_file_named 4
try "frozen, other data" export.layer-changed frozen patched 327680 8 1
try "frozen, cut off" export.layer-changed frozen cut_at 400000
try "frozen, backing file, another file" disk.layer-replaced replaced backed "$foreign/secret" raw
try "frozen, symbolic link" disk.symlink replaced linked -s
try "frozen, FIFO" disk.kind replaced fifo
try "frozen, symbolic link to nothing" disk.symlink replaced dangling

echo "$tried images by name: ${ended[right]} taken and right, ${ended[refused]} refused with a sentence and unchanged"

# Random changes. Of each kind: where its header and tables are.
kinds=(plain small-clusters deflate zstd extended based bitmaps wide)
declare -A tables=()
find_tables() { # file: "at bytes" of each
    local cluster size l1 entries refcounts entry i
    cluster=$((1 << $(number "$1" 20 4)))
    size=$(stat -c %s "$1")
    l1=$(number "$1" 40 8) entries=$(number "$1" 36 4) refcounts=$(number "$1" 48 8)
    echo "0 112" "0 112" "0 112" "104 512" "0 $((size < 65536 ? size : 65536))" "$l1 $((entries * 8))" "$refcounts 64"
    for ((i = 0; i < entries && i < 16; i++)); do
        entry=$(($(number "$1" $((l1 + 8 * i)) 8) & 0x00fffffffffffe00))
        [ "$entry" = 0 ] || echo "$entry $((cluster < 512 ? cluster : 512))" "$entry $((cluster < 512 ? cluster : 512))"
    done
    entry=$(number "$1" "$refcounts" 8)
    echo "$entry 64"
}
for kind in "${kinds[@]}"; do
    begin
    case $kind in
    plain) made ;;
    small-clusters) made compat=0.10,cluster_size=512 ;;
    deflate) compressed ;;
    zstd) compressed compression_type=zstd,cluster_size=4k ;;
    extended) made extended_l2=on,cluster_size=16k ;;
    based)
        based qcow2 qcow2
        mv "$images/template" "$work/kinds/template"
        ;;
    bitmaps) with_bitmap ;;
    wide) made refcount_bits=64,lazy_refcounts=on,cluster_size=4k ;;
    esac
    mv "$at" "$work/kinds/$kind"
    tables[$kind]=$(find_tables "$work/kinds/$kind" | tr '\n' ' ')
done

any() { any=$(((RANDOM * 32768 + RANDOM) % $1)); } # below that, in $any: a subshell would always draw the same
number_of_any_kind() { # in $number
    any 10
    case $any in
    0) number=0 ;;
    1) number=-1 ;;
    2) number=$size ;;
    3) number=$((1 << 63 | size / 65536 * 65536)) ;;
    4) any $((size / 512)) && number=$((1 << 63 | any * 512)) ;;
    5) any $((size / 4096)) && number=$((1 << 63 | any * 4096)) ;;
    6) any "$size" && number=$((1 << 62 | any)) ;;
    7) any 64 && number=$((1 << any)) ;;
    8) any 300 && number=$any ;;
    9) number=$((RANDOM << 48 ^ RANDOM << 33 ^ RANDOM << 18 ^ RANDOM << 3)) ;;
    esac
}
mutate() { # adds to $what
    local changes places n width where number size
    size=$(stat -c %s "$at")
    read -ra places <<<"${tables[$1]}"
    any 3 && changes=$((any + 1))
    for ((n = 0; n < changes; n++)); do
        any $((${#places[@]} / 2)) && where=$any
        any 4 && width=$((1 << any))
        any $((places[2 * where + 1] / width)) && where=$((places[2 * where] + any * width))
        number_of_any_kind
        put_number "$at" "$where" "$width" "$number"
        printf -v number %016x "$number"
        what+=", $width bytes at $where := ${number:16-2*width}"
    done
    any 12
    if [ "$any" = 0 ]; then
        any "$size"
        truncate -s "$any" "$at"
        what+=", cut off at $any"
    fi
}

tried=0
ended=([right]=0 [refused]=0)
for ((n = 0; n < mutations; n++)); do
    kind=${kinds[n % ${#kinds[@]}]}
    what="mutation $n (seed $seed) of $kind"
    begin
    cp "$work/kinds/$kind" "$at"
    extra=(--carry-bitmaps)
    if [ "$kind" = based ]; then
        cp "$work/kinds/template" "$images/template"
        words=(--backing "vda=qcow2:$images/template")
    fi
    mutate "$kind"
    go
    tried=$((tried + 1))
    count
done
echo "$tried images of random changes: ${ended[right]} taken and right, ${ended[refused]} refused with a sentence and unchanged"
echo "the longest call took $((longest / 1000)) ms"
