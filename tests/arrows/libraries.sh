#!/usr/bin/env bash
# libvirt is loaded when a host of its kind is opened, libnbd when an image is read, and never before: they bring sixty libraries
# along. The program is not linked with them, and no object calls a function of theirs but through the tables of
# core/host/libvirt/connection/functions.h and core/image/nbd/libnbd.h.
#
#   tests/arrows/libraries.sh PROGRAM OBJECT...
set -euo pipefail

program=$1
shift
needed=$(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p')
[[ $needed == *libc.so.6* ]] || {
    echo "no libraries of $program were found: the search is wrong"
    exit 1
}
if grep -E '^lib(virt|nbd)' <<<"$needed"; then
    echo "$program is linked with it"
    exit 1
fi
if nm -A --undefined-only "$@" | grep -E ' U vir[A-Z]'; then
    echo "libvirt's functions are called as libvirt()->NAME"
    exit 1
fi
if nm -A --undefined-only "$@" | grep -E ' U nbd_(aio_|set_|get_|can_|add_|create$|close$|poll$)'; then
    echo "libnbd's functions are called as libnbd()->NAME"
    exit 1
fi
echo "$(wc -l <<<"$needed") libraries are loaded at the start, libvirt and libnbd are not among them"
