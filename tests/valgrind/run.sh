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
tests=$(dirname "$plain")/tests
# %p: each process has a log of its own, which says what it was.
under=(valgrind --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --error-exitcode=99
    --trace-children=yes "--log-file=$logs/%p")
refpoint=$work/refpoint
{
    printf '#!/bin/sh\nexec'
    printf " '%s'" "${under[@]}" '--trace-children-skip=*qemu*' "$plain"
    printf ' "$@"\n'
} >"$refpoint"
chmod +x "$refpoint"

fail() {
    local log
    for log in "$logs"/*; do
        if grep -q 'ERROR SUMMARY: [1-9]' "$log"; then grep -v '^--' "$log" >&2; fi
    done
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# looked_at WORDS COUNT: at least so many processes of that command were, to their end, and nothing was found. A process ends
# after what it did was told: it is waited for, so that its log is whole.
looked_at() {
    local log pid count=0
    for log in "$logs"/*; do
        pid=${log##*/}
        grep -q -- "Command: .*$1" "$log" || continue
        while [ -e "/proc/$pid" ]; do :; done
        # What was forked for a program that is not looked at has no end here.
        grep -q 'ERROR SUMMARY' "$log" || continue
        count=$((count + 1))
        grep -q 'ERROR SUMMARY: 0 errors' "$log" || fail "valgrind has found something"
    done
    [ "$count" -ge "$2" ] || fail "$count processes of \"$1\" were looked at, not $2"
    echo "$count processes of: $1"
}

image "$work/images/a.qcow2" 8M 1
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

looked_at "--runner .*$job" 1
looked_at "$plain" 19 # those above, and two jobs

# What the path does not come to: programs that are waited for in vain, links. Other programs are not followed.
for test in system_proc system_beneath system_fs; do
    [ -x "$tests/test_$test" ] || continue
    "${under[@]}" '--trace-children-skip=/bin/*,/usr/*' "$tests/test_$test" >"$work/out" 2>&1 || {
        cat "$work/out" >&2
        fail "$test"
    }
    looked_at "test_$test" 1
done
echo "valgrind: nothing wrong (${SECONDS} s)"
