#!/usr/bin/env bash
# An export that finds no room is suspended by that cause, with what is needed and available, and goes on when somebody has made
# room and says so: every format, the record, a file size in between. Nothing is copied twice, the package is right. It ends as
# failed when nobody comes, and at once where nobody could; cancelling leaves nothing.
# shellcheck source-path=SCRIPTDIR source=../support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../support.bash"

small=$work/small
mkdir "$small"
trap 'end_jobs; umount "$small" 2>/dev/null; chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
mount -t tmpfs -o size=32m tmpfs "$small" 2>/dev/null || {
    echo "no right to mount: a full disk was not tried"
    exit 0
}

qemu-img create -q -f raw "$work/random" 12M
dd if=/dev/urandom of="$work/random" bs=1M count=12 conv=notrunc status=none
qemu-img convert -q -O qcow2 "$work/random" "$work/images/a.qcow2"
ok machine add web --disk "vda=qcow2:$work/images/a.qcow2"
ok collection define shop --member web
ok point create shop --name p1

# Full when the copy has begun: the rest of the room is somebody else's then.
start_and_fill() { # words of the export
    ok export shop p1 --to "$small" --detach --json --rate 8M "$@"
    job=$(last .job)
    local line
    while read -r line; do
        jq -e '.bytes_done > 0' <<<"$line" >/dev/null && break
    done < <("$refpoint" job attach "$job" --json 2>/dev/null)
    fill
}
fill() { dd if=/dev/zero of="$small/filler" bs=64k status=none 2>/dev/null || true; }
make_room() { rm "$small/filler"; }
wait_for() { # state: of $job
    until ok job show "$job" --json && [ "$(last .job_state)" = "$1" ]; do :; done
}

for words in "--format qcow2" "--format raw" "--compress zstd" "--no-verify"; do
    # shellcheck disable=SC2086 # words
    start_and_fill $words
    wait_for 5
    is "$(last '[.state, .obstacle.kind, .obstacle.error_code, .error_code] | @json')" '["Suspended","no-space",32768,0]' "$words"
    until ok job show "$job" --json && [ "$(last '.obstacle.bytes_needed > 0 and .obstacle.bytes_available < 65536')" = true ]; do :; done
    [[ $(last .obstacle.error) == *"cannot write to $small"*"No space left"*"job resume ${job:0:8}"* ]] || fail "$out"
    [[ $(last .obstacle.until) == 20* ]] || fail "no time: $out"
    ok job show "$job"
    [[ $out == *"waits for   cannot write to"*"are still needed"*"until       20"* ]] || fail "$out"
    run job attach "$job" --json < /dev/null &
    # Room is made: it sees that, and still waits for somebody to say so.
    make_room
    until ok job show "$job" --json && [ "$(last '.obstacle.bytes_available > .obstacle.bytes_needed')" = true ]; do :; done
    is "$(last .job_state)" 5 "still suspended"
    ok job resume "$job" --json
    run job attach "$job" --json
    is "$(last '[.job_state, .obstacle] | @json' | jq -c '.[0] == 7 or .[0] == 32768')" true "$words: $out"
    package=$(last .package)
    ok package verify "$package"
    qemu-img compare -q -F raw "$package"/machines/web/vda.* "$work/random" || fail "$words: the package is not the point"
    chmod -R u+w "$package"
    rm -r "$package"
    ok job show "$job" --json
    log=$(cat "$(last .log)")
    [[ $log == *"suspended: cannot write to"*"goes on"* ]] || fail "$log"
done

# Let go on without room: it waits again. Cancelled then: nothing is left.
start_and_fill
wait_for 5
ok job resume "$job"
until ok job show "$job" --json && [ "$(grep -c 'suspended: ' "$(last .log)")" -ge 2 ]; do :; done
wait_for 5
ok job cancel "$job"
run job attach "$job" --json
is "$(last .job_state)" 8 "cancelled while it waited"
make_room
is "$(find "$small" -mindepth 1)" "" "left by a job that was cancelled while it waited"

# Asked to pause, it is paused by that, not by an obstacle; the same command lets it go on.
ok export shop p1 --to "$small" --detach --json --rate 1M
job=$(last .job)
ok job pause "$job"
wait_for 5
is "$(last .obstacle)" null "paused on request"
ok job resume "$job"
ok job cancel "$job"
run job attach "$job"
refused 32775 job resume "$job"
[[ $err == *"is neither suspended nor interrupted"* ]] || fail "$err"

# What it stands on is moved away, and comes back: the directory, the base.
to=$work/exports
ok export shop p1 --to "$to" --json
base=$(last .package)
qemu-io -f qcow2 -c "write -q -P 5 1M 5M" "$work/images/a.qcow2" >/dev/null
qemu-img convert -q -f qcow2 -O raw "$work/images/a.qcow2" "$work/second"
ok point create shop --name p2
for gone in directory base; do
    ok export shop p2 --to "$to" --base p1 --detach --json --rate 1M
    job=$(last .job)
    until ok job show "$job" --json && [ "$(last .bytes_done)" -gt 0 ]; do :; done
    case $gone in
    directory) lost=$to ;;
    base) lost=$base ;;
    esac
    [ "$gone" != base ] || chmod u+w "$base"
    mv "$lost" "$work/elsewhere"
    wait_for 5
    is "$(last .obstacle.kind)" target "$gone"
    [[ $(last .obstacle.error) == *"Bring it back as it was, then let the job go on: \`refpoint job resume ${job:0:8}\`"* ]] || fail "$out"
    ok job resume "$job" # too early
    until ok job show "$job" --json && [ "$(grep -c 'suspended: ' "$(last .log)")" -ge 2 ]; do :; done
    wait_for 5
    mv "$work/elsewhere" "$lost"
    ok job resume "$job"
    run job attach "$job" --json
    is "$(last .job_state)" 7 "the $gone came back: $out"
    package=$(last .package)
    ok package verify "$package"
    qemu-img compare -q -F raw "$package"/machines/web/vda.* "$work/second" || fail "$gone: the package is not the point"
    chmod -R u+w "$package"
    rm -r "$package"
done

# Nobody who could let it go on, or who is to be waited for: it ends, and leaves nothing.
mkdir -p "$XDG_CONFIG_HOME/refpoint"
echo 'suspend_minutes = 0;' >"$XDG_CONFIG_HOME/refpoint/refpoint.cfg"
start_and_fill
run job attach "$job" --json
is "$(last '[.job_state, .error_code, .error_key] | @json')" '[10,32768,"export.no-space"]' "no time to wait"
make_room
is "$(find "$small" -mindepth 1)" "" "left by a job that was not to wait"
echo "suspended jobs: all as it should be"
