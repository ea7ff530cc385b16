#!/usr/bin/env bash
# No two units know each other, by their includes or by their calls. A unit is a .c with its .h; a header without a .c ties
# nobody. Calls are read from the symbols of the compiled objects, which are given as arguments.
#
#   tests/arrows/circles.sh OBJECT...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

includes() {
    local file header
    while read -r file; do
        while read -r header; do
            [ -f "${header%.h}.c" ] && [ "${header%.h}" != "${file%.[ch]}" ] && echo "${file%.[ch]} ${header%.h}"
        done < <(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file")
    done < <(find core ui -name '*.[ch]')
}

# ".../core/CMakeFiles/refpoint-core.dir/export/run.c.o:" is the unit core/export/run.
calls() {
    nm -A "$@" | awk '
        {
            file = $1
            sub(/:[^:]*$/, "", file)
            root = file ~ /refpoint-core\.dir/ ? "core/" : "ui/"
            sub(/.*\.dir\//, root, file)
            sub(/\.c\.o$/, "", file)
            symbol = $NF
            kind = $(NF - 1)
            if (kind ~ /[TDBRVWGSC]/ && !(symbol in home)) home[symbol] = file
            if (kind == "U") wanted[file, symbol] = 1
        }
        END {
            for (pair in wanted) {
                split(pair, part, SUBSEP)
                if (part[2] in home && home[part[2]] != part[1]) print part[1], home[part[2]]
            }
        }'
}

wrong=0
report() { # what, pairs on standard input
    local loops pairs
    pairs=$(sort -u)
    [ -n "$pairs" ] || {
        echo "no $1 were found: the search is wrong"
        wrong=1
        return
    }
    if loops=$(tsort <<<"$pairs" 2>&1 >/dev/null); then
        echo "$(wc -l <<<"$pairs") arrows between units by $1, no circle"
    else
        printf 'units that know each other by their %s:\n%s\n' "$1" "$loops"
        wrong=1
    fi
}
report includes < <(includes)
report calls < <(calls "$@")
exit $wrong
