#!/usr/bin/env bash
# The copy engine beside its peers: both on the same files, alternately, in one go, so that a machine that is busy or slow is so for
# both. Prints medians, ratios, processor time and peak memory. Not a test: it tells, and judges nothing but the bars that are
# written beside the rows.
#
#   tests/bench/engine.sh [OPTIONS] REFPOINT
#
#   -s MIB      data of a disk (4096; the disk is twice as large)
#   -n ROUNDS   of which the median is taken (5)
#   -m MEDIA    tmpfs,disk (both)
#   -r ROWS     some of: full check differential zstd raw small four sparse empty (all)
#   -t DIR      on a tmpfs (/dev/shm)
#   -d DIR      on a disk (/var/tmp)
#   -x SEED     of the data (1)
#
# Wants qemu-utils, libnbd-bin, openssl, jq, and the programs that the build makes beside the tests. On the disk each run begins
# with its files out of the page cache and ends when all is written. Room: three times the data on each medium.
set -euo pipefail

usage() {
    sed -n '6,15s/^# \{0,1\}//p' "$0"
    exit "$1"
}

mib=4096
rounds=5
media=tmpfs,disk
rows=full,check,differential,zstd,raw,small,four,sparse,empty
tmpfs=/dev/shm
disk=/var/tmp
seed=1
while getopts s:n:m:r:t:d:x:h option; do
    case $option in
    s) mib=$OPTARG ;;
    n) rounds=$OPTARG ;;
    m) media=$OPTARG ;;
    r) rows=$OPTARG ;;
    t) tmpfs=$OPTARG ;;
    d) disk=$OPTARG ;;
    x) seed=$OPTARG ;;
    h) usage 0 ;;
    *) usage 2 >&2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || usage 2 >&2

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/bench/engine/setup.bash
. "$here/engine/setup.bash" "$1"
# shellcheck source=tests/bench/engine/contest.bash
. "$here/engine/contest.bash"
# shellcheck source=tests/bench/engine/rows.bash
. "$here/engine/rows.bash"

main_rows() {
    wants full || wants check || wants zstd || wants raw || wants differential || return 0
    make_image main $((mib * 2 << 20)) $((mib << 20)) mixed "$seed"
    add_machine main "vda=qcow2:$work/images/main.qcow2"
    add_point main first
    layer=$(layers_of main first | sed -n 1p)
    if wants full; then row_full full --no-verify 1.15 1.10 150; fi
    if wants check; then row_full check "" 1.6 1.5 250; fi
    if wants zstd; then row_zstd; fi
    if wants raw; then row_raw; fi
    if wants differential; then row_differential; fi
    drop_machine main
}

say_machine
say "$mib MiB of data in a disk of $((mib * 2)) MiB, seed $seed, medians of $rounds rounds"
for medium in ${media//,/ }; do
    new_work "$medium"
    say "$medium: $(findmnt -n -o FSTYPE,SOURCE --target "$work" | tail -n 1 | tr -s ' ')"
    main_rows
    for name in small four sparse empty; do
        if wants "$name"; then "row_$name"; fi
    done
    report_memory
    clear_work
done
