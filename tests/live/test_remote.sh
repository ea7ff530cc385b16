#!/usr/bin/env bash
# A host of another machine: qemu+ssh, here over loopback to an sshd of the test's own. refpoint runs as an account that may read
# nothing of what it exports, so that all of it comes through ssh: full and differential, the variable store too; what cannot be
# done from there is refused with a way out; a connection that breaks, and a killed job, leave nothing on the other machine.
# shellcheck source=tests/live/live.bash
. "$(dirname "${BASH_SOURCE[0]}")/live.bash"
command -v /usr/sbin/sshd >/dev/null || skip "there is no sshd"

# ---- The other machine's sshd, and an account of this one that has a key for it.

desk=$(mktemp -d /tmp/refpoint-desk.XXXXXX)
mkdir -p "$desk/run" "$desk/exports" /run/sshd
install -m 0755 "$(readlink -f "$1")" "$desk/refpoint"
ssh-keygen -q -t ed25519 -N '' -f "$work/host_key"
ssh-keygen -q -t ed25519 -N '' -f "$desk/key"
cp "$desk/key.pub" "$work/authorized_keys"
port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
cat >"$work/sshd_config" <<CFG
ListenAddress 127.0.0.1
Port $port
HostKey $work/host_key
AuthorizedKeysFile $work/authorized_keys
PidFile $work/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
CFG
cat >"$desk/ssh" <<SH
#!/bin/sh
exec /usr/bin/ssh -F none -o UserKnownHostsFile=$desk/known_hosts -o IdentitiesOnly=yes "\$@"
SH
chmod 0755 "$desk/ssh"
printf '[127.0.0.1]:%s %s\n' "$port" "$(cat "$work/host_key.pub")" >"$desk/known_hosts"
chown -R 65534:65534 "$desk"
ip link set lo up
/usr/sbin/sshd -f "$work/sshd_config" -E "$work/sshd.log"
timeout "$patience" sh -c "until [ -s '$work/sshd.pid' ]; do :; done"
end_remote() {
    kill "$(cat "$work/sshd.pid")"
    rm -rf "$desk"
    end_test
}
trap end_remote EXIT

host="qemu+ssh://root@127.0.0.1:$port/system?keyfile=$desk/key&command=$desk/ssh"
refpoint=$desk/run/refpoint
go_by() { # HOST: how refpoint gets to the other machine from here on
    cat >"$refpoint" <<SH
#!/bin/sh
export HOME=$desk XDG_RUNTIME_DIR=$desk/run XDG_CONFIG_HOME=$desk/config XDG_DATA_HOME=$desk/data XDG_STATE_HOME=$desk/state
PATH=$desk/bin:\$PATH
exec setpriv --reuid=65534 --regid=65534 --clear-groups $desk/refpoint "\$@" --host '$1'
SH
    chmod 0755 "$refpoint"
}
go_by "$host"

sockets_there() { find /run /tmp -maxdepth 1 -name 'refpoint-??????' -user 0 | sort; }

# ---- The walk.

make_machine one
make_machine two
# A file of the machine's beside its disks, under a name that is no easy one.
head -c 100000 /dev/urandom >"$work/its a \$file"
virsh --quiet dumpxml --inactive one |
    sed "s#</domain>#<sysinfo type='fwcfg'><entry name='opt/test/file' file='$work/its a \$file'/></sysinfo></domain>#" \
        >"$work/definition.xml"
virsh --quiet define "$work/definition.xml" >/dev/null
start_machine one
start_machine two
files_in_images >"$work/files"
before=$(sockets_there)
ok machine list --json
is "$(jq -r .state <<<"$out" | sort -u)" running "states of machines there"
ok collection define pair --member one --member two
refused 32770 point create pair
[[ $err == *"--live"* ]] || fail "no way out: $err"

# live NAME [BASE]: while both stand still for a moment before, nothing is compared but what they hold of one instant.
live() {
    ok export pair --live --name "$1" --to "$desk/exports" --no-job --json ${2:+--base "$2"}
    package=$(last .package)
    local machine
    for machine in one two; do
        qemu-img convert -O raw "$package/machines/$machine/hda.qcow2" "$work/a"
        qemu-img convert -O raw "$package/machines/$machine/hdb.qcow2" "$work/b"
        newest "$work/a" "$work/b" | cut -d ' ' -f 1 >"$work/newest.$1.$machine"
    done
    assert_writing one two
}
live r1
is "$(last '[.disks[].kind] | unique[]')" full "kinds of the first"
grep -q "^$(sha256sum <"$work/its a \$file" | cut -d ' ' -f 1) " "$package/SHA256SUMS" || fail "the machine's file is not in the package"
wait_for_writes one
live r2 r1
is "$(last '[.disks[].kind] | unique[]')" differential "kinds of the second"
[ "$(cat "$work/newest.r2.one")" -gt "$(cat "$work/newest.r1.one")" ] || fail "the second holds nothing newer"

# Paused, so that it stays as it is: the package is what the machine holds, to the byte.
virsh --quiet suspend one >/dev/null
virsh --quiet suspend two >/dev/null
copy_all "$work/paused" one two
ok export pair --live --name r3 --base r2 --to "$desk/exports" --json
package=$(last .package)
for machine in one two; do
    for disk in hda hdb; do
        qemu-img convert -O raw "$package/machines/$machine/$disk.qcow2" "$work/read"
        assert_same "$work/read" "$work/paused/$machine-$disk"
    done
done
virsh --quiet resume one >/dev/null
virsh --quiet resume two >/dev/null
ok point create pair --type rct --name alone
ok point destroy pair alone

# A connection that breaks in the middle: no package, the machines go on, and nothing stays there.
ok export pair --live --name broken --to "$desk/exports" --rate 64K --detach --json
job=$(last .job)
timeout 60 sh -c "until '$refpoint' job show $job --json | jq -e '.bytes_done > 0' >/dev/null; do :; done"
pkill -9 -f "$desk/known_hosts.*-N " || fail "there is no ssh that carries the sockets"
run job attach "$job" --json
is "$(last .job_state)" 10 "end of a job whose connection broke"
[[ $(last .error) == *"no longer served"* ]] || fail "it does not say what happened: $out"
assert_writing one two

# Killed: the next command takes down what is there.
ok export pair --live --name killed --to "$desk/exports" --rate 64K --detach --json
job=$(last .job)
timeout 60 sh -c "until '$refpoint' job show $job --json | jq -e '.bytes_done > 0' >/dev/null; do :; done"
kill -9 "$(pgrep -f "refpoint: job ${job:0:4}")"
run store check
[[ $out == *"was interrupted"* ]] || fail "store check does not say what it took down: $out $err"
ok store check
ok job discard "$job"

# Off: refused, with the way out.
power_off two
refused 32775 export pair --live --to "$desk/exports"
[[ $err == *"start two"* ]] || fail "it does not say what to do: $err"
start_machine two

# An account that is not let in is told how to try it; nobody is asked for a password.
mv "$work/authorized_keys" "$work/none"
run machine list
is "$status" 2 "status without a key"
[[ $err == *"ssh"* && $err != *assword:* ]] || fail "it does not say what is wrong: $err"
mv "$work/none" "$work/authorized_keys"

# By TLS, the sockets through ssh to the same machine.
pki=$work/pki
mkdir -p "$pki"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout "$pki/ca.key" -out "$pki/cacert.pem" 2>/dev/null
for side in server client; do
    openssl req -newkey rsa:2048 -nodes -subj "/CN=127.0.0.1" -keyout "$pki/${side}key.pem" -out "$pki/$side.csr" 2>/dev/null
    openssl x509 -req -in "$pki/$side.csr" -CA "$pki/cacert.pem" -CAkey "$pki/ca.key" -CAcreateserial -days 2 \
        -extfile <(echo 'subjectAltName = IP:127.0.0.1') -out "$pki/${side}cert.pem" 2>/dev/null
done
cat >>/etc/libvirt/libvirtd.conf <<CONF
listen_tls = 1
listen_addr = "127.0.0.1"
key_file = "$pki/serverkey.pem"
cert_file = "$pki/servercert.pem"
ca_file = "$pki/cacert.pem"
tls_no_verify_certificate = 1
auth_tls = "none"
CONF
libvirtd_options=(--listen)
restart_libvirtd
mkdir "$desk/pki" "$desk/bin"
cp "$pki/cacert.pem" "$pki/clientkey.pem" "$pki/clientcert.pem" "$desk/pki"
cat >"$desk/bin/ssh" <<SH
#!/bin/sh
exec "$desk/ssh" -p $port -l root -i "$desk/key" "\$@"
SH
chmod 0755 "$desk/bin/ssh"
chown -R 65534:65534 "$desk/pki"
go_by "qemu+tls://127.0.0.1/system?pkipath=$desk/pki"
ok collection define pair --member one --member two
live t1
live t2 t1
is "$(last '[.disks[].kind] | unique[]')" differential "kinds by TLS"
for point in t1 t2; do ok point destroy pair "$point"; done
go_by "$host"

for point in r1 r3 r2; do ok point destroy pair "$point"; done
is "$(virsh --quiet checkpoint-list one --name | sed '/^$/d' | wc -l)" 0 "checkpoints left"
assert_files "$work/files"
is "$(comm -13 <(printf "%s\n" "$before") <(sockets_there))" "" "directories of sockets left"
assert_writing one two
