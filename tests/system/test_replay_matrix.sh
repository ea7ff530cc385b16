#!/usr/bin/env bash
# Four points with overlapping writes, zeroes and discards, over images of many cluster sizes and odd disk sizes; every full
# export and every differential one, for every pair of points, is compared with a copy that was taken at the point.
#
# usage: test_replay_matrix.sh REFPOINT [SEED]
set -euo pipefail

refpoint=$(readlink -f "$1")
seed=${2:-20261122}
RANDOM=$((seed % 32768))
work=$(mktemp -d)
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config REFPOINT_STORE=$work/store
mkdir "$work/images" "$work/copies" "$work/exports"

fail() {
    echo "FAILED (seed $seed): $*" >&2
    exit 1
}

# Disks: id, qemu-img create options, size in bytes.
disks=(
    "c4k|cluster_size=4k|33556992"
    "c64k|cluster_size=64k|67109376"
    "c2m|cluster_size=2M|50332160"
    "sub|cluster_size=128k,extended_l2=on|20971520"
    "old|compat=0.10|16777728"
    "tiny|cluster_size=512|66048"
)
specs=()
for disk in "${disks[@]}"; do
    IFS='|' read -r id options size <<<"$disk"
    qemu-img create -q -f qcow2 -o "$options" "$work/images/$id.qcow2" "$size"
    specs+=(--disk "$id=qcow2:$work/images/$id.qcow2")
done
# A raw disk whose size is no multiple of 512.
truncate -s 10486537 "$work/images/odd.raw"
head -c 3000001 /dev/urandom | dd of="$work/images/odd.raw" conv=notrunc bs=64k status=none
specs+=(--disk "odd=raw:$work/images/odd.raw")

random() { echo $(((RANDOM << 30 | RANDOM << 15 | RANDOM) % $1)); }

# Writes, zeroes and discards of any alignment, clustered so that they overlap from point to point.
disturb() { # image, size
    local image=$1 size=$2 n command=() offset length
    for ((n = 0; n < 14; n++)); do
        length=$((512 * (1 + $(random 400))))
        ((length > size / 2)) && length=$((size / 2 - size / 2 % 512))
        offset=$(($(random $(((size - length) / 512))) * 512))
        case $((RANDOM % 5)) in
        0) command+=(-c "write -q -z $offset $length") ;;
        1) command+=(-c "write -q -z -u $offset $length") ;;
        2) command+=(-c "discard -q $offset $length") ;;
        *) command+=(-c "write -q -P $((1 + RANDOM % 255)) $offset $length") ;;
        esac
    done
    qemu-io -f qcow2 -d unmap "${command[@]}" "$image" >/dev/null
}

"$refpoint" machine add matrix "${specs[@]}" >/dev/null
"$refpoint" collection define matrix --member matrix >/dev/null

for point in p1 p2 p3 p4; do
    for disk in "${disks[@]}"; do
        IFS='|' read -r id _ size <<<"$disk"
        disturb "$work/images/$id.qcow2" "$size"
        qemu-img convert -q -f qcow2 -O raw "$work/images/$id.qcow2" "$work/copies/$id.$point"
    done
    if [ "$point" = p1 ]; then
        cp "$work/images/odd.raw" "$work/copies/odd.$point"
    else
        disturb "$work/images/odd.raw" 10486272
        # Once it is qcow2, the disk ends at a sector, and a machine can write to its very end.
        qemu-io -f qcow2 -c "write -q -P ${point#p} 10486272 512" "$work/images/odd.raw"
        qemu-img convert -q -f qcow2 -O raw "$work/images/odd.raw" "$work/copies/odd.$point"
    fi
    "$refpoint" point create matrix --name "$point" --raw-to-qcow2 >/dev/null
done

# Compares every disk of a finished package with the copies taken at its point.
check_package() { # package, point, suffix
    local package=$1 point=$2 suffix=$3 disk id file
    (cd "$package" && sha256sum --quiet -c SHA256SUMS) || fail "$package: checksums"
    "$refpoint" package verify "$package" >/dev/null || fail "$package: package verify"
    for disk in "${disks[@]}" "odd||"; do
        id=${disk%%|*}
        file=$package/machines/matrix/$id.$suffix
        [ -f "$file" ] || fail "$file is missing"
        if [ "$suffix" = qcow2 ]; then
            qemu-img check -q -f qcow2 "$file" || fail "$file: qemu-img check"
        elif [ "$(stat -c %s "$file")" != "$(stat -c %s "$work/copies/$id.$point")" ]; then
            fail "$file: size"
        fi
        qemu-img compare -q -f "$suffix" -F raw "$file" "$work/copies/$id.$point" || fail "$file differs from its copy"
    done
}

package_of() { sed -n 's/.*"event":"finished".*"package":"\([^"]*\)".*/\1/p'; }

exported=0
for point in p1 p2 p3 p4; do
    options=(--no-job --json)
    ((RANDOM % 2)) && options+=(--compress zstd)
    package=$("$refpoint" export matrix "$point" --to "$work/exports" "${options[@]}" | package_of)
    check_package "$package" "$point" qcow2
    exported=$((exported + 1))
done
for base in p1 p2 p3; do
    for point in p2 p3 p4; do
        [[ $base < $point ]] || continue
        package=$("$refpoint" export matrix "$point" --base "$base" --to "$work/exports" --no-job --json | package_of)
        [ "$("$refpoint" package show "$package" --json | grep -o '"kind":"differential"' | wc -l)" -ge 6 ] ||
            fail "$package: not differential"
        check_package "$package" "$point" qcow2
        exported=$((exported + 1))
    done
done
package=$("$refpoint" export matrix p4 --format raw --to "$work/exports" --no-job --json | package_of)
check_package "$package" p4 raw
echo "$((exported + 1)) packages of ${#disks[@]}+1 disks are identical to the copies (seed $seed)"
