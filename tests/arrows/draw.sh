#!/usr/bin/env bash
# The rooms as one picture, drawn from the #include lines: floor by floor, each room above everything that it includes; and for
# each room what it stands on directly (what a room below it includes anyway is left out).
#
#   tests/arrows/draw.sh            prints the picture
#   tests/arrows/draw.sh --write    puts it into HACKING.md, between its two marks
#   tests/arrows/draw.sh --check    fails when the one in HACKING.md is another
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export LC_ALL=C

arrows() { # "room room" for every include between two rooms, and every room once with itself
    find core ui -name '*.[ch]' | sort | while read -r file; do
        echo "${file%/*} ${file%/*}"
        sed -n 's|^#include "\(.*\)/[^/]*"$|\1|p' "$file" | sed "s|^|${file%/*} |"
    done | sort -u
}

picture() {
    arrows | awk '
        { rooms[$1] = 1; rooms[$2] = 1; if ($1 != $2) below[$1, $2] = 1 }
        # reach[a, b]: b is under a, on whatever way.
        function close_over(   a, b, c, more) {
            for (pair in below) reach[pair] = 1
            do {
                more = 0
                for (pair in reach) {
                    split(pair, at, SUBSEP)
                    for (c in rooms)
                        if ((at[2], c) in below && !((at[1], c) in reach)) { added[at[1], c] = 1; more = 1 }
                }
                for (pair in added) reach[pair] = 1
            } while (more)
        }
        function floor_of(room,   other, highest) {
            if (room in floor) return floor[room]
            highest = 0
            for (other in rooms)
                if ((room, other) in below && floor_of(other) > highest) highest = floor_of(other)
            return floor[room] = highest + 1
        }
        function is_direct(a, b,   c) {
            if (!((a, b) in below)) return 0
            for (c in rooms)
                if (c != b && (a, c) in below && (c, b) in reach) return 0
            return 1
        }
        END {
            close_over()
            count = 0
            for (room in rooms) {
                if (floor_of(room) > top) top = floor_of(room)
                names[++count] = room
            }
            for (i = 1; i < count; i++)
                for (j = i + 1; j <= count; j++)
                    if (names[i] > names[j]) { swap = names[i]; names[i] = names[j]; names[j] = swap }
            for (level = top; level > 0; level--)
                for (i = 1; i <= count; i++) {
                    if (floor[names[i]] != level) continue
                    text = ""
                    for (j = 1; j <= count; j++)
                        if (is_direct(names[i], names[j])) text = text (text == "" ? "" : "  ") names[j]
                    line = sprintf("%s  %-26s", floor_shown == level ? "  " : sprintf("%2d", level), names[i])
                    printf "%s %s\n", line, text == "" ? "" : "-> " text
                    floor_shown = level
                }
        }' | sed 's/ *$//'
}

begin='<!-- rooms: drawn by tests/arrows/draw.sh -->'
end='<!-- end of rooms -->'
framed() { printf '%s\n```\n' "$begin" && picture && printf '```\n%s\n' "$end"; }
kept() { sed -n "\|^$begin\$|,\|^$end\$|p" HACKING.md; }

case ${1:-} in
--write)
    drawn=$(framed) awk -v begin="$begin" -v end="$end" '
        $0 == begin { print ENVIRON["drawn"]; skip = 1 }
        !skip { print }
        $0 == end { skip = 0 }' HACKING.md >HACKING.md.new
    mv HACKING.md.new HACKING.md
    ;;
--check)
    [ "$(kept)" = "$(framed)" ] || {
        diff <(kept) <(framed) || true
        echo "the picture in HACKING.md is not of this code: tests/arrows/draw.sh --write"
        exit 1
    }
    # README's table names the same rooms, by their first two parts.
    # shellcheck disable=SC2016
    diff <(sed -n 's/^| `\(core[^`]*\|ui\)` |.*/\1/p' README.md | sort) \
        <({ find core -mindepth 1 -maxdepth 1 -type d && echo ui; } | sort) || {
        echo "README.md, \"Where things are\", lists other rooms than there are"
        exit 1
    }
    ;;
*) picture ;;
esac
