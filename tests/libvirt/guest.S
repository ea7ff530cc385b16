# The guest: a boot sector and three more that look through BIOS int 13h at every disk of the machine, say what they found, and
# turn the machine off. 16 bit code; assembled by guests.bash.
#
# Every disk has three places that the host wrote (bios_disk in guests.bash) and a log that the guest writes:
#
#   sector 8, sector 2047 (before 1 MiB), last but three     the disk's number and the place's, never changed
#   1024 + g for g = 1, 2, ...                               what the start of generation g wrote
#   last but one                                             the newest generation
#
# The first disk says which generation it is; then every disk must hold the places, all older log sectors and no newer one.
# Then the next generation is written to all. So an old disk shows as an old generation, a mixture as BAD, an empty one as BAD.
#
# What is said goes to port 0xe9 (see emulator.sh) and to the first serial line:
#   GUEST OK 3 disks gen 2      three disks were right, this start wrote generation 2
#   GUEST BAD disk 1 place 6    drive 0x81; places: 1-3 the host's, 4 unreadable, 5 number of the disk, 6 newest generation,
#                               7 a log sector missing, 8 a log sector too many, 9 cannot be written
#
# A sector: "RFPT", disk, place, generation, 0, then 504 bytes that count up from disk * 31 + place * 7 + generation * 13.

    .code16
    .globl start
    .set FOUND, 0x9000      # where sectors are read to
    .set WANTED, 0x9200     # where the sector is built that should be there
    .set PARAMETERS, 0x9400 # int 13h, ah 48h
    .set LOG, 1024
    .set PLACE_LOG, 4
    .set PLACE_NEWEST, 5
    .set LAST_GENERATION, 15

start:
    ljmp $0, $1f
1:  xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $0x7c00, %sp
    cld
    movw $rest, %si # the sectors behind this one
    movb $0x80, %dl
    movb $0x42, %ah
    int $0x13
    jnc main
    movw $text_unread, %si
    call say
    jmp off

rest:
    .byte 16, 0
    .word 3, 0x7e00, 0
    .quad 1

# Writes the text at si.
say:
    lodsb
    testb %al, %al
    jz 1f
    call put
    jmp say
1:  ret

put:
    outb %al, $0xe9
    movw $0x3f8, %dx
    outb %al, %dx
    ret

put_number: # al, below 100
    aam
    orw $0x3030, %ax
    cmpb $'0', %ah
    je 1f
    xchgb %al, %ah
    call put
    xchgb %al, %ah
1:  jmp put

off: # ACPI soft off: PM1a control of both pc and q35, where SeaBIOS puts it
    movw $0x604, %dx
    movw $0x2000, %ax
    outw %ax, %dx
1:  hlt
    jmp 1b

text_unread: .asciz "GUEST BAD disk 0 place 4\n"

    .org 510
    .word 0xaa55

main:
    movb 0x475, %al # how many disks the BIOS has found
    movb %al, disks

    # Which generation the first disk says it is.
    movb $0, drive
    call newest_sector
    call read
    movb $0, generation
    cmpl $0x54504652, FOUND # "RFPT"
    jne 1f
    movb FOUND + 6, %al
    movb %al, generation
1:  cmpb $LAST_GENERATION, generation
    jae 9f

next_drive:
    call host_places
    call log_sectors
    incb drive
    movb drive, %al
    cmpb disks, %al
    jb next_drive

    # All is right: the next generation, on every disk.
    incb generation
    movb $0, drive
write_drive:
    movw $8, lba
    movl $0, lba + 2
    call read
    movb FOUND + 4, %al
    movb %al, number
    movb $PLACE_LOG, place
    movb generation, %al
    movb %al, stamp
    call log_lba
    call build
    call write
    movb $PLACE_NEWEST, place
    call newest_sector
    call build
    call write
    incb drive
    movb drive, %al
    cmpb disks, %al
    jb write_drive

    movw $text_ok, %si
    call say
    movb disks, %al
    call put_number
    movw $text_disks, %si
    call say
    movb generation, %al
    call put_number
    movb $'\n', %al
    call put
    jmp off

9:  movb $6, place
    jmp bad

# The host's three places, and the disk's number, which no other disk may have.
host_places:
    movb $0, stamp
    movw $8, lba
    movl $0, lba + 2
    call read
    movb FOUND + 4, %al
    movb %al, number
    movb $1, place
    call compare
    movb number, %cl
    movw $1, %ax
    shlw %cl, %ax
    movb $5, place
    testw %ax, seen
    jnz bad
    orw %ax, seen
    movb $2, place
    movw $2047, lba
    movl $0, lba + 2
    call read
    call compare
    movb $3, place
    movl $4, %eax
    call from_end
    call read
    jmp compare

# The newest generation of this disk, every log sector up to it, and none behind it.
log_sectors:
    movb generation, %al
    testb %al, %al
    jz 1f
    movb %al, stamp
    movb $PLACE_NEWEST, place
    call newest_sector
    call read
    call build
    call equal
    movb $6, place
    jne bad
1:  movb $1, stamp
2:  call log_lba
    call read
    movb $PLACE_LOG, place
    call build
    call equal
    sete %al
    movb stamp, %ah
    cmpb generation, %ah
    ja 3f
    movb $7, place
    testb %al, %al
    jz bad
    jmp 4f
3:  movb $8, place
    testb %al, %al
    jnz bad
4:  incb stamp
    cmpb $LAST_GENERATION, stamp
    jbe 2b
    ret

# Where things are: into lba, which has 6 bytes here (the upper two of the packet stay 0).
log_lba:
    movzbw stamp, %ax
    addw $LOG, %ax
    movw %ax, lba
    movl $0, lba + 2
    ret

newest_sector:
    movl $2, %eax
from_end: # eax sectors before the end of the drive
    pushl %eax
    movw $30, PARAMETERS
    movw $PARAMETERS, %si
    movb drive, %dl
    addb $0x80, %dl
    movb $0x48, %ah
    int $0x13
    popl %eax
    jc unreadable
    movl PARAMETERS + 16, %ebx
    subl %eax, %ebx
    movl %ebx, lba
    movw $0, lba + 4
    ret

read:
    movw $FOUND, buffer
    movb $0x42, %ah
    call transfer
    jc unreadable
    ret

write:
    movw $WANTED, buffer
    movw $0x4300, %ax
    call transfer
    movb $9, place
    jc bad
    ret

transfer:
    movw $packet, %si
    movb drive, %dl
    addb $0x80, %dl
    int $0x13
    ret

# Makes, at WANTED, the sector of number, place and stamp.
build:
    movw $WANTED, %di
    movl $0x54504652, %eax
    stosl
    movb number, %al
    stosb
    movb place, %al
    stosb
    movb stamp, %al
    stosb
    movb $0, %al
    stosb
    movb $31, %al
    mulb number
    movb %al, %bl
    movb $7, %al
    mulb place
    addb %al, %bl
    movb $13, %al
    mulb stamp
    addb %bl, %al
    movw $504, %cx
1:  stosb
    incb %al
    loop 1b
    ret

equal: # zero flag: FOUND is WANTED
    movw $FOUND, %si
    movw $WANTED, %di
    movw $256, %cx
    repe cmpsw
    ret

compare:
    call build
    call equal
    jne bad
    ret

unreadable:
    movb $4, place
bad:
    movw $text_bad, %si
    call say
    movb drive, %al
    call put_number
    movw $text_place, %si
    call say
    movb place, %al
    call put_number
    movb $'\n', %al
    call put
    jmp off

text_ok: .asciz "GUEST OK "
text_disks: .asciz " disks gen "
text_bad: .asciz "GUEST BAD disk "
text_place: .asciz " place "

seen: .word 0
disks: .byte 0
drive: .byte 0
generation: .byte 0
number: .byte 0
place: .byte 0
stamp: .byte 0
packet:
    .byte 16, 0
    .word 1
buffer:
    .word 0, 0
lba:
    .quad 0

    .org 2048
