#!/usr/bin/env bash
# How the command line is read: help, mistakes, the configuration file, where output goes.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

ok --version
[[ $out == "refpoint "[0-9]* ]] || fail "version: $out"
ok --help
[ "$err" = "" ] || fail "help on stderr"
program_help=$out
for words in "collection list" "machine add" "point create" "export" "package import" "job attach" "store check" "demo"; do
    grep -q "^  $words " <<<"$program_help" || fail "--help does not list $words"
    # shellcheck disable=SC2086
    ok $words --help
    [[ $out == "Usage: refpoint $words"* ]] || fail "help of $words: $out"
    # shellcheck disable=SC2086
    direct=$out && ok help $words
    is "$out" "$direct" "refpoint help $words"
    awk 'length > 100 { exit 1 }' <<<"$out" || fail "help of $words has lines that are too long"
done
ok help settings
[[ $out == *escape_delay_ms* ]] || fail "settings: $out"

# Mistakes: refused, with what was wrong, what is near, where help is.
refused 32773 exprt
[[ $err == *"Did you mean export?"*"refpoint --help"* ]] || fail "$err"
refused 32773 point lst
[[ $err == *"Did you mean point list?"* ]] || fail "$err"
refused 32773 point
refused 32773 job resume x
refused 32773 collection list --jsn
[[ $err == *"Did you mean --json?"* ]] || fail "$err"
refused 32773 collection list extra
refused 32773 machine add x --disk vda=vmdk:/x
refused 32773 machine add x --disk /x
refused 32773 machine add x
refused 32773 help nothing
# A variable that is not set is no current directory.
refused 32773 package verify ""
[[ $err == *"DIR must not be empty"* ]] || fail "$err"
refused 32773 package import "" --to "$work/imported"
refused 32773 point list ""
refused 32773 --frobnicate
run $'--e\e[31mvil'
[ "$status" = 2 ] || fail "exit status $status"
! grep -q $'\e' <<<"$err" || fail "an escape sequence reached the terminal"

# A refusal of an export is its last line, also when the words are wrong.
run export a b --too x --json
is "$(last .event)" finished
is "$(last .return_value)" 32773
is "$(last .job)" null

# No terminal for the full screen.
run </dev/null
[ "$status" = 2 ] || fail "screen without a terminal: $status"

# Output that cannot be written.
status=0
"$refpoint" --help >/dev/full 2>"$work/stderr" || status=$?
is "$status" 1 "exit status with a full disk"
"$refpoint" --help | head -n 1 >/dev/null

# Standard descriptors that the caller has closed are not given to the next file: nothing is printed into an image.
image "$work/images/slow.qcow2" 64M 3
qemu-io -f qcow2 -c "write -q -P 5 0 48M" "$work/images/slow.qcow2" >/dev/null
export REFPOINT_STORE=$work/closed
ok machine add one --disk "vda=qcow2:$work/images/slow.qcow2"
ok collection define c --member one
ok point create c --name p
(exec env --default-signal=INT "$refpoint" export c p --to "$work/exports" --rate 128K --no-job <&- >&- 2>&-) &
closed=$!
standard=("/proc/$closed/fd/0" "/proc/$closed/fd/1" "/proc/$closed/fd/2")
# The loader opens libraries there before the program begins.
until [ "$(readlink "${standard[@]}" | sort | uniq -c | tr -s ' ')" = ' 3 /dev/null' ]; do
    kill -0 "$closed" 2>/dev/null || fail "the export with closed descriptors ended with them: $(readlink "${standard[@]}")"
done
kill -INT "$closed"
wait "$closed" || true

# A limit of the size of files is no lack of space, and is named.
for format in qcow2 raw; do
    status=0
    (ulimit -f 2000 && exec "$refpoint" export c p --to "$work/exports" --format $format --no-job --json) \
        >"$work/limited" 2>"$work/limited.err" || status=$?
    is "$status" 1 "exit status with a limit of the size of files ($format)"
    grep -q 'ulimit -f' "$work/limited.err" || fail "the limit is not named ($format): $(cat "$work/limited.err")"
    is "$(find "$work/exports" -mindepth 1)" "" "left behind ($format)"
done
export REFPOINT_STORE=$work/store

# Options before the noun, after the verb; store by option, environment, configuration.
image "$work/images/a.qcow2" 8M 1
ok --store "$work/one" machine add one --disk "vda=qcow2:$work/images/a.qcow2"
ok machine list --store "$work/one" --json
is "$(jq -r .name <<<"$out")" one
REFPOINT_STORE=$work/one ok machine list --json
is "$(jq -r .name <<<"$out")" one
ok machine list --json
is "$out" "" "the other store"
mkdir -p "$work/config/refpoint"
cat >"$work/config/refpoint/refpoint.cfg" <<CFG
hosts = ( { name = "lab"; store = "$work/one"; } );
escape_delay_ms = 3;
CFG
ok --host lab machine list --json
is "$(jq -r .name <<<"$out")" one
[[ $err == *"refpoint.cfg:2: escape_delay_ms"* ]] || fail "a bad setting is not told: $err"
refused 32773 --host moon machine list
(unset REFPOINT_STORE && cd "$work" && "$refpoint" --store one machine list --json) | grep -q '"one"' || fail "relative store"
echo 'store = ' >"$work/config/refpoint/refpoint.cfg"
refused 32776 machine list
[[ $err == *"refpoint.cfg:"* ]] || fail "$err"
refused 32779 --config "$work/none.cfg" machine list
echo 'host = "lab"; hosts = ( { name = "lab"; store = "/nowhere"; } );' >"$work/other.cfg"
REFPOINT_STORE='' ok --config "$work/other.cfg" machine list --json
is "$out" ""
echo "usage: all as it should be"
