#!/usr/bin/env bash
# What an export takes from its neighbours: of the page cache. A file stands for the working set of a machine that is idle just now:
# it is in the page cache before, and what is left of it is counted after. So is what source and target hold there, at its
# most and after the end; where memory is free nobody loses anything, and that is what they would lose.
#
#   tests/bench/neighbour.sh [OPTIONS] REFPOINT
#
#   -s MIB   data of the disk (4096)
#   -w MIB   working set of the neighbour (2048)
#   -d DIR   on a disk, not a tmpfs (/var/tmp)
#   -x SEED  of the data (1)
#
# In a narrow place, with all of it within one limit:
#   systemd-run --scope -p MemoryMax=3G tests/bench/neighbour.sh build/refpoint
set -euo pipefail

mib=4096
set_mib=2048
disk=/var/tmp
seed=1
while getopts s:w:d:x:h option; do
    case $option in
    s) mib=$OPTARG ;;
    w) set_mib=$OPTARG ;;
    d) disk=$OPTARG ;;
    x) seed=$OPTARG ;;
    *)
        sed -n '6,15s/^# \{0,1\}//p' "$0"
        exit 2
        ;;
    esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || { echo "usage: $0 [OPTIONS] REFPOINT" >&2; exit 2; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/bench/engine/setup.bash
. "$here/engine/setup.bash" "$1"

[ "$(findmnt -n -o FSTYPE --target "$disk" | tail -n 1)" != tmpfs ] || {
    echo "neighbour.sh: $disk is a tmpfs, which is memory itself: name a directory on a disk with -d" >&2
    exit 2
}

sum() { awk '{sum += $1} END {printf "%.0f", sum / 1048576}'; }
cached() { # files and directories
    find "$@" -type f -exec "$tools/bench_cache" count {} + 2>/dev/null | sum
}

# MiB of source and target while it runs; what ends meanwhile is not counted any more.
watch_most() { # process
    local now most=0
    while kill -0 "$1" 2>/dev/null; do
        now=$(cached "$layer" "$work/exports" "$work/out" || true)
        [ "$now" -le "$most" ] || most=$now
        sleep 0.1
    done
    echo "$most"
}

try() { # label, "cold" or "warm", command...
    local label=$1 state=$2 most before
    shift 2
    clear_outputs
    "$tools/bench_cache" drop "$layer"
    [ "$state" = cold ] || "$tools/bench_cache" load "$layer"
    before=$(cached "$layer")
    "$tools/bench_cache" load "$work/neighbour"
    "$@" >"$work/said" 2>&1 &
    most=$(watch_most $!)
    wait $! || {
        echo "neighbour.sh: $label: $(tail -n 3 "$work/said")" >&2
        exit 1
    }
    printf '%-36s layer %s: neighbour lost %5d of %d MiB; layer in the cache %5d -> %5d MiB; target %5d MiB; both at most %5d MiB\n' \
        "$label" "$state" $((set_mib - $(cached "$work/neighbour"))) "$set_mib" "$before" "$(cached "$layer")" \
        "$(cached "$work/exports" "$work/out")" "$most"
}

new_work disk
"$tools/bench_data" "$work/neighbour" $((set_mib << 20)) $((set_mib << 20)) random $((seed + 1))
make_image main $((mib * 2 << 20)) $((mib << 20)) mixed "$seed"
add_machine main "vda=qcow2:$work/images/main.qcow2"
add_point main first
layer=$(layers_of main first | sed -n 1p)
say_machine
say "$mib MiB of data, on $(findmnt -n -o FSTYPE,SOURCE --target "$work" | tail -n 1 | tr -s ' ')"
for state in cold warm; do
    try "refpoint export" $state "$refpoint" export main first --to "$work/exports"
    try "refpoint export --no-verify" $state "$refpoint" export main first --no-verify --to "$work/exports"
    try "qemu-img convert -W -m 16" $state qemu-img convert -W -m 16 -f qcow2 -O qcow2 "$layer" "$work/out"
    try "cp" $state cp "$layer" "$work/out"
done
