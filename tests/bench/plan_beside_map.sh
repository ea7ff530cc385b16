#!/usr/bin/env bash
# What planning costs, beside QEMU's own walk over the same images: until "export --detach" returns, which is when the plan is there
# and the job has started, and "qemu-img map". On a tmpfs: no data is read, and no disk is to be measured.
#
#   tests/bench/plan_beside_map.sh [OPTIONS] REFPOINT
#
#   -n ROUNDS   of which the median is taken (5)
#   -r ROWS     some of: ten tera extents layers disks empty (all)
#   -e COUNT    extents of the row "extents" (262144; a GiB of memory)
#   -l COUNT    layers of the row "layers" (100)
#   -t DIR      on a tmpfs (/dev/shm)
#
# ten, tera: 256 MiB of data in 10 GiB, and in 1 TiB. disks: 100 of 1 MiB. empty: 1 PiB. Processor time is of the whole export, and
# "all" is when its job was over.
set -euo pipefail

rounds=5
rows=ten,tera,extents,layers,disks,empty
extents=262144
layers=100
tmpfs=/dev/shm
disk=/nonexistent
seed=1
mib=256
while getopts n:r:e:l:t:h option; do
    case $option in
    n) rounds=$OPTARG ;;
    r) rows=$OPTARG ;;
    e) extents=$OPTARG ;;
    l) layers=$OPTARG ;;
    t) tmpfs=$OPTARG ;;
    *)
        sed -n '5,14s/^# \{0,1\}//p' "$0"
        exit 2
        ;;
    esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || { echo "usage: $0 [OPTIONS] REFPOINT" >&2; exit 2; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/bench/engine/setup.bash
. "$here/engine/setup.bash" "$1"
# shellcheck source=tests/bench/engine/contest.bash
. "$here/engine/contest.bash"

# The plan of a point, and the map of its first layer, which is that of a disk through its whole chain.
compare() { # row, collection, point, format
    layer=$(layers_of "$2" "$3" | sed -n 1p)
    format=${4-qcow2}
    ours " --detach, until it is started" "$2 $3 --detach --no-verify"
    contestant "qemu-img map" "exec qemu-img map -f $format --output=json \"\$layer\""
    bar "qemu-img map" 1 150
    run_row "$1"
}

row_of_data() { # row, virtual size
    make_image "$1" "$2" $((mib << 20)) mixed "$seed"
    add_machine "$1" "vda=qcow2:$work/images/$1.qcow2"
    add_point "$1" first
    compare "$1" "$1" first
    drop_machine "$1"
}
row_ten() { row_of_data ten $((10 << 30)); }
row_tera() { row_of_data tera $((1 << 40)); }

row_extents() {
    "$tools/bench_data" "$work/images/extents.raw" $((extents * 131072)) $((extents * 4096)) comb "$seed"
    add_machine extents "vda=raw:$work/images/extents.raw"
    add_point extents first --raw-to-qcow2
    compare extents extents first raw
    drop_machine extents
}

row_layers() {
    local i
    make_image layers $((1 << 30)) $((64 << 20)) mixed "$seed"
    add_machine layers "vda=qcow2:$work/images/layers.qcow2"
    for ((i = 0; i < layers; i++)); do
        qemu-io -f qcow2 -c "write -q -P $((i % 255 + 1)) ${i}M 64k" "$work/images/layers.qcow2" >/dev/null
        add_point layers "p$i"
    done
    compare layers layers "p$((layers - 1))"
    drop_machine layers
}

row_disks() {
    make_small disks 100
    compare disks disks first
    drop_machine disks
}

row_empty() {
    qemu-img create -q -f qcow2 "$work/images/empty.qcow2" 1P
    add_machine empty "vda=qcow2:$work/images/empty.qcow2"
    add_point empty first
    compare empty empty first
    drop_machine empty
}

say_machine
new_work tmpfs
for name in ten tera extents layers disks empty; do
    if wants "$name"; then "row_$name"; fi
done
