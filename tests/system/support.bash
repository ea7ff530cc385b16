# What the system tests share; sourced. Gives $refpoint, a working directory of its own with state, configuration and store in
# it ($work), and small checks. Everything is removed at the end, whatever the layers' modes are.
set -euo pipefail

refpoint=$(readlink -f "$1")
work=$(readlink -f "$(mktemp -d)")
trap 'end_jobs; chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config REFPOINT_STORE=$work/store LC_ALL=C.UTF-8 TZ=UTC
mkdir "$work/images" "$work/exports"

# A job outlives what started it: what a test that fails leaves, paused perhaps, would stay for ever.
end_jobs() {
    local job
    [ -d "$work/state/refpoint/jobs" ] || return 0
    for job in $("$refpoint" job list --json 2>/dev/null | jq -r 'select(.job_state < 7) | .job'); do
        timeout 30 "$refpoint" job cancel "$job" && timeout 30 "$refpoint" job attach "$job"
    done >/dev/null 2>&1 || true
}

# The process that has a job's lock: only runners have this argument, behind the job's name.
runner_of() { # job
    pgrep -f -- "--runner $work/state/refpoint $1" | head -n 1
}

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# Runs refpoint; its output in $out, stderr in $err, exit status in $status.
run() {
    status=0
    out=$("$refpoint" "$@" 2>"$work/stderr") || status=$?
    err=$(cat "$work/stderr")
}

ok() {
    run "$@"
    [ "$status" = 0 ] || fail "refpoint $*: exit status $status: $err"
}

# refused CODE WORDS...: exit status 2, and the last line of JSON with that return_value; a sentence on stderr.
refused() {
    local code=$1
    shift
    run "$@" --json
    [ "$status" = 2 ] || fail "refpoint $*: exit status $status, not 2: $out $err"
    is "$(tail -n 1 <<<"$out" | jq -r .return_value)" "$code" "return_value of: refpoint $* ($err)"
    [[ $err == "refpoint: "* ]] || fail "refpoint $*: stderr says: $err"
}

is() { # got, expected, what
    [ "$1" = "$2" ] || fail "${3:-value}: got '$1', not '$2'"
}

last() { tail -n 1 <<<"$out" | jq -r "$1"; }

# Everything below a directory: names, kinds, modes, sizes, times, content.
fingerprint() {
    (cd "$1" && find . -printf '%p %y %m %s %T@\n' | sort && find . -type f -print0 | sort -z | xargs -0 -r openssl dgst -r -sha256)
}

# hold PATTERN [qemu-nbd]: from now on a qemu-img (a qemu-nbd) whose words are like that waits, before it does anything, until let_go. Whoever
# called it stands at a known place meanwhile, however fast or slow the machine is; once it does, $work/held exists.
hold() {
    local pattern=${1// /\\ } tool=${2:-qemu-img} real
    real=$(command -v "$tool")
    exec 9>"$work/gate"
    flock 9
    mkdir "$work/bin"
    cat >"$work/bin/$tool" <<END
#!/bin/sh
case "\$*" in
$pattern)
    : >"$work/held"
    exec flock --shared --no-fork "$work/gate" "$real" "\$@"
    ;;
esac
exec "$real" "\$@"
END
    chmod +x "$work/bin/$tool"
    PATH=$work/bin:$PATH
}
let_go() {
    flock --unlock 9
    exec 9>&-
}
hold_again() {
    rm "$work/held"
    exec 9>"$work/gate"
    flock 9
}

image() { # file, size, seed: a qcow2 image with some data in it
    qemu-img create -q -f qcow2 "$1" "$2"
    qemu-io -f qcow2 -c "write -q -P $3 0 1M" -c "write -q -P $(($3 + 1)) 4M 300k" "$1" >/dev/null
}
