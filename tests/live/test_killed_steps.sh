#!/usr/bin/env bash
# The program dies, or a call of libvirt's fails, before and after each step of making and of destroying a point of two machines
# that never stop writing. No machine stands still for long, none sees an error, and after the next command the whole point is there
# or nothing of it; in the end all is as before the first. Two to three minutes.
# shellcheck source=tests/live/live.bash
. "$(dirname "${BASH_SOURCE[0]}")/live.bash"
# shellcheck source=tests/live/killed.bash
. "$live/killed.bash"

# unmade PLACE: nothing is left of a point whose maker was killed there.
unmade() {
    begin_step "create killed at $1"
    killed "$1" point create pair --name p
    go_on
    cleaned
    go_on
    end_guardians
    as_before
}

# made PLACE: the point p is there although its maker was killed.
made() {
    begin_step "create killed at $1"
    killed "$1" point create pair --name p
    go_on
    cleaned
    none_is_left
    lists p
}

# destroyed PLACE: the only point, p, is gone although its destroyer was killed.
destroyed() {
    begin_step "destroy killed at $1"
    killed "$1" point destroy pair p
    go_on
    cleaned
    none_is_left
    as_before
    go_on
}

# destroyed_beneath PLACE: with another point above; the next command is no store check.
destroyed_beneath() {
    ok point create pair --name p
    ok point create pair --name above
    begin_step "destroy killed at $1, with a point above"
    killed "$1" point destroy pair p
    go_on
    ok point destroy pair above
    none_is_left
    as_before
    ok store check
}

# refused_at PLACE: the point is not made, and nothing is to be cleaned up.
refused_at() {
    begin_step "create fails at $1"
    fails "$1" point create pair --name p
    is "$status" 2 "exit status ($err)"
    go_on
    none_is_left
    as_before
    ok store check
}

# made_in_spite PLACE: the point is made.
made_in_spite() {
    begin_step "create with a failure at $1"
    fails "$1" point create pair --name p
    is "$status" 0 "exit status ($err)"
    go_on
    none_is_left
    lists p
}

# finished_later PLACE WORDS...: it fails, and the next command brings it to its end.
finished_later() {
    local place=$1
    shift
    begin_step "$1 $2 fails at $place"
    fails "$place" "$@"
    is "$status" 1 "exit status ($err)"
    [[ $err == *"store check"* ]] || fail "it does not say what to do: $err"
    go_on
    none_is_left
    cleaned
}

prepare_pair

for place in virDomain{Suspend,SnapshotCreateXML,Resume}:{1,2}:{before,after}; do unmade "$place"; done
begin_step "the guardian ends by itself"
killed virDomainSuspend:2:after point create pair --name p
go_on
none_is_left
cleaned
as_before

# Where the maker of the point dies, and where its destroyer.
while read -r create destroy; do
    made "virDomainDefineXMLFlags:$create"
    [ "$create" != 1:before ] || read_point p "$work/read"
    destroyed "$destroy"
done <<'PLACES'
1:before virDomainBlockCommit:1:before
1:after virDomainBlockCommit:1:after
2:before virDomainBlockJobAbort:1:before
2:after virDomainBlockJobAbort:1:after
3:before virDomainBlockCommit:4:before
3:after virDomainBlockCommit:4:after
4:before virDomainBlockJobAbort:4:before
4:after virDomainBlockJobAbort:4:after
PLACES
for place in virDomainBlockCommit:2:after virDomainBlockJobAbort:2:after virDomainDefineXMLFlags:{1,4}:{before,after}; do
    ok point create pair --name p
    destroyed "$place"
done
for place in virDomainBlockCommit:{1:before,1:after,2:after,3:before,4:after}; do destroyed_beneath "$place"; done

# Failures.
while read -r create destroy; do
    case $create in
    -) ok point create pair --name p ;;
    virDomainResume*) made_in_spite "$create" ;;
    *) finished_later "$create" point create pair --name p ;;
    esac
    lists p
    finished_later "$destroy" point destroy pair p
    as_before
done <<'PLACES'
virDomainResume:1:before virDomainBlockCommit:1:before
- virDomainBlockCommit:1:after
virDomainResume:2:before virDomainBlockCommit:4:after
- virDomainBlockJobAbort:1:before
virDomainDefineXMLFlags:1:before virDomainBlockJobAbort:2:after
virDomainDefineXMLFlags:2:after virDomainBlockJobAbort:4:before
virDomainDefineXMLFlags:4:after virDomainDefineXMLFlags:2:before
PLACES
# A machine that goes on although its Resume failed was let go by nobody knows whom: there is no instant.
for place in virDomain{SnapshotCreateXML:{1,2}:{before,after},Suspend:{1,2}:{before,after},Resume:{1,2}:after}; do refused_at "$place"; done

paused_at_most 5000
for machine in "${machines[@]}"; do
    power_off "$machine"
    start_machine "$machine"
done
assert_writing "${machines[@]}"
