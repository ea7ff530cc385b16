# The kernel of a machine that is started with one: says whether it was given its initrd, and turns the machine off. Multiboot,
# version 1, 32 bit; no BIOS any more, so the disks are not looked at.
#
#   KERNEL OK      the first module begins with "refpoint initrd"
#   KERNEL BAD     there is no module, or another

    .text
    .globl start
    .align 4
    .long 0x1badb002, 0, -0x1badb002

start: # ebx: the multiboot information; flags at 0, number of modules at 20, their list at 24
    movl $text_bad, %esi
    testl $8, (%ebx)
    jz say
    cmpl $0, 20(%ebx)
    je say
    movl 24(%ebx), %eax
    movl (%eax), %eax
    cmpl $0x70666572, (%eax) # "refp"
    jne say
    cmpl $0x746e696f, 4(%eax) # "oint"
    jne say
    movl $text_ok, %esi
say:
    lodsb
    testb %al, %al
    jz off
    outb %al, $0xe9
    movw $0x3f8, %dx
    outb %al, %dx
    jmp say
off: # as in guest.S
    movw $0x604, %dx
    movw $0x2000, %ax
    outw %ax, %dx
1:  hlt
    jmp 1b

text_ok: .asciz "KERNEL OK\n"
text_bad: .asciz "KERNEL BAD\n"
