#!/usr/bin/env bash
# The harness itself, with virsh as the program under test: it calls the functions of libvirt's that interpose.c stands before.
#
#   tests/live/selftest.sh        no words; under 40 seconds
set -- "$(command -v virsh || echo virsh)"
# shellcheck source=tests/live/live.bash
. "$(dirname "${BASH_SOURCE[0]}")/live.bash"

torn() { # WORDS RAW_FIRST RAW_SECOND: check_counter refuses them, with a sentence like that
    local status=0 said
    said=$("$live/check_counter" "${@:2}" 2>&1) || status=$?
    [ "$status" = 1 ] || fail "check_counter ${*:2}: exit status $status, $said"
    [[ $said == *"$1"* ]] || fail "check_counter ${*:2} says: $said"
}

# overlays NAME SUFFIX: the command of virsh that puts new images on top of its disks.
overlays() {
    local disk
    printf 'snapshot-create-as %s --no-metadata --disk-only --atomic' "$1"
    for disk in $(disks_of "$1"); do printf ' --diskspec %s,file=%s' "$disk" "$images/$1-$disk.$2"; done
}

# What check_counter takes is every moment of a turn, also where the log begins again, and nothing else.
perl - "$live/check_counter" "$work" <<'PERL' || fail "check_counter"
    use strict;
    use warnings;
    my ($check, $work) = @ARGV;
    my @file = ("$work/moment-0", "$work/moment-1");
    sub put {
        my ($number, $sector, $counter) = @_;
        open(my $disk, "+<:raw", $file[$number]) or die;
        seek($disk, $sector * 512, 0);
        print $disk "RPCT", pack("V", $number), pack("VV", $counter, ~$counter & 0xffffffff) x 63;
        close($disk) or die;
    }
    sub is_said {
        my ($want, $what) = @_;
        my $said = `$check @file 2>&1`;
        chomp($said);
        die "$what: says $said\n" if $said !~ /^$want/;
    }
    for my $turn (1, 16385) {
        for my $number (0, 1) {
            open(my $disk, ">:raw", $file[$number]) or die;
            truncate($disk, 16 << 20);
            seek($disk, 64 * 512, 0);
            for my $place (0 .. 16383) {
                my $counter = $turn - 1 - ($turn - 1 - $place) % 16384;
                print $disk "\0" x 512 and next if $counter <= 0;
                print $disk "RPCT", pack("V", $number), pack("VV", $counter, ~$counter & 0xffffffff) x 63;
            }
            close($disk) or die;
            put($number, 32, $turn - 1) if $turn > 1;
        }
        my ($old, $place) = ($turn - 1, 64 + $turn % 16384);
        is_said("$old $old\$", "before turn $turn");
        put(1, $place, $turn);
        is_said("check_counter: the log of the second", "turn $turn in the second log alone");
        put(0, $place, $turn);
        is_said("$old $old\$", "turn $turn in both logs");
        put(0, 32, $turn);
        is_said("$turn $old\$", "turn $turn in sector 32 of the first");
        put(1, 32, $turn);
        is_said("$turn $turn\$", "after turn $turn");
        put(0, $place + 1, $turn + 1);
        is_said("$turn $turn\$", "the next turn in the first log");
        put(0, $place + 2, $turn + 2);
        is_said("check_counter: the log of the first", "two turns ahead");
    }
PERL
echo "the checker takes every moment of a turn"

make_machine one
make_machine two raw qcow2-odd
files_in_images >"$work/files"
is "$(paste -sd ' ' "$work/files")" "one-hda.qcow2 one-hdb.qcow2 two-hda.raw two-hdb.qcow2" "the images"
definition_of one >"$work/one.xml"
start_machine one
start_machine two
is "$(went_on_from one) $(went_on_from two)" "0 0" "what empty disks are gone on from"
assert_writing one two
assert_definition one "$work/one.xml"
echo "two guests write"

# A machine that runs has no content; one that was paused and ran on between two copies is torn.
if content one hda "$work/never" 2>"$work/stderr"; then fail "the content of a machine that runs was read"; fi
grep -q "one is running" "$work/stderr" || fail "$(cat "$work/stderr")"
ok suspend one
assert_state one paused
content one hda "$work/first"
content one hdb "$work/second"
before=$(newest "$work/first" "$work/second")
ok resume one
wait_for_writes one 64
ok suspend one
content one hda "$work/first-later"
content one hdb "$work/second-later"
after=$(newest "$work/first-later" "$work/second-later")
[ $((${after%% *} - ${before%% *})) -ge 64 ] || fail "after $before the guest wrote 64 turns, and the disks say $after"
ok resume one
torn "not of one instant" "$work/first-later" "$work/second"
torn "not of one instant" "$work/first" "$work/second-later"
# Less than a turn apart in what sector 32 says, but the log knows.
cp "$work/first" "$work/patched"
dd if="$work/first-later" of="$work/patched" bs=512 skip=64 seek=64 conv=notrunc status=none
torn "the log of the first disk has turn" "$work/patched" "$work/second"
cp "$work/first-later" "$work/patched"
dd if=/dev/zero of="$work/patched" bs=512 seek=$((64 + 20)) count=1 conv=notrunc status=none
torn "in the place of turn 20" "$work/patched" "$work/second-later"
newest "$work/patched" "$work/second-later" 16 >/dev/null # not among the last
torn "not the guest's" "$work/second" "$work/first"
echo "what is torn is told"

# The way of a point: all paused, copied at that instant, new images, resumed; in one process, with a trace.
ways="suspend one; suspend two; $(overlays one above); $(overlays two above); resume one; resume two"
REFPOINT_TEST_TRACE=$work/trace REFPOINT_TEST_AT="virDomainResume:1:before:run=$(copy_command "$work/instant" one two)" ok "$ways"
is "$(calls "$work/trace" virDomainSuspend ok) $(calls "$work/trace" virDomainResume ok) $(calls "$work/trace" run ok)" \
    "2 2 1" "calls"
assert_together "$work/trace" 2
is "$(pauses "$work/trace" | wc -l)" 2 "machines that were paused"
assert_one_instant "$work/instant" one two
assert_writing one two
# The layers beneath are what was copied, and nothing writes to them any more.
for layer in one-hda.qcow2 one-hdb.qcow2 two-hda.raw two-hdb.qcow2; do
    qemu-img convert -U -f "${layer##*.}" -O raw "$images/$layer" "$work/layer"
    assert_same "$work/layer" "$work/instant/${layer%.*}"
done
files_in_images | grep -q '^one-hda.above$' || fail "no new image"
if (assert_files "$work/files") 2>/dev/null; then fail "new images are not seen"; fi
if (assert_definition one "$work/one.xml") 2>/dev/null; then fail "a new definition is not seen"; fi
# What is not together is told.
REFPOINT_TEST_TRACE=$work/apart ok "suspend one; $(overlays one apart); suspend two; $(overlays two apart); resume one; resume two"
if (assert_together "$work/apart" 2) 2>/dev/null; then fail "an overlay before all were paused is not seen"; fi
echo "copies at the instant are what the layers hold"

# Killed in the middle.
REFPOINT_TEST_TRACE=$work/killed REFPOINT_TEST_AT=virDomainResume:1:before:kill run "suspend one; resume one"
is "$status" 137 "exit status of the program that was killed"
assert_state one paused
is "$(calls "$work/killed" virDomainSuspend) $(calls "$work/killed" virDomainResume)" "1 0" "calls before it was killed"
ok resume one
# After the second of two; nothing happens before.
REFPOINT_TEST_AT=virDomainSuspend:2:after:kill run "suspend one; suspend two; resume one"
is "$status" 137 "exit status of the program that was killed"
assert_state one paused
assert_state two paused
ok "resume one; resume two"
# Failures: not called, and called but not told; the error is libvirt's.
REFPOINT_TEST_TRACE=$work/failed REFPOINT_TEST_AT=virDomainSuspend:1:before:fail run suspend one
is "$status $(calls "$work/failed" virDomainSuspend refused)" "1 1" "a call that is refused"
[[ $err == *"the test wants it so"* ]] || fail "virsh says: $err"
assert_running one
REFPOINT_TEST_AT=virDomainSuspend:1:after:fail run suspend one
is "$status" 1
assert_state one paused
REFPOINT_TEST_TRACE=$work/failed run "resume one; resume one; resume none"
is "$(awk '$4 == "virDomainResume" { print $6 }' "$work/failed" | paste -sd ' ')" "ok failed:55" "results"
REFPOINT_TEST_AT=virDomainSuspend:0:before:kill run list
is "$status" 2 "exit status where it is not said when"
# While a command runs no other thread calls libvirt; what is forked or executed does not act, and is traced.
cc -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -pthread -o "$work/callers" "$live/callers.c" -lvirt
preload=$work/interposed/interpose.so
copy=$(copy_command "$work/threads-instant" one two)
LD_PRELOAD=$preload REFPOINT_TEST_TRACE=$work/threads REFPOINT_TEST_AT="virDomainResume:1:before:run=$copy" \
    "$work/callers" "$LIBVIRT_DEFAULT_URI" one two 2>"$work/stderr" || fail "callers: exit status $?"
assert_one_instant "$work/threads-instant" one two
awk '$4 == "run" { done = $3 } $4 == "virDomainResume" && (!resumed || $2 < resumed) { resumed = $2 }
    END { exit !(done && resumed >= done) }' "$work/threads" || fail "one was resumed while the command ran: $(cat "$work/threads")"
LD_PRELOAD=$preload REFPOINT_TEST_TRACE=$work/child REFPOINT_TEST_AT=virDomainSuspend:3:before:kill \
    "$work/callers" "$LIBVIRT_DEFAULT_URI" one two 2>"$work/stderr" ||
    fail "a child that was forked did what its parent was to do"
is "$(calls "$work/child" virDomainSuspend)" 3 "calls of parent and child"
is "$(awk '{ print $1 }' "$work/child" | sort -u | wc -l)" 2 "processes"
LD_PRELOAD=$preload REFPOINT_TEST_TRACE=$work/executed REFPOINT_TEST_AT=virDomainResume:1:before:kill \
    sh -c "virsh --quiet suspend one >/dev/null && virsh --quiet resume one >/dev/null" ||
    fail "what was executed did what the first process was to do"
is "$(calls "$work/executed" virDomainResume ok)" 1 "resumed by what was executed"
echo "killed and failing where it is wanted"

# The daemon restarts, the machines go on; off and on again, the guests go on from where they were.
restart_libvirtd
assert_writing one two
power_off one
power_off two
copy_all "$work/off" one two
counter=$(newest "$work/off/one-hda" "$work/off/one-hdb")
assert_one_instant "$work/off" two
start_machine one
is "$(went_on_from one)" "${counter#* }" "what the guest goes on from"
power_off one

# Older content shows; older content of one disk is an error of the guest's.
virsh --quiet undefine one
virsh --quiet define "$work/one.xml" >/dev/null # without what came above
assert_definition one "$work/one.xml"
start_machine one
counter=$(newest "$work/instant/one-hda" "$work/instant/one-hdb")
is "$(went_on_from one)" "${counter#* }" "what the guest goes on from with the older layers"
wait_for_writes one 4
power_off one
qemu-img convert -q -f raw -O qcow2 "$work/instant/one-hdb" "$images/one-hdb.qcow2"
virsh --quiet start one
is "$(heard one '^BAD')" "BAD APART ${counter#* }" "what the guest says of an older disk"
if (assert_running one) 2>/dev/null; then fail "a guest that says BAD is not seen"; fi
power_off one

# The other kinds of machine.
make_machine three fast virtio raw-odd
start_machine three
wait_for_writes three 16
power_off three
copy_all "$work/off" three
assert_one_instant "$work/off" three
echo "live: the harness is as it should be"
