# Contestants that take turns, and what is told of them; sourced behind setup.bash. Uses $rounds.
# shellcheck shell=bash disable=SC2034,SC2154 # what it uses and gives is engine.sh's

labels=() commands=() bars=()
# A line of the shell for each; $work and $layer are known to it. The first is ours.
contestant() { # label, command
    labels+=("$1")
    commands+=("$2")
}
# shellcheck disable=SC2016 # expanded where it runs
export_to='"$refpoint" export'
ours() { # label, words: an export of a collection and a point, followed to its end
    contestant "refpoint export$1" "exec $export_to $2 --to \"\$work/exports\""
}
# What brings the same to the disk; on tmpfs there is nothing to bring.
convert() { # label behind it, options, source and destination words
    contestant "qemu-img convert $1" "qemu-img convert $2 \"\$work/out\" && { [ $medium = tmpfs ] || sync \"\$work/out\"; }"
}

# bar LABEL FACTOR CONSTANT-MS: ours is to take at most so many times as long as that one, and so much more. Of several the largest
# counts, or the smallest, as run_row is told.
bar() { bars+=("$1|$2|$3"); }

# Away with what the last contestant made, before and not within the time that is measured. A virtual machine's free memory may have
# gone back to its host, and then each page costs more the first time: whoever comes next finds pages that are there.
clean() {
    clear_outputs
    if [ "$medium" = tmpfs ]; then
        dd if=/dev/zero of="$work/warm" bs=1M count="$mib" status=none
        rm "$work/warm"
    fi
    if [ "$medium" = disk ]; then
        sync -f "$work"
        find "$work/images" -type f -exec "$tools/bench_cache" drop {} +
    fi
}

run_once() { # index
    local status=0
    [ "${labels[$1]}" = "openssl dgst -sha256" ] || clean
    result=$(find "$work/exports" -type f -name '*.qcow2' | head -n 1)
    export result
    "$tools/bench_measure" "$work/line" sh -c "${commands[$1]}" >"$work/said" 2>&1 || status=$?
    [ "$status" = 0 ] || {
        echo "engine.sh: $row: ${labels[$1]}: exit status $status: $(tail -n 3 "$work/said")" >&2
        exit 1
    }
    cat "$work/line" >>"$work/results/$1"
    [[ ${labels[$1]} != refpoint* ]] || cat "$work/line" >>"$work/ours"
}

# Ours leaves what openssl reads, so that the order is a promise: ours, openssl, the others.
run_row() { # row, "all" where every bar counts
    row=$1
    which_bar=1 # of the sorted ones: the last
    [ "${2-}" != all ] || which_bar=+1 # from the first on
    rm -rf "$work/results"
    mkdir "$work/results"
    export work layer refpoint
    local round index
    for ((round = 1; round <= rounds; round++)); do
        for index in "${!labels[@]}"; do run_once "$index"; done
    done
    clean
    report
    last_ours=$(value 0 wall)
    last_walls=()
    for index in "${!labels[@]}"; do last_walls+=("$(value "$index" wall)"); done
    labels=() commands=() bars=()
}

# value INDEX NAME: the median of that word in the results.
value() {
    sed -n "s/.*\b$2=\([0-9.]*\).*/\1/p" "$work/results/$1" | sort -n |
        awk '{all[NR] = $1} END {if (NR) printf "%.1f", (all[int((NR + 1) / 2)] + all[int(NR / 2) + 1]) / 2; else print 0}'
}
least_most() { sed -n "s/^wall=\([0-9.]*\).*/\1/p" "$work/results/$1" | sort -n | sed -n '1p;$p' | paste -sd ' '; }
# The most that any run had of each program that counts.
peaks() { # file
    local name
    for name in refpoint qemu-nbd qemu-img nbdcopy; do
        sed -n "s/.*\bpeak\.$name=\([0-9]*\).*/\1/p" "$1" | sort -n | tail -n 1 |
            awk -v name="$name" '{printf " %s %.0f MiB", name, $1 / 1024}'
    done
}

report() {
    local index ours wall range
    ours=$(value 0 wall)
    for index in "${!labels[@]}"; do
        wall=$(value "$index" wall)
        read -r -a range < <(least_most "$index")
        awk -v row="$row" -v medium="$medium" -v label="${labels[$index]}" -v wall="$wall" -v ours="$ours" -v least="${range[0]}" \
            -v most="${range[1]:-${range[0]}}" -v user="$(value "$index" user)" -v sys="$(value "$index" sys)" \
            -v peaks="$(peaks "$work/results/$index")" -v first="$index" 'BEGIN {
                ratio = first == 0 || wall == 0 ? "" : sprintf("ours is %.2f of it", ours / wall)
                printf "%-13s %-5s %-46s %8.3f s (%.3f..%.3f)  cpu %6.2f + %5.2f s  peak%s  %s\n", row, medium, label, wall / 1000,
                    least / 1000, most / 1000, user / 1000, sys / 1000, peaks, ratio
            }'
    done
    report_bar
}

report_bar() {
    local entry index limit limits=
    [ ${#bars[@]} -gt 0 ] || return 0
    for entry in "${bars[@]}"; do
        IFS='|' read -r label factor constant <<<"$entry"
        for index in "${!labels[@]}"; do
            [ "${labels[$index]}" = "$label" ] || continue
            limit=$(awk -v wall="$(value "$index" wall)" -v factor="$factor" -v constant="$constant" \
                'BEGIN {printf "%.1f", wall * factor + constant}')
            limits+=$limit$'\n'
        done
    done
    awk -v row="$row" -v medium="$medium" -v ours="$(value 0 wall)" -v most="$(sort -n <<<"${limits%$'\n'}" | tail -n "$which_bar" | head -n 1)" 'BEGIN {
        printf "%-13s %-5s bar %.3f s: %s\n", row, medium, most / 1000, ours <= most ? "kept" : sprintf("missed, %.2f of it", ours / most)
    }'
}

# Of all our runs on the medium. The bar is that of our own processes.
report_memory() {
    [ ! -e "$work/ours" ] || say "$medium: most memory beneath our exports:$(peaks "$work/ours") (bar refpoint 128 MiB)"
}
