#!/usr/bin/env bash
# A small Linux guest of Debian's own packages: OUTDIR/vmlinuz and OUTDIR/initrd.img, for machines as domain.bash defines them.
#
#   tests/live/linux/build.sh OUTDIR
#
# Debian's kernel for clouds, busybox-static and qemu-guest-agent are downloaded by apt-get and kept in OUTDIR/packages, from where
# they are taken the next time; nothing is installed. The agent's libraries are this system's: libglib2.0-0, libnuma1, libudev1,
# liburing2 (libvirt and QEMU bring them along). When something cannot be had: a word, and exit status 77.
set -euo pipefail
export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin

skip() {
    printf 'skipped: %s\n' "$*"
    exit 77
}

[ $# -eq 1 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1/packages"
out=$(cd "$1" && pwd)
tree=$out/tree # of the packages
root=$out/root # of the guest
for tool in apt-get apt-cache dpkg-deb ldd; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done

kernel_package() { # its real one: the one for all depends on the newest
    apt-cache depends --important linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1
}

download() {
    local kernel
    kernel=$(kernel_package)
    [ -n "$kernel" ] || return 1
    (cd "$out/packages" && apt-get -qq -o APT::Sandbox::User=root -o Acquire::Retries=5 download \
        "$kernel" busybox-static qemu-guest-agent)
}

packages() { # the three, or less
    local name
    for name in linux-image busybox-static qemu-guest-agent; do
        find "$out/packages" -name "${name}_*.deb" -o -name "$name-*.deb" | sort | tail -n 1
    done
}

get_packages() {
    [ "$(packages | wc -l)" -lt 3 ] || return 0
    if ! download; then # the lists may be old, or not there
        [ "$(id -u)" = 0 ] || skip "apt-get has not all packages, and fetching its lists anew wants root"
        apt-get -qq -o Acquire::Retries=5 update || skip "apt-get cannot fetch its lists"
        download || skip "apt-get cannot download the packages"
    fi
}

# Writes into the guest's /modules what it has to load; what is in the kernel itself is not among it.
copy_modules() {
    local version=$1 modules=$tree/lib/modules/$1 name file
    "$busybox" depmod -b "$tree" "$version"
    for name in virtio_pci virtio_blk virtio_console crc32c_generic ext4; do
        ! grep -q "/$name\.ko" "$modules/modules.builtin" || continue
        grep -q "/$name\.ko" "$modules/modules.dep" || { echo "$version has no module $name" >&2; return 1; }
        echo "$name" >>"$root/modules"
        while read -r file; do
            install -D -m 644 "$modules/$file" "$root/lib/modules/$version/$file"
        done < <(grep "^[^:]*/$name\.ko" "$modules/modules.dep" | tr -s ': ' '\n')
    done
    cp "$modules/modules.builtin" "$modules/modules.order" "$root/lib/modules/$version/"
    "$busybox" depmod -b "$root" "$version"
}

copy_agent() {
    local libraries
    install -D "$tree/usr/sbin/qemu-ga" "$root/bin/qemu-ga"
    libraries=$(ldd "$root/bin/qemu-ga")
    ! grep 'not found' <<<"$libraries" || skip "a library of qemu-guest-agent is not installed"
    sed -n 's/^.* => \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/lib64\/[^ ]*\) .*/\1/p' <<<"$libraries" |
        while read -r file; do
            install -D "$(readlink -f "$file")" "$root/$file"
        done
}

get_packages
rm -rf "$tree" "$root"
mkdir "$tree" "$root"
while read -r package; do dpkg-deb -x "$package" "$tree"; done < <(packages)
busybox=$tree/bin/busybox
kernel=$(find "$tree/boot" -name 'vmlinuz-*')

mkdir -p "$root"/{bin,dev,proc,run,sbin,sys,tmp,vda,vdb}
install "$busybox" "$root/bin/busybox"
install "$here/init.sh" "$root/init"
printf '#!/bin/busybox sh\n/bin/busybox touch /run/stop\n' >"$root/sbin/shutdown"
chmod 755 "$root/sbin/shutdown"
copy_modules "${kernel##*/vmlinuz-}"
copy_agent
# Not packed: the emulated processor would take longer to unpack it than the emulator takes to load it.
(cd "$root" && find . | "$busybox" cpio -o -H newc --quiet 2>/dev/null) >"$out/initrd.img.new"
mv "$out/initrd.img.new" "$out/initrd.img"
cp "$kernel" "$out/vmlinuz"
rm -rf "$tree" "$root"
