# A guest that never stops writing: a boot sector that writes a growing counter to two disks in turn through BIOS int 13h, so that
# a copy of both can be told to be of one instant, or not. 16 bit code, 512 bytes; assembled by live.bash, read by check_counter.
#
# Turn n, one write after the other, none begun before the last one has ended:
#
#   sector 64 + n mod 16384    of the first disk, then of the second
#   sector 32                  of the first disk, then of the second: the newest counter
#
# So at every instant newest(second) <= newest(first) <= newest(second) + 1, and no log sector is from a turn later than the one
# that is going on.
#
# Then it halts until the next tick of its clock, four milliseconds, and is kind to the host; with FAST=1 it does not, which is
# three times the turns (IDE; through virtio-blk SeaBIOS manages some 30 turns in a second).
#
# A sector: "RPCT", number of the disk (0 or 1), then 63 times the counter and its complement, all little endian 32 bit.
#
# On start it goes on from what sector 32 of the disks says, the smaller of both: the turn that was interrupted is done again with
# the same content. What is said goes to port 0xe9 (see ../libvirt/emulator.sh):
#
#   FROM 0           what it goes on from; 0 are disks without anything
#   AT 64            after every 64th turn
#   BAD APART 7      the newest counters of the disks are not of one instant; newest(second) was 7
#   BAD READ 0       disk 0 cannot be read, and so on; the guest does nothing more, and the machine stays on
#   BAD WRITE 1
#   BAD SECTOR 1     sector 32 is neither empty nor the guest's, or another disk's

    .code16
    .globl start
    .set SECTOR, 0x9000 # what is read and written
    .set NEWEST, 32
    .set LOG, 64
    .set LOG_MASK, 16383
    .set MAGIC, 0x54435052 # "RPCT"

start:
    ljmp $0, $1f
1:  xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $0x7c00, %sp
    cld
    movb $0x34, %al # clock: 1193182 / 4773 Hz
    outb %al, $0x43
    movw $4773, %ax
    outb %al, $0x40
    movb %ah, %al
    outb %al, $0x40
    sti

    movb $1, disk
    call newest
    movl %eax, counter
    movb $0, disk
    call newest
    subl counter, %eax
    cmpl $1, %eax
    movl counter, %eax
    movw $text_apart, %si
    ja bad
    movw $text_from, %si
    call say

turn:
    .ifndef FAST
    hlt
    .endif
    incl counter
    movl counter, %eax
    andl $LOG_MASK, %eax
    addw $LOG, %ax
    call write_both
    movl $NEWEST, %eax
    call write_both
    testb $15, counter
    jnz turn
    movl counter, %eax
    movw $text_at, %si
    call say
    jmp turn

# The counter that sector 32 of the disk holds, in eax.
newest:
    movl $NEWEST, lba
    movb $0x42, %ah
    movw $text_read, %si
    call transfer
    movl SECTOR, %eax
    testl %eax, %eax
    jz 1f
    cmpl $MAGIC, %eax
    jne 2f
    movl SECTOR + 4, %eax
    cmpb disk, %al
    jne 2f
    movl SECTOR + 12, %eax
    notl %eax
    cmpl SECTOR + 8, %eax
    jne 2f
1:  ret
2:  movw $text_sector, %si
    jmp bad_disk

# Writes the counter to sector eax of the first disk, then of the second.
write_both:
    movl %eax, lba
    movb $0, disk
1:  movw $SECTOR, %di
    movl $MAGIC, %eax
    stosl
    movzbl disk, %eax
    stosl
    movl counter, %eax
    movw $126, %cx
2:  stosl
    notl %eax
    loop 2b
    movw $0x4300, %ax
    movw $text_write, %si
    call transfer
    incb disk
    cmpb $2, disk
    jb 1b
    ret

transfer: # function in ax, what is bad if it fails in si
    pushw %si
    movw $packet, %si
    movb disk, %dl
    addb $0x80, %dl
    int $0x13
    popw %si
    jc bad_disk
    ret

bad_disk: # text in si
    movzbl disk, %eax
bad: # text in si, number in eax
    pushl %eax
    pushw %si
    movw $text_bad, %si
    call say_text
    popw %si
    popl %eax
    call say
    cli
1:  hlt
    jmp 1b

# Writes the text at si, the number in eax and a new line.
say:
    pushl %eax
    call say_text
    popl %eax
    xorw %cx, %cx
    movl $10, %ebx
1:  xorl %edx, %edx
    divl %ebx
    pushw %dx
    incw %cx
    testl %eax, %eax
    jnz 1b
2:  popw %ax
    addb $'0', %al
    outb %al, $0xe9
    loop 2b
    movb $'\n', %al
    outb %al, $0xe9
    ret

say_text:
    lodsb
    testb %al, %al
    jz 1f
    outb %al, $0xe9
    jmp say_text
1:  ret

text_from: .asciz "FROM "
text_at: .asciz "AT "
text_bad: .asciz "BAD "
text_apart: .asciz "APART "
text_read: .asciz "READ "
text_write: .asciz "WRITE "
text_sector: .asciz "SECTOR "

counter: .long 0
disk: .byte 0
packet:
    .byte 16, 0
    .word 1, SECTOR, 0
lba:
    .quad 0

    .org 510
    .word 0xaa55
