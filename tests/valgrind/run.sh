#!/usr/bin/env bash
# The main path, every process of it, under valgrind: no invalid access, no use of what was never written, nothing definitely
# lost. It has no openat2(2) and no pidfd_open(2), so this is also the way that old kernels go. QEMU's programs are not looked at.
#
#   tests/valgrind/run.sh REFPOINT
set -euo pipefail

command -v valgrind >/dev/null || {
    echo "valgrind is not installed: nothing was looked at (Debian: apt-get install valgrind)"
    exit 77
}
# shellcheck source-path=SCRIPTDIR source=../system/support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../system/support.bash"

logs=$work/valgrind
mkdir "$logs"
plain=$refpoint
# %p: each process has a log of its own, which says what it was.
under=(valgrind --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --error-exitcode=99
    --trace-children=yes "--trace-children-skip=*qemu*" "--log-file=$logs/%p" "$plain")
refpoint=$work/refpoint
{
    printf '#!/bin/sh\nexec'
    printf " '%s'" "${under[@]}"
    printf ' "$@"\n'
} >"$refpoint"
chmod +x "$refpoint"

# Processes end after what they did was told: each is waited for, so that its log is whole.
looked_at() { # how many processes with these words in their command
    local log pid count=0
    for log in "$logs"/*; do
        pid=${log##*/}
        while [ -e "/proc/$pid" ]; do :; done
        if ! grep -q "Command: .*$1" "$log"; then continue; fi
        count=$((count + 1))
        grep -q 'ERROR SUMMARY: 0 errors' "$log" || {
            grep -v -e '^--' "$log" >&2
            fail "valgrind has found something in: refpoint $1"
        }
    done
    [ "$count" -ge "${2:-1}" ] || fail "no process of \"$1\" was looked at"
    echo "$count process(es) of: $1"
}

image "$work/images/a.qcow2" 16M 1
image "$work/images/b.qcow2" 8M 3
ok machine add web --disk "vda=qcow2:$work/images/a.qcow2" --disk "vdb=qcow2:$work/images/b.qcow2"
ok collection define shop --member web
ok point create shop --name p1
qemu-io -f qcow2 -c 'write -q -P 9 2M 512k' -c 'write -q -z 0 64k' "$work/images/a.qcow2" >/dev/null
qemu-img convert -q -f qcow2 -O raw "$work/images/a.qcow2" "$work/copy"
ok point create shop --name p2
ok export shop p1 --to "$work/exports" --json
ok export shop p2 --base p1 --to "$work/exports" --detach --json
job=$(last .job)
ok job attach "$job" --json
is "$(last '.disks[0].kind')" differential
package=$(last .package)
ok package list "$work/exports"
ok package verify "$package"
ok package import "$package" --to "$work/restored"
qemu-img compare -q -f qcow2 -F raw "$work/restored/web/vda.qcow2" "$work/copy" || fail "the import differs from the point"
ok job list
ok job show "$job"
ok point remove-data shop p1
ok store check --deep
ok point destroy shop p2
ok point list shop
refused 32773 point destroy shop never

looked_at "job $(cut -c1-4 <<<"$job")"
looked_at "$plain" 17
[ -z "$(grep -L 'ERROR SUMMARY: 0 errors' $(grep -l 'ERROR SUMMARY' "$logs"/*) || true)" ] || fail "valgrind has found something"
echo "valgrind: nothing wrong"
