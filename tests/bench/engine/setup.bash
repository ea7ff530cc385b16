# What the benchmarks of the engine share: sourced with the program's path as its word, after $tmpfs, $disk, $mib, $seed and $rows are
# set. Gives $refpoint, $tools and $work, and makes stores and images.
# shellcheck shell=bash disable=SC2154 # who sources it sets what it uses

refpoint=$(readlink -f "$1")
tools=$(dirname "$refpoint")/tests
for tool in "$tools"/bench_{data,measure,cache} qemu-img qemu-nbd nbdcopy openssl jq; do
    command -v "$tool" >/dev/null || {
        echo "$0: $tool is not there (build with -DBUILD_TESTING=ON; packages qemu-utils libnbd-bin openssl jq)" >&2
        exit 2
    }
done

work= # of the medium that is being measured
trap 'clear_work' EXIT
clear_work() {
    [ -n "$work" ] || return 0
    chmod -R u+w "$work" 2>/dev/null || true
    rm -rf "$work"
    work=
}

wants() { [[ ,$rows, == *,$1,* ]]; }
say() { printf '%s\n' "$*"; }

# The machine and the peers, for whoever repeats it.
say_machine() {
    say "$(uname -sr), $(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(awk '/MemTotal/ {printf "%.0f GiB", $2 / 1048576}' /proc/meminfo), load $(cut -d' ' -f1-3 /proc/loadavg)"
    say "$("$refpoint" --version), $(qemu-img --version | head -n 1), $(openssl version | cut -d' ' -f1-2), $(nbdcopy --version | head -n 1)"
}

# A directory of its own on the medium, with a store and state in it: what the program syncs costs what the medium does.
new_work() { # medium
    medium=$1
    local root=${tmpfs-}
    [ "$medium" = tmpfs ] || root=$disk
    work=$(mktemp -d "$root/refpoint-bench.XXXXXX")
    export XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config REFPOINT_STORE=$work/store LC_ALL=C.UTF-8
    mkdir "$work/exports" "$work/images"
}

# The raw file of the content is made on the way and goes again.
make_image() { # name, virtual size, bytes of data, kind, seed
    local raw=$work/images/$1.raw
    "$tools/bench_data" "$raw" "$2" "$3" "$4" "$5"
    qemu-img convert -q -W -f raw -O qcow2 "$raw" "$work/images/$1.qcow2"
    rm "$raw"
}

quiet() { "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; return 1; }; }

# A machine of its own for each set of disks, with a collection and a point of the same name.
add_machine() { # name, disk words...
    local name=$1 disk words=()
    shift
    for disk in "$@"; do words+=(--disk "$disk"); done
    quiet "$refpoint" machine add "$name" "${words[@]}"
    quiet "$refpoint" collection define "$name" --member "$name"
}
add_point() { # name, point, words...
    quiet "$refpoint" point create "$1" --name "$2" "${@:3}"
}

# The frozen files of a point's disks.
layers_of() { # collection, point
    "$refpoint" point show "$1" "$2" --json | jq -r '.. | objects | .layer? // .layer_path? // empty'
}

# Content of one machine again.
drop_machine() { # name
    quiet "$refpoint" collection forget "$1"
    quiet "$refpoint" machine remove "$1"
    rm -f "$work/images/$1"*
}

make_small() { # name, count
    local i words=()
    for ((i = 0; i < $2; i++)); do
        make_image "$1-$i" $((1 << 20)) $((1 << 20)) mixed $((seed + i))
        words+=("d$i=qcow2:$work/images/$1-$i.qcow2")
    done
    add_machine "$1" "${words[@]}"
    add_point "$1" first
}

# Away with what was written.
clear_outputs() {
    chmod -R u+w "$work/exports" 2>/dev/null || true
    rm -rf "$work/exports" "$work/out" "$work/socket"
    mkdir "$work/exports"
}
