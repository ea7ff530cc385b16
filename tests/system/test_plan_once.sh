#!/usr/bin/env bash
# An export's ranges are asked for once: the check's plan goes to the process of the job, and it starts one QEMU less for each
# disk than one that has to look again. What a starter cannot hand on changes nothing else.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

to=$work/exports
real=$(command -v qemu-nbd)
mkdir "$work/bin"
cat >"$work/bin/qemu-nbd" <<END
#!/bin/sh
echo "\$*" >>"$work/started"
[ ! -e "$work/meddle" ] || chmod u+r "$work"/images/*
exec "$real" "\$@"
END
chmod +x "$work/bin/qemu-nbd"
PATH=$work/bin:$PATH

for id in a b c; do
    qemu-img create -q -f qcow2 "$work/images/$id.qcow2" 16M
    qemu-io -f qcow2 -c "write -q -P 7 0 3M" "$work/images/$id.qcow2" >/dev/null
done
ok machine add web01 --disk "vda=qcow2:$work/images/a.qcow2" --disk "vdb=qcow2:$work/images/b.qcow2" \
    --disk "vdc=qcow2:$work/images/c.qcow2"
ok collection define shop --member web01
ok point create shop --name p1

# What plans has one connection and only reads.
plans() { # words...: an export, and how often a disk was asked for its ranges
    : >"$work/started"
    ok export shop p1 --to "$to" --json "$@"
    grep -c -e '-e 1 -r' "$work/started"
}
said() { # in the log of the job that was followed last
    ok job show "$(last .job)" --json
    grep -q "$1" "$(jq -r .log <<<"$out")" || fail "not in the log: $1"
}

is "$(plans)" 3 "three disks, by a job"
ok export shop p1 --to "$to" --json
said 'the plan is that of the check'
is "$(plans --no-job)" 3 "three disks, without a job"

# Somebody touches a file while it is planned: nothing is handed on, and the job asks for itself. So with records of earlier
# versions; later ones know the time of the last change, and there such a file is refused.
touch "$work/meddle"
run export shop p1 --to "$to" --no-job
is "$status" 1 "exit status when a layer is touched after it was checked"
[[ $err == *"store adopt --unproven"* ]] || fail "no way out is named: $err"
rm "$work/meddle"
sed -i '/ changed = /d; / owner = /d; / group = /d' "$REFPOINT_STORE"/collections/*/points/*/point.cfg
touch "$work/meddle"
is "$(plans)" 6 "files that are touched meanwhile, by a job"
rm "$work/meddle"
is "$(plans)" 3 "three disks again"
echo "plan once: all as it should be"
