#!/usr/bin/env bash
# The arrows between the rooms, read from the #include lines: each room may include itself and the rooms listed for it.
# Curses belongs to ui alone; libnbd and libcurl never do. A new room must be given its arrows here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

declare -A may=(
    [core/base]="core/base"
    [core/model]="core/base"
    [core/image]="core/base core/model"
    [core/job]="core/base core/model"
    [core/export]="core/base core/model core/image core/job"
    [core/host]="core/base core/model core/image core/job core/export"
    [core/host/local]="core/base core/model core/image core/job core/export core/host"
    [core/service]="core/base core/model core/job core/export core/host"
    [core/settings]="core/base"
    [core/cli]="core/base core/model core/image core/job core/export core/host core/service core/settings"
    [ui]="core/base core/model core/job core/export core/host core/service core/settings core/cli/cli.h"
)
# main.c is the composition root: it alone names a concrete host.
composition_root="ui/main.c"
wrong=0
files=$(find core ui -name '*.[ch]')

complain() {
    printf '%s\n' "$*"
    wrong=1
}

room_of() {
    case $1 in
    core/host/local/*) echo core/host/local ;;
    core/*) dirname "$1" ;;
    ui/*) echo ui ;;
    esac
}

allowed() { # room, included header
    local target
    [ "$(room_of "$2")" = "$1" ] && return
    for target in ${may[$1]}; do
        [ "$2" = "$target" ] && return
        [ "$(room_of "$2")" = "$target" ] && return
    done
    return 1
}

while read -r file; do
    room=$(room_of "$file")
    [ -n "${may[$room]:-}" ] || complain "$file: the room $room has no arrows; add it to tests/arrows/check.sh"
    while read -r header; do
        allowed "$room" "$header" && continue
        [ "$file" = "$composition_root" ] && [ "$header" = core/host/local/local_host.h ] && continue
        complain "$file includes $header: $room may include only ${may[$room]:-nothing}"
    done < <(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file")
    case $room in
    ui) ! grep -HnE '#include <(libnbd|curl/|libconfig|libxml)' "$file" || complain "$file: not for a screen" ;;
    *) ! grep -HnE '#include <(n?curses|term)\.h>|#include <ncursesw/' "$file" || complain "$file: curses belongs to ui" ;;
    esac
done <<<"$files"
exit $wrong
