# The machines' disks, and starting machines and hearing what their guests say; sourced.

work=${work:?} here=${here:?}
guest_log=$work/guests # emulator.sh is there, and what it writes

build_guests() {
    mkdir "$guest_log"
    cp "$here/emulator.sh" "$guest_log/emulator"
    as --32 -o "$work/guest.o" "$here/guest.S"
    ld -m elf_i386 -Ttext 0x7c00 --oformat binary -e start -o "$work/guest.bin" "$work/guest.o"
    as --32 -o "$work/kernel.o" "$here/kernel.S"
    ld -m elf_i386 -Ttext 0x100000 -z max-page-size=4096 --no-warn-rwx-segments -e start -o "$work/kernel" "$work/kernel.o"
    # As gnu-efi's own Makefile does it.
    gcc -std=gnu11 -O1 -fpic -ffreestanding -fno-stack-protector -fshort-wchar -mno-red-zone -maccumulate-outgoing-args \
        -I/usr/include/efi -I/usr/include/efi/x86_64 -c -o "$work/entry.o" "$here/entry.c"
    ld -nostdlib -znocombreloc -shared -Bsymbolic --no-warn-rwx-segments -T /usr/lib/elf_x86_64_efi.lds -L /usr/lib \
        -o "$work/entry.so" /usr/lib/crt0-efi-x86_64.o "$work/entry.o" -lefi -lgnuefi
    objcopy -j .text -j .sdata -j .data -j .dynamic -j .dynsym -j .rel -j .rela -j '.rel.*' -j '.rela.*' -j .reloc \
        --target efi-app-x86_64 --subsystem=10 "$work/entry.so" "$work/entry.efi"
}

# bios_disk FILE NUMBER: raw, with the places of guest.S, and its program on the first. Sizes differ, the last ones are odd.
bios_disk() {
    truncate -s $((16 * 1048576 - $2 * (1048576 + 512))) "$1"
    [ "$2" -gt 0 ] || dd if="$work/guest.bin" of="$1" conv=notrunc status=none
    perl -e '
        my ($file, $number) = @ARGV;
        open(my $disk, "+<", $file) or die "$file: $!";
        my $place = 0;
        for my $at (8, 2047, (-s $file) / 512 - 4) {
            $place++;
            seek($disk, $at * 512, 0);
            print $disk pack("a4C4C504", "RFPT", $number, $place, 0, 0, map { ($number * 31 + $place * 7 + $_) & 255 } 0 .. 503);
        }
        close($disk) or die "$file: $!";' "$1" "$2"
}

uefi_disk() { # FILE
    truncate -s 8M "$1"
    mformat -i "$1" ::
    mmd -i "$1" ::/EFI ::/EFI/BOOT ::/refpoint
    mcopy -i "$1" "$work/entry.efi" ::/EFI/BOOT/BOOTX64.EFI
    mcopy -i "$1" "$work/entry.efi" ::/refpoint/two.efi
}

# make_disk KIND NUMBER FORMAT FILE [TEMPLATE]: with a template that holds what the host writes and an empty overlay above it.
make_disk() {
    local raw=$4.raw
    mkdir -p "$(dirname "$4")"
    case $1 in
    uefi) uefi_disk "$raw" ;;
    *) bios_disk "$raw" "$2" ;;
    esac
    qemu-img convert -q -f raw -O "$3" "$raw" "${5-$4}"
    rm "$raw"
    [ $# -lt 5 ] || qemu-img create -q -f "$3" -b "$5" -F "$3" "$4"
}

# said NAME: starts the machine, waits until it is off, prints what its guest said.
said() {
    local uuid
    uuid=$(virsh --quiet domuuid "$1")
    rm -f "$guest_log/$uuid.said"
    virsh --quiet start "$1" >&2
    until_off "$1" "$uuid"
}

until_off() { # NAME UUID
    local tries=0
    if ! flock --wait 60 "$guest_log/$2.runs" true; then
        virsh --quiet destroy "$1" >&2
        printf 'nothing in 60 seconds but: '
    fi
    until [ "$(virsh --quiet domstate "$1")" = "shut off" ]; do # libvirtd hears of it a moment later
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || { printf 'not off, and '; break; }
    done
    if [ -s "$guest_log/$2.said" ]; then tr -d '\0' <"$guest_log/$2.said"; else echo "(silence)"; fi
}

# expected KIND DISKS START: what the guest says on its START-th start.
expected() {
    case $1 in
    bios) printf 'GUEST OK %d disks gen %d' "$2" "$3" ;;
    uefi) [ "$3" -gt 1 ] && printf 'UEFI ENTRY gen %d' "$(($3 - 1))" || printf 'UEFI FIRST' ;;
    kernel) printf 'KERNEL OK' ;;
    esac
}
