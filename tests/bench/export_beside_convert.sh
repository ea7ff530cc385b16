#!/usr/bin/env bash
# The speed of an export beside its peer, `qemu-img convert`, on the same image in the same run, as a ratio: the machine may
# be slow or busy, both then are. Not a test: it passes no verdict.
#
# usage: export_beside_convert.sh REFPOINT [MIB] [ROUNDS]
set -euo pipefail

refpoint=$(readlink -f "$1")
mib=${2:-512}
rounds=${3:-3}
work=$(mktemp -d)
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config REFPOINT_STORE=$work/store
mkdir "$work/exports"

# Half of the data does not compress at all, half of it well.
{
    head -c $((mib * 524288)) /dev/urandom
    head -c $((mib * 393216)) /dev/urandom | base64 -w 0
} >"$work/data"
qemu-img convert -q -f raw -O qcow2 "$work/data" "$work/disk.qcow2"
rm "$work/data"
"$refpoint" machine add bench --disk "vda=qcow2:$work/disk.qcow2" >/dev/null
"$refpoint" collection define bench --member bench >/dev/null
"$refpoint" point create bench --name now >/dev/null
layer=$(find "$work" -maxdepth 1 -name '*.refpoint-*')

milliseconds() { # command...
    local start=${EPOCHREALTIME/./}
    "$@" >/dev/null
    echo $(((${EPOCHREALTIME/./} - start) / 1000))
}

# What a careful person would do by hand: convert, bring it to the disk, write its checksum down.
peer() { # convert options...
    qemu-img convert -f qcow2 -O qcow2 -W -m 8 "$@" "$layer" "$work/peer.qcow2"
    sync "$work/peer.qcow2"
    sha256sum "$work/peer.qcow2" >"$work/peer.sum"
}

measure() { # name, convert options, export options...
    local name=$1 options=$2 round peer ours
    shift 2
    for ((round = 1; round <= rounds; round++)); do
        # shellcheck disable=SC2086 # options are words
        peer=$(milliseconds peer $options)
        ours=$(milliseconds "$refpoint" export bench now --to "$work/exports" --no-job "$@")
        printf '%-24s round %d: %6d MiB  qemu-img convert %6d ms  refpoint %6d ms  ratio %d.%02d\n' "$name" "$round" "$mib" \
            "$peer" "$ours" $((ours / peer)) $((ours * 100 / peer % 100))
        rm -f "$work/peer.qcow2"
        chmod -R u+w "$work/exports" && rm -rf "$work/exports" && mkdir "$work/exports"
    done
}

measure "copy alone" "" --no-verify
measure "copy and verify" ""
measure "zstd, copy alone" "-c -o compression_type=zstd" --compress zstd --no-verify
