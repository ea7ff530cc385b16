# Machines with the guest that build.sh made; sourced. To be used in the name spaces of tests/libvirt/daemon.bash:
#
#   tests/live/linux/build.sh "$work/guest"                  before, outside of them
#   in_private env ... "$here/this_script"                   and within, where $work is known to daemon.bash as well:
#   start_libvirtd
#   linux_disks "$work/mail"
#   virsh --quiet define <(linux_domain mail "$work/guest" "$work/mail")
#   virsh --quiet start mail
#   linux_says "$work/mail" READY                            what it says, and what it means: init.sh
#   agent_answers mail
#   ...
#   stop_libvirtd
#
# Disks are made with mke2fs, of e2fsprogs. A copy of a machine that was imported elsewhere is started in the same way: its disks
# are named to linux_domain.

# linux_disks DIRECTORY [MIB]: vda.qcow2 and vdb.qcow2, with empty file systems.
linux_disks() {
    local disk
    mkdir -p "$1"
    for disk in vda vdb; do
        truncate -s "${2-64}M" "$1/$disk.raw"
        mke2fs -q -F -t ext4 -L "$disk" -E lazy_itable_init=0,lazy_journal_init=0 "$1/$disk.raw"
        qemu-img convert -q -f raw -O qcow2 "$1/$disk.raw" "$1/$disk.qcow2"
        rm "$1/$disk.raw"
    done
}

# linux_domain NAME GUEST DIRECTORY [VDA VDB]: prints the definition of a machine. GUEST is where build.sh wrote. What the machine
# says is in DIRECTORY/console, anew with each start; its disks are there too, unless others are named. libvirt draws its UUID.
linux_domain() {
    cat <<XML
<domain type='qemu'>
  <name>$1</name>
  <memory unit='MiB'>128</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>$2/vmlinuz</kernel>
    <initrd>$2/initrd.img</initrd>
    <cmdline>console=ttyS0 quiet panic=1</cmdline>
  </os>
  <features>
    <acpi/>
  </features>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>destroy</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${4-$3/vda.qcow2}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${5-$3/vdb.qcow2}'/>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <controller type='usb' model='none'/>
    <serial type='file'>
      <source path='$3/console'/>
      <target port='0'/>
    </serial>
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
    <memballoon model='none'/>
  </devices>
</domain>
XML
}

# linux_says DIRECTORY PATTERN [SECONDS [LINES]]: waits until it has said a line that begins like that, or BAD, or the time is over;
# the first LINES lines do not count. Prints the line; succeeds when it is not BAD.
linux_says() {
    local line
    line=$(grep -aEm1 -- "^(BAD|$2)" <(timeout "${3-120}" tail --lines=+$((${4-0} + 1)) --follow=name --retry "$1/console" 2>/dev/null)) ||
        return
    line=${line%$'\r'}
    printf '%s\n' "$line"
    [[ $line != BAD* ]]
}

# linux_lines DIRECTORY: how many lines it has said since it was started.
linux_lines() { wc -l <"$1/console"; }

# linux_said DIRECTORY PATTERN: whether it has said such a line since it was started.
linux_said() { grep -aqE -- "^($2)" "$1/console"; }

# agent_answers NAME [SECONDS]: until the guest's agent does.
agent_answers() {
    local end=$((SECONDS + ${2-60}))
    until virsh --quiet qemu-agent-command "$1" '{"execute": "guest-ping"}' --timeout 5 >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
    done
}
