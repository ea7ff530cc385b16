#!/usr/bin/env bash
# What somebody at the screen waits for, on a pseudo-terminal of 80x24: start, keys, keys while an export has both cores, what a
# large store costs, what an idle screen and a running job send. Not a test: it tells, and judges nothing but the bars that are
# written beside the rows.
#
#   tests/bench/screen.sh [OPTIONS] REFPOINT
#
#   -n ROUNDS   starts of which the median is taken (9)
#   -k KEYS     keys of which the median is taken (200)
#   -p POINTS   of the long list (100000)
#   -c COUNT    collections of the large store, each with 100 points (1000)
#   -q SECONDS  of an idle screen and of a running job that are looked at (10)
#   -t DIR      where it works (/dev/shm)
#
# Wants qemu-utils and the programs that the build makes beside the tests.
set -euo pipefail

usage() {
    sed -n '6,13s/^# \{0,1\}//p' "$0"
    exit "$1"
}

rounds=9
keys=200
points=100000
collections=1000
seconds=10
place=/dev/shm
while getopts n:k:p:c:q:t:h option; do
    case $option in
    n) rounds=$OPTARG ;;
    k) keys=$OPTARG ;;
    p) points=$OPTARG ;;
    c) collections=$OPTARG ;;
    q) seconds=$OPTARG ;;
    t) place=$OPTARG ;;
    h) usage 0 ;;
    *) usage 2 >&2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || usage 2 >&2

refpoint=$(readlink -f "$1")
tools=$(dirname "$refpoint")/tests
for tool in "$tools"/bench_{store,screen,data} qemu-img; do
    command -v "$tool" >/dev/null || {
        echo "$0: $tool is not there (build with -DBUILD_TESTING=ON; package qemu-utils)" >&2
        exit 2
    }
done
work=$(mktemp -d "$place/refpoint-bench.XXXXXX")
busy=
finish() {
    [ -z "$busy" ] || touch "$work/enough"
    wait
    chmod -R u+w "$work" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
export XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config LC_ALL=C.UTF-8 REFPOINT_STORE

screen() { "$tools/bench_screen" "$refpoint" "$@"; }
row() { printf '%-58s %s\n' "$1" "$2"; }
use_store() { # collections, points of each
    REFPOINT_STORE=$work/store-$1-$2
    [ -d "$REFPOINT_STORE" ] || "$tools/bench_store" "$REFPOINT_STORE" "$1" "$2" 1
}

echo "$(uname -sr), $(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), load $(cut -d' ' -f1-3 /proc/loadavg); milliseconds"
"$refpoint" --version

use_store "$collections" 100
row "start, $collections collections of 100 points; under 50" "$(screen start "$rounds" Collections)"
row "the same, to the first name" "$(screen start "$rounds" collection-0001)"
row "a key in the list of them; under 16" "$(screen keys "$keys" Down)"
row "idle, after the start; 0 bytes" "$(screen quiet "$seconds")"
for count in 100 "$points"; do
    use_store 1 "$count"
    [ "$keys" -lt "$count" ] || keys=$((count - 10))
    row "a key among $count points" "$(screen keys "$keys" Tab Down)"
done

# Exports one after the other, so that both cores are wanted all the time.
REFPOINT_STORE=$work/store
"$tools/bench_data" "$work/disk.raw" $((1 << 30)) $((1 << 30)) mixed 1
qemu-img convert -q -W -f raw -O qcow2 "$work/disk.raw" "$work/disk.qcow2"
rm "$work/disk.raw"
mkdir "$work/exports"
"$refpoint" machine add one --disk "vda=qcow2:$work/disk.qcow2" >/dev/null
"$refpoint" collection define one --member one >/dev/null
"$refpoint" point create one --name first >/dev/null
export_forever() {
    until [ -e "$work/enough" ]; do
        "$refpoint" export one first --to "$work/exports" --compress zstd >/dev/null 2>&1 || true
        chmod -R u+w "$work/exports" && rm -rf "$work/exports"/*
    done
}
export_forever &
busy=$!
use_store "$collections" 100
row "a key while exports have both cores; under 16" "$(screen keys "$keys" Down)"
touch "$work/enough"
wait "$busy"
busy=

REFPOINT_STORE=$work/store
job=$("$refpoint" export one first --to "$work/exports" --rate 20M --detach --json | sed -n '$s/.*"job":"\([^"]*\)".*/\1/p')
row "the pane of a running job, bytes a tick; under 1024" "$(screen ticks "$seconds" j Enter)"
"$refpoint" job cancel "$job" >/dev/null
"$refpoint" job attach "$job" >/dev/null 2>&1 || true
