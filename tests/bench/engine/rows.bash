# What is measured, a function for each row of engine.sh, which sources it. Uses contest.bash, $mib and $seed.
# shellcheck shell=bash disable=SC2154 # engine.sh sets what it uses

row_full() { # row, extra words, factors: of convert and openssl, constant
    ours "${2:+ $2}" "main first $2"
    contestant "openssl dgst -sha256" "exec openssl dgst -sha256 \"\$result\""
    convert "-W -m 16" "-W -m 16 -f qcow2 -O qcow2 \"\$layer\""
    if [ "$medium" = disk ]; then
        bar "qemu-img convert -W -m 16" 1 0
    else
        bar "qemu-img convert -W -m 16" "$3" "$5"
        bar "openssl dgst -sha256" "$4" "$5"
    fi
    run_row "$1"
}

row_zstd() {
    local ours_size peer_size
    ours " --compress zstd --no-verify" "main first --compress zstd --no-verify"
    convert "-c zstd" "-c -f qcow2 -O qcow2 -o compression_type=zstd \"\$layer\""
    convert "-c zstd -W -m 16" "-c -W -m 16 -f qcow2 -O qcow2 -o compression_type=zstd \"\$layer\""
    bar "qemu-img convert -c zstd" 0.63 0
    bar "qemu-img convert -c zstd -W -m 16" 1 0
    run_row zstd all
    quiet "$refpoint" export main first --compress zstd --no-verify --to "$work/exports"
    ours_size=$(find "$work/exports" -name '*.qcow2' -printf '%s\n')
    qemu-img convert -c -W -f qcow2 -O qcow2 -o compression_type=zstd "$layer" "$work/out"
    peer_size=$(stat -c %s "$work/out")
    awk -v medium="$medium" -v ours="$ours_size" -v peer="$peer_size" 'BEGIN {
        printf "%-13s %-5s size %.1f MiB, qemu-img %.1f MiB: %+.2f %%\n", "zstd", medium, ours / 1048576, peer / 1048576,
            (ours / peer - 1) * 100
    }'
    clean
}

row_raw() {
    ours " --format raw --no-verify" "main first --format raw --no-verify"
    contestant "nbdcopy" "nbdcopy -- [ qemu-nbd -r -t -f qcow2 \"\$layer\" ] \"\$work/out\" &&
        { [ $medium = tmpfs ] || sync \"\$work/out\"; }"
    bar nbdcopy 1 0
    run_row raw
}

# A fifth of the data is written anew through QEMU, as a guest does.
write_second_point() {
    "$tools/bench_data" "$work/images/change.raw" $((mib * 2 << 20)) $(((mib / 5) << 20)) mixed $((seed + 100))
    qemu-nbd -f qcow2 --fork -k "$work/socket" --pid-file "$work/pid" "$work/images/main.qcow2"
    nbdcopy --destination-is-zero "$work/images/change.raw" "nbd+unix:///?socket=$work/socket"
    wait_for_end "$(cat "$work/pid")"
    rm -f "$work/images/change.raw"
    add_point main second
}
wait_for_end() { # process that ends by itself
    tail --pid="$1" -f /dev/null
}

row_differential() {
    local base
    write_second_point
    mkdir "$work/base"
    quiet "$refpoint" export main first --to "$work/base" # verified, so that nobody reads it again
    base=$(find "$work/base" -name '*.qcow2')
    second=$(layers_of main second | sed -n 1p)
    export base second
    ours " --base --no-verify" "main second --base first --base-package \"\$work/base\" --no-verify"
    contestant "refpoint export --base" "exec $export_to main second --base first --base-package \"\$work/base\" --to \"\$work/exports\""
    convert "-B -W -m 16" "-W -m 16 -f qcow2 -O qcow2 -B \"\$base\" -F qcow2 \"\$second\""
    run_row differential
    chmod -R u+w "$work/base"
    rm -rf "$work/base"
}

row_small() {
    local one hundred
    make_small one 1
    make_small hundred 100
    ours " of one disk of 1 MiB --no-verify" "one first --no-verify"
    contestant "two starts of a QEMU program" "qemu-nbd --version && qemu-img --version"
    bar "two starts of a QEMU program" 1 150
    run_row small
    one=$last_ours
    ours " of 100 disks of 1 MiB --no-verify" "hundred first --no-verify"
    run_row small
    hundred=$last_ours
    ours " of 100 disks of 1 MiB" "hundred first"
    run_row small
    awk -v medium="$medium" -v one="$one" -v hundred="$hundred" 'BEGIN {
        each = (hundred - one) / 99 / 1000
        printf "%-13s %-5s each further small disk %.4f s (bar 0.05: %s)\n", "small", medium, each, each <= 0.05 ? "kept" : "missed"
    }'
    drop_machine one
    drop_machine hundred
}

row_four() {
    local i sum=0 words=()
    for i in 0 1 2 3; do
        make_image "four-$i" $((mib / 2 << 20)) $((mib / 4 << 20)) mixed $((seed + 10 + i))
        words+=("d$i=qcow2:$work/images/four-$i.qcow2")
    done
    add_machine four "${words[@]}"
    add_point four first
    ours " of four disks" "four first"
    for i in 0 1 2 3; do ours " of disk $i alone" "four first --only four/d$i"; done
    run_row four
    for i in 1 2 3 4; do sum=$(awk -v sum="$sum" -v wall="${last_walls[$i]}" 'BEGIN {print sum + wall}'); done
    awk -v medium="$medium" -v sum="$sum" -v ours="$last_ours" 'BEGIN {
        printf "%-13s %-5s all at once %.2f of the sum of the four alone, %.3f s (bar 0.6: %s)\n", "four", medium, ours / sum, sum / 1000,
            ours <= 0.6 * sum ? "kept" : "missed"
    }'
    drop_machine four
}

row_sparse() {
    local data=$(((mib < 4096 ? mib / 4 : 1024) << 20)) name
    make_image ten $((10 << 30)) "$data" mixed $((seed + 20))
    make_image tera $((1 << 40)) "$data" mixed $((seed + 20))
    for name in ten tera; do
        add_machine "$name" "vda=qcow2:$work/images/$name.qcow2"
        add_point "$name" first
    done
    ten=$(layers_of ten first) tera=$(layers_of tera first)
    export ten tera
    ours " of 1 TiB --no-verify" "tera first --no-verify"
    ours " of 10 GiB with the same data --no-verify" "ten first --no-verify"
    contestant "qemu-img convert -W -m 16 of 1 TiB" "exec qemu-img convert -W -m 16 -f qcow2 -O qcow2 \"\$tera\" \"\$work/out\""
    contestant "qemu-img convert -W -m 16 of 10 GiB" "exec qemu-img convert -W -m 16 -f qcow2 -O qcow2 \"\$ten\" \"\$work/out\""
    bar "refpoint export of 10 GiB with the same data --no-verify" 1.4 0
    run_row sparse
    ours " of 1 TiB" "tera first"
    ours " of 10 GiB with the same data" "ten first"
    bar "refpoint export of 10 GiB with the same data" 1.4 0
    run_row sparse
    drop_machine ten
    drop_machine tera
}

row_empty() {
    qemu-img create -q -f qcow2 "$work/images/peta.qcow2" 1P
    add_machine peta "vda=qcow2:$work/images/peta.qcow2"
    add_point peta first
    ours " of an empty 1 PiB --no-verify" "peta first --no-verify"
    ours " of it --detach, until it is started" "peta first --no-verify --detach"
    run_row empty
    drop_machine peta
}

