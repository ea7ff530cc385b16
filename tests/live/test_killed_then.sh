#!/usr/bin/env bash
# The program dies in the middle of making or destroying a point of two machines, one of them off perhaps, and before the next
# command a machine is powered off, started, or asked for another point at once. As in test_killed_steps.sh, all comes out whole or
# as before. Two minutes.
# shellcheck source=tests/live/live.bash
. "$(dirname "${BASH_SOURCE[0]}")/live.bash"
# shellcheck source=tests/live/killed.bash
. "$live/killed.bash"

create=(point create pair --name p)
destroy=(point destroy pair p)

prepare_pair

for place in virDomainSnapshotCreateXML:{1,2}:after virDomainResume:1:before; do
    begin_step "create killed at $place, then one is powered off"
    killed "$place" "${create[@]}"
    go_on
    power_off one
    cleaned
    end_guardians
    as_before
    start_machine one
    go_on
done

begin_step "create killed at the first definition, then one is powered off"
killed virDomainDefineXMLFlags:1:before "${create[@]}"
power_off one
cleaned
lists p
read_point p "$work/read"
start_machine one
ok "${destroy[@]}"
as_before

for place in virDomainBlockCommit:1:after virDomainBlockJobAbort:1:before virDomainDefineXMLFlags:2:after; do
    ok "${create[@]}"
    begin_step "destroy killed at $place, then both are powered off"
    killed "$place" "${destroy[@]}"
    power_off one
    power_off two
    cleaned
    as_before
    start_machine one
    start_machine two
    go_on
done

# One is off: its definition is what is changed, and first of all.
power_off one
for place in virDomain{Suspend:1:after,SnapshotCreateXML:1:after,Resume:1:before,DefineXMLFlags:{1,2}:{before,after}}; do
    begin_step "create killed at $place while one is off"
    killed "$place" "${create[@]}"
    go_on
    cleaned
    end_guardians
    as_before
done
for place in virDomainDefineXMLFlags:{1:before,1:after,2:after} virDomainBlockCommit:1:after; do
    begin_step "create killed after the point is there, destroy killed at $place, while one is off"
    killed virDomainDefineXMLFlags:3:after "${create[@]}"
    cleaned
    lists p
    killed "$place" "${destroy[@]}"
    go_on
    cleaned
    as_before
done
for place in virDomainDefineXMLFlags:{1,2}:{before,after}; do
    begin_step "create fails at $place while one is off"
    fails "$place" "${create[@]}"
    is "$status" 2 "exit status ($err)"
    as_before
    ok store check
done
for place in virDomainDefineXMLFlags:{1,2,3}:after; do
    begin_step "create killed at $place while one is off, which then is started"
    killed "$place" "${create[@]}"
    start_machine one
    go_on
    cleaned
    go_on
    [[ $place != *:3:* ]] || ok "${destroy[@]}"
    as_before
    power_off one
done
for place in virDomainDefineXMLFlags:{1:before,1:after,2:before}; do
    ok "${create[@]}"
    begin_step "destroy killed at $place while one is off, which then is started"
    killed "$place" "${destroy[@]}"
    start_machine one
    go_on
    cleaned
    go_on
    as_before
    power_off one
done
start_machine one
none_is_left

# The older file has taken over, and the definition has not been settled: what it says of the chain must not stay, since files of
# it go with other points later.
for point in p1 p2 p3; do ok point create pair --name "$point"; done
begin_step "destroy killed after the first disk's pivot, then one is powered off"
killed virDomainBlockJobAbort:1:after point destroy pair p3
power_off one
power_off two
cleaned
ok point destroy pair p1
start_machine one
start_machine two
ok point destroy pair p2
as_before
go_on

# The guardian of the dead one must not let machines go in the middle of the next point.
begin_step "create killed after both were paused, and another point at once"
killed virDomainSuspend:2:after "${create[@]}"
REFPOINT_TEST_TRACE=$work/trace.next REFPOINT_TEST_AT="virDomainResume:1:before:run=$(copy_command "$work/next" "${machines[@]}")" \
    ok point create pair --name next
is "$(calls "$work/trace.next" run ok)" 1 "machines that stood still to the end ($(cat "$work/stderr"))"
assert_together "$work/trace.next" 2
assert_one_instant "$work/next" "${machines[@]}"
read_point next "$work/read"
for disk in {one,two}-{hda,hdb}; do assert_same "$work/read/$disk" "$work/next/$disk"; done
ok point destroy pair next
as_before
none_is_left

# The QEMU of one does not answer, so that pausing it is still under way when the program dies, and is done only when nobody waits.
begin_step "create killed while a slow QEMU is being paused"
qemu=$(cat /run/libvirt/qemu/one.pid)
cat >"$work/slow" <<SH
kill -STOP $qemu
ours=\$PPID
{
    timeout 0.5 tail --follow /dev/null
    kill -9 \$ours
    timeout 12 tail --follow /dev/null
    kill -CONT $qemu
    : >$work/awake
} </dev/null >/dev/null 2>&1 &
SH
REFPOINT_TEST_TRACE=$work/trace REFPOINT_TEST_AT="virDomainSuspend:1:before:run=exec sh $work/slow" run "${create[@]}"
is "$status" 137 "exit status of what is killed ($err)"
timeout "$patience" sh -c "until [ -e $work/awake ]; do :; done" || fail "QEMU is not let go"
virsh --quiet blockjob one hda >/dev/null # waits for what libvirtd still has to do with it
killed_at=$(milliseconds)
go_on
cleaned
none_is_left
as_before

paused_at_most 5000 # who listens dies with the daemon

# The daemon dies and comes back while both stand still: nobody's connection holds, the guardian's neither.
begin_step "libvirtd killed and started while both are paused"
cat >"$work/again" <<'SH'
pid=$(cat /run/libvirtd.pid)
kill -9 "$pid"
timeout 20 tail --pid="$pid" --follow /dev/null
exec libvirtd --daemon --pid-file /run/libvirtd.pid </dev/null >/dev/null 2>&1
SH
REFPOINT_TEST_TRACE=$work/trace REFPOINT_TEST_AT="virDomainSnapshotCreateXML:1:before:run=sh $work/again" run "${create[@]}"
killed_at=$(milliseconds)
go_on
cleaned
none_is_left
as_before
assert_writing "${machines[@]}"
