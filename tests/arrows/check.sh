#!/usr/bin/env bash
# The arrows between the rooms, read from the #include lines: each folder may include itself and what tests/arrows/rooms lists
# for it, and the list itself goes one way. Curses belongs to ui alone; libnbd, libvirt and libcurl never do. No folder holds more
# files than a person takes in at a glance.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

FILES_LIMIT=25
# main.c is the composition root: it alone names a concrete host.
composition_root="ui/main.c"
declare -A may=()
wrong=0

complain() {
    printf '%s\n' "$*"
    wrong=1
}

declare -A lists=()
while IFS=: read -r room allowed; do
    [[ $room == '#'* || -z $room ]] && continue
    if [[ $room == @* ]]; then
        lists[$room]=$allowed
        continue
    fi
    for list in "${!lists[@]}"; do allowed=${allowed//$list/${lists[$list]}}; done
    [ -d "$room" ] || complain "tests/arrows/rooms: there is no room $room"
    may[$room]=$allowed
done <tests/arrows/rooms

# Two names on a line: the first stands above the second. tsort names those that stand above each other.
rooms_above() {
    local room target
    for room in "${!may[@]}"; do
        echo "$room $room"
        for target in ${may[$room]}; do
            [[ $target == *.h ]] && target=${target%/*}
            echo "$room $target"
        done
    done
}
if ! loop=$(rooms_above | tsort 2>&1 >/dev/null); then
    complain "tests/arrows/rooms: these rooms stand above each other:"$'\n'"$loop"
fi

is_allowed() { # room, included header
    local target
    [ "${2%/*}" = "$1" ] && return
    for target in ${may[$1]}; do
        [ "$2" = "$target" ] && return
        [ "${2%/*}" = "$target" ] && return
    done
    return 1
}

while read -r file; do
    room=${file%/*}
    if [ -z "${may[$room]+known}" ]; then
        complain "$file: the room $room has no arrows; add it to tests/arrows/rooms"
        continue
    fi
    while read -r header; do
        [ -f "$header" ] || complain "$file includes $header, which is not there"
        is_allowed "$room" "$header" && continue
        [ "$file" = "$composition_root" ] && [[ $header == core/host/*/*.h ]] && continue
        complain "$file includes $header: $room may include only${may[$room]:- nothing}"
    done < <(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file")
    case $room in
    ui | ui/*) ! grep -HnE '#include <(libnbd|libvirt/|curl/|libconfig|libxml)' "$file" || complain "$file: not for a screen" ;;
    *) ! grep -HnE '#include <(n?curses|term)\.h>|#include <ncursesw/' "$file" || complain "$file: curses belongs to ui" ;;
    esac
done < <(find core ui -name '*.[ch]' | sort)

while read -r folder; do
    count=$(find "$folder" -maxdepth 1 -type f | wc -l)
    [ "$count" -le "$FILES_LIMIT" ] || complain "$folder holds $count files; more than $FILES_LIMIT are too many for one room"
done < <(find core ui tests -type d ! -path '*/corpus*')
exit $wrong
