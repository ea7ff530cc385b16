# A libvirtd of our own; sourced. It lives in mount, process and network name spaces of its own: what it keeps is in memory,
# nothing of a libvirt that is installed here is seen or touched, there is no network, and nothing outlives the test.

work=${work-}

# in_private COMMAND...: runs it as the first process of new name spaces. When it ends, or this one is told to, or after seven
# minutes, all in them end.
in_private() {
    local child guard status=0
    unshare --mount --net --pid --fork --kill-child --mount-proc "$@" &
    child=$!
    timeout 420 tail --pid="$child" --sleep-interval=0.2 --follow /dev/null &
    guard=$!
    trap 'status=143' TERM INT HUP # and wait returns
    if ! wait "$guard"; then
        echo "FAILED: not done in seven minutes, or told to end"
        kill -KILL "$child" # unshare passes nothing else on
        kill "$guard" 2>/dev/null || true
    fi
    trap - TERM INT HUP
    wait "$child" || status=$?
    return "$status"
}

can_be_private() { unshare --mount --net --pid --fork --kill-child --mount-proc true 2>/dev/null; }

# Within the name spaces.
start_libvirtd() {
    local place
    for place in /var/lib /var/cache /var/log /run /etc/libvirt; do
        mount -t tmpfs -o mode=755 private "$place"
    done
    # libvirt of Debian wants this account to be there, also where it is told to use another (libvirt-daemon-system makes it).
    for place in passwd group; do
        { grep -v "^libvirt-qemu:" "/etc/$place" || true; } >"$work/$place"
    done
    echo "libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin" >>"$work/passwd"
    echo "libvirt-qemu:x:64055:" >>"$work/group"
    for place in passwd group; do
        mount --bind "$work/$place" "/etc/$place"
    done
    mkdir -p /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /run/libvirt
    cat >/etc/libvirt/libvirtd.conf <<CONF
auth_unix_ro = "none"
auth_unix_rw = "none"
log_outputs = "3:file:$work/libvirtd.log"
CONF
    cat >/etc/libvirt/qemu.conf <<CONF
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
vnc_auto_unix_socket = 1
spice_auto_unix_socket = 1
CONF
    export LIBVIRT_DEFAULT_URI=qemu:///system
    libvirtd --daemon --pid-file /run/libvirtd.pid # returns when it answers
    virsh --quiet version >/dev/null
}

stop_libvirtd() {
    local pid domain
    pid=$(cat /run/libvirtd.pid 2>/dev/null) || return 0
    for domain in $(virsh --quiet list --uuid); do
        virsh --quiet destroy "$domain" >/dev/null 2>&1 || true
    done
    kill "$pid"
    timeout 20 tail --pid="$pid" --follow /dev/null || true # until it has ended
}
