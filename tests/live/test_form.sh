#!/usr/bin/env bash
# Exports of running machines from the screens: a collection without any point, then the next one since the point that the first
# one made; a base without its package is told in the form, and a machine that is off takes part. The command that the review shows does the same.
# shellcheck source=tests/live/live.bash
. "$(dirname "${BASH_SOURCE[0]}")/live.bash"

walker=$(dirname "$(readlink -f "$1")")/tests/walk_form
[ -x "$walker" ] || fail "$walker is not built"

kinds() { # PACKAGE
    "$refpoint" package show "$1" --json | jq -c '[.disks[] | [.machine, .disk, .kind]]'
}

make_machine one
make_machine two
start_machine one
start_machine two
ok collection define pair --member one --member two

"$walker" "$refpoint" "$work/exports" "$work/command" >"$work/walk" 2>&1 || fail "the walk: $(cat "$work/walk")"
assert_writing one two
is "$("$refpoint" point list pair --json | jq -r .reference_point_type_word | sort -u)" rct "type of the points"
packages=("$work/exports"/pair-*)
is "${#packages[@]}" 2 "packages"
is "$("$refpoint" package show "${packages[0]}" --json | jq -r '[.disks[].kind] | unique[]')" full "kinds of the first"

refpoint() { "$refpoint" "$@"; }
# shellcheck source=/dev/null
. "$work/command" >/dev/null
packages=("$work/exports"/pair-*)
is "${#packages[@]}" 3 "packages with that of the command"
is "$(kinds "${packages[2]}")" "$(kinds "${packages[1]}")" "kinds by the command that was shown"
assert_writing one two
ok store check
