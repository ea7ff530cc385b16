#!/usr/bin/env bash
# Exports on the command line: with a job, without, detached, watched, paused, cancelled; what is printed, what lies there
# afterwards, and every package compared with copies taken at its point.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

to=$work/exports

disturb() { # image, seed
    qemu-io -f qcow2 -d unmap -c "write -q -P $2 1M 512k" -c "write -q -z 4M 200k" -c "discard -q 8M 1M" \
        -c "write -q -P $2 12345k 7k" "$1" >/dev/null
}
copies() { # point
    local id
    for id in a b c; do
        qemu-img convert -q -f qcow2 -O raw "$work/images/$id.qcow2" "$work/$id.$1"
    done
}
for id in a b c; do
    qemu-img create -q -f qcow2 "$work/images/$id.qcow2" 16M
    qemu-io -f qcow2 -c "write -q -P 7 0 12M" -c "write -q -P 8 8M 2M" "$work/images/$id.qcow2" >/dev/null
done
ok machine add 'web/01' --disk "vda=qcow2:$work/images/a.qcow2" --disk "vdb=qcow2:$work/images/b.qcow2"
ok machine add ../../db --disk "vda=qcow2:$work/images/c.qcow2"
ok collection define shop --member 'web/01' --member ../../db
copies p1
ok point create shop --name p1
for id in a b c; do disturb "$work/images/$id.qcow2" 9; done
copies p2
ok point create shop --name p2

copy_of() { # machine, disk, point
    case $1/$2 in
    web/01/vda) echo "$work/a.$3" ;;
    web/01/vdb) echo "$work/b.$3" ;;
    web/01/vdc) echo "$work/new.$3" ;;
    ../../db/vda) echo "$work/c.$3" ;;
    *) fail "there is no $1/$2" ;;
    esac
}
check_package() { # package, point, disks expected
    local machine disk file count=0
    (cd "$1" && sha256sum --quiet -c SHA256SUMS) || fail "$1: checksums"
    ok package verify "$1" --json
    is "$(jq -c '[.package, .ok, .problems]' <<<"$out")" "[\"$1\",true,[]]"
    ok package show "$1" --json
    while IFS=$'\t' read -r machine disk file; do
        count=$((count + 1))
        [[ $(readlink -f "$1/$file") == "$1"/* ]] || fail "$file leaves the package"
        qemu-img compare -q -F raw "$1/$file" "$(copy_of "$machine" "$disk" "$2")" || fail "$1/$file differs from its copy"
    done < <(jq -r '.disks[] | [.machine, .disk, .file] | @tsv' <<<"$out")
    is "$count" "$3" "disks in $1"
}
nothing_unfinished() {
    is "$(find "$to" -maxdepth 1 -name '.*' ! -path "$to")" "" "left behind in the export directory"
}

# The asynchronous form.
ok export shop p1 --to "$to" --json
is "$(last '[.event, .return_value, .job_state, .error_code, .error, .verified] | @json')" '["finished",4096,7,0,null,true]'
is "$(last '[.disks[] | [.machine, .disk, .kind, .reason]] | length')" 3
is "$(last '.disks | map(.kind) | unique | @json')" '["full"]'
well_told() { # the lines of a job that was followed
    jq -se 'map(select(.event == "progress")) | all(.[]; .job and .bytes_total > 0 or .percent_complete == 0)' <<<"$1" \
        >/dev/null || fail "progress: $1"
    jq -se 'map(.percent_complete // empty) | . == sort' <<<"$1" >/dev/null || fail "percent goes back: $1"
    jq -se 'map(select(.event == "progress" and .phase != "plan" and .work_total > 0 and .percent_complete < 100))
        | all(.[]; .percent_complete == ([99, (100 * .work_done / .work_total | floor)] | min))' <<<"$1" >/dev/null ||
        fail "percent is not of the bytes beside it: $1"
}
well_told "$out"
full=$(last .package)
job=$(last .job)
check_package "$full" p1 3
nothing_unfinished
ok job list --json
is "$(jq -sc '.[0] | [.job, .state, .job_state, .percent_complete, .error_code, .error, .package]' <<<"$out")" \
    "[\"$job\",\"Completed\",7,100,0,null,\"$full\"]"
ok job show "${job:0:8}" --json
is "$(jq -r .package <<<"$out")" "$full"
[ -f "$(jq -r .log <<<"$out")" ] || fail "there is no log"
ok job attach "$job" --json
is "$(last '[.event, .job, .return_value, .package] | @json')" "[\"finished\",\"$job\",4096,\"$full\"]"

# Differential, as text: nothing but lines, and the receipt.
ok export shop p2 --to "$to" --base p1
! grep -q $'[\e\r]' <<<"$out" || fail "redirected output holds control characters"
[[ $out == *"package   $to/"*"verified  yes"*differential*"package verify"* ]] || fail "receipt: $out"
differential=$(sed -n 's/^package   //p' <<<"$out")
check_package "$differential" p2 3
ok package show "$differential" --json
is "$(jq -r '[.kind] + (.disks | map(.kind)) | unique | @json' <<<"$out")" '["differential"]'

# The synchronous form leaves the same.
ok export shop p2 --to "$to" --base p1 --no-job --json
is "$(last '[.event, .job, .return_value, .job_state, .error_code] | @json')" '["finished",null,0,7,0]'
synchronous=$(last .package)
check_package "$synchronous" p2 3
is "$(cd "$synchronous" && find . -type f | sort)" "$(cd "$differential" && find . -type f | sort)" "files of the two forms"
for file in $(cd "$synchronous" && find . -name '*.qcow2'); do
    qemu-img compare -q "$synchronous/$file" "$differential/$file" || fail "the two forms differ in $file"
done

# A part, formats, compression, no verification.
ok export shop p2 --to "$to" --only ../../db --only web/01/vdb --json
check_package "$(last .package)" p2 2
ok export shop p2 --to "$to" --format raw --json
check_package "$(last .package)" p2 3
ok export shop p2 --to "$to" --compress zstd --no-verify --json
is "$(last '[.job_state, .error_code, .error, .verified, (.warning | length > 0)] | @json')" '[32768,0,null,false,true]'
check_package "$(last .package)" p2 3

# The level of compression: the usual one, the one of the settings, the one that is given; it is in the record.
level_of() { sed -n 's/^ *zstd_level = \([0-9]*\)L*;$/\1/p' "$1/reference-point.cfg"; }
is "$(level_of "$(last .package)")" 2 "usual level"
mkdir -p "$XDG_CONFIG_HOME/refpoint"
echo 'zstd_level = 1;' >"$XDG_CONFIG_HOME/refpoint/refpoint.cfg"
for form in --no-job --detach; do
    ok export shop p2 --to "$to" --compress zstd $form --json
    [ "$form" = --no-job ] || ok job attach "$(last .job)" --json
    is "$(level_of "$(last .package)")" 1 "level of the settings"
done
ok export shop p2 --to "$to" --compress zstd --zstd-level 19 --json
is "$(level_of "$(last .package)")" 19 "given level"
check_package "$(last .package)" p2 3
rm "$XDG_CONFIG_HOME/refpoint/refpoint.cfg"
refused 32773 export shop p2 --to "$to" --zstd-level 3
[[ $err == *"--compress zstd"* ]] || fail "$err"
refused 32773 export shop p2 --to "$to" --compress zstd --zstd-level 20

# A base that lacks a disk: which one is exported in full, and why, is said before, and in the log; --strict refuses.
mkdir "$work/part"
ok export shop p1 --to "$work/part" --only 'web/01'
part=(export shop p2 --to "$work/part" --base p1)
refused 32773 "${part[@]}" --strict
for form in --detach --no-job; do
    ok "${part[@]}" $form --json
    [[ $err == *"../../db/vda is exported in full: the base package "*"does not hold this disk"* ]] || fail "not said: $err"
    ! grep -q 'web/01' <<<"$err" || fail "too much is said: $err"
    [ "$form" = --no-job ] || ok job attach "$(last .job)" --json
    is "$(last '.disks | map(.kind) | @json')" '["differential","differential","full"]'
    check_package "$(last .package)" p2 3
done

# A disk that the machine gets between two points: in full beside the others, which stay differential.
image "$work/images/new.qcow2" 8M 3
image "$work/images/taken.qcow2" 8M 3
ok machine set web/01 --disk "vdc=qcow2:$work/images/new.qcow2" --cpus 3 --json
is "$(jq -c '[.cpus, (.disks | map(.id)), .disks[2].virtual_size]' <<<"$out")" '[3,["vda","vdb","vdc"],8388608]'
added=$out
ok machine list --json
is "$(jq -c 'select(.name == "web/01")' <<<"$out")" "$added" "the machine as it is listed"
refused 32773 machine set web/01 --disk "vda=qcow2:$work/images/taken.qcow2"
refused 32770 machine set web/01 --disk "vdd=qcow2:$work/images/new.qcow2"
refused 32770 machine set ../../db --disk "vdd=qcow2:$work/images/a.qcow2"
refused 32773 machine set web/01 --disk "vdd=qcow2:$work/images/taken.qcow2" --backing "vda=qcow2:$work/images/new.qcow2"
ok machine list --json
is "$(jq -c 'select(.name == "web/01")' <<<"$out")" "$added" "the machine after refusals"
ok point create shop --name p3
qemu-img convert -q -f qcow2 -O raw "$work/images/new.qcow2" "$work/new.p3"
for id in a b c; do qemu-img convert -q -f qcow2 -O raw "$work/images/$id.qcow2" "$work/$id.p3"; done
ok export shop p3 --to "$to" --base p2 --json
[[ $err == *"web/01/vdc is exported in full: "* ]] || fail "not said: $err"
is "$(last '[.disks[] | [.disk, .kind]] | @json')" '[["vda","differential"],["vdb","differential"],["vdc","full"],["vda","differential"]]'
check_package "$(last .package)" p3 4
ok point destroy shop p3
qemu-img compare -q -F raw "$work/images/new.qcow2" "$work/new.p3" || fail "the new disk after its point is destroyed"

# The embedded instance; what it says cannot be said twice.
ok point show shop p1 --json
base_path=$(jq -r .path <<<"$out")
cat >"$work/settings.xml" <<XML
<INSTANCE CLASSNAME="Msvm_CollectionReferencePointExportSettingData"><PROPERTY NAME="BaseReferencePointCollection" TYPE="string"><VALUE>$(sed 's/&/\&amp;/g; s/"/\&quot;/g' <<<"$base_path")</VALUE></PROPERTY></INSTANCE>
XML
ok export shop p2 --to "$to" --setting-data "$work/settings.xml" --json
is "$(last '.disks | map(.kind) | unique | @json')" '["differential"]'
check_package "$(last .package)" p2 3
"$refpoint" export shop p2 --to "$to" --setting-data - --no-job --json <"$work/settings.xml" >"$work/out" || fail "from standard input"
is "$(tail -n 1 "$work/out" | jq -r '.disks | map(.kind) | unique | @json')" '["differential"]'
refused 32773 export shop p2 --to "$to" --setting-data "$work/settings.xml" --base p1

# Detached; watched; paused and let go on; a second reader. Held, it cannot end before it has been paused.
hold 'check *.partial/*'
ok export shop p1 --to "$to" --detach --json
is "$(last '[.event, .return_value] | @json')" '["started",4096]'
job=$(last .job)
refused 32775 job discard "$job"
ok job pause "$job"
until ok job show "$job" --json && [ "$(jq -r .job_state <<<"$out")" = 5 ]; do :; done
ok job pause "$job"
let_go
ok job attach "$job" --json
well_told "$out"
is "$(last '[.job, .job_state] | @json')" "[\"$job\",7]"
check_package "$(last .package)" p1 3
refused 32775 job cancel "$job"
ok job discard "$job"
refused 32773 job show "$job"

# So slow that it copies for as long as it is let.
slow=(export shop p1 --to "$to" --rate 128K)

# Starts an export in the background and waits until it has copied something; its id in $job, its process in $follower.
start_slow() {
    rm -f "$work/fifo"
    mkfifo "$work/fifo"
    # Background commands of a script ignore Ctrl-C unless it is given back to them.
    setsid env --default-signal=INT "$refpoint" "$@" --json >"$work/fifo" 2>"$work/slow.stderr" &
    follower=$!
    exec 4<"$work/fifo"
    local line
    while read -r line <&4; do
        [ "$(jq -r '.bytes_done // 0' <<<"$line")" -gt 0 ] && break
    done
    job=$(jq -r .job <<<"$line")
}
# The rest of its lines in $out, its exit status in $status.
end_slow() {
    out=$(cat <&4)
    exec 4<&-
    status=0
    wait "$follower" || status=$?
}

# Cancelled by another command.
before=$(find "$to" -maxdepth 1 | sort)
start_slow "${slow[@]}"
refused 32774 point destroy shop p1
refused 32774 point remove-data shop p1
ok job cancel "$job"
end_slow
is "$status" 130 "exit status of a cancelled export"
is "$(last '[.event, .job_state, .package] | @json')" '["finished",8,null]'
is "$(find "$to" -maxdepth 1 | sort)" "$before" "the directory after a cancelled export"

# Ctrl-C once: cancels.
start_slow "${slow[@]}"
kill -INT "$follower"
end_slow
is "$status" 130 "exit status after Ctrl-C"
is "$(find "$to" -maxdepth 1 | sort)" "$before" "the directory after Ctrl-C"

# Ctrl-C twice while the runner cannot answer: leaves it running and says so.
start_slow "${slow[@]}"
runner=$(runner_of "$job")
kill -STOP "$runner"
kill -INT "$follower"
while ! grep -q 'cancelling' "$work/slow.stderr"; do kill -0 "$follower" || fail "the follower ended"; done
kill -INT "$follower"
end_slow
kill -CONT "$runner"
is "$status" 1 "exit status after a second Ctrl-C"
is "$(last '[.event, .job] | @json')" "[\"detached\",\"$job\"]"
grep -q "job attach $job" "$work/slow.stderr" || fail "it is not said how to see the job again"
run job attach "$job" --json
is "$status" 130 "exit status of following the job that was left: $out"
nothing_unfinished

# The watcher is killed: the job goes on.
before=$(find "$to" -maxdepth 1 | wc -l)
hold_again
start_slow export shop p1 --to "$to"
kill -9 "$follower"
end_slow 2>/dev/null
let_go
ok job attach "$job" --json
check_package "$(last .package)" p1 3
is "$(find "$to" -maxdepth 1 | wc -l)" $((before + 1)) "packages"

# The synchronous form ends with its process: Ctrl-C of a whole terminal cancels it cleanly.
before=$(find "$to" -maxdepth 1 | sort)
start_slow "${slow[@]}" --no-job
kill -INT -- "-$follower"
end_slow
is "$status" 130 "exit status of --no-job after Ctrl-C"
is "$(last '[.event, .job, .job_state] | @json')" '["finished",null,8]'
is "$(find "$to" -maxdepth 1 | sort)" "$before" "the directory after Ctrl-C"

# Packages: list, damage, import.
ok package list "$to" --json
is "$(jq -r .package <<<"$out" | sort)" "$(find "$to" -mindepth 1 -maxdepth 1 | sort)" "package list"
ok package import "$differential" --to "$work/restored"
for pair in 'web/01 vda a' 'web/01 vdb b' '../../db vda c'; do
    read -r machine disk id <<<"$pair"
    found=no
    while read -r file; do
        qemu-img info --output=json "$file" | jq -e '."backing-filename" == null' >/dev/null || fail "$file is not stand-alone"
        qemu-img compare -q -F raw "$file" "$work/$id.p2" && found=yes
    done < <(find "$work/restored" -name '*.qcow2')
    is "$found" yes "$machine/$disk among the imported images"
done
refused 32773 package import "$differential" --to "$work/restored"

# Which account must read the images, and where it cannot pass.
mkdir -m 0711 "$work/open"
mkdir -m 0750 "$work/open/closed"
mkdir -m 0755 "$work/open/closed/in it"
ln -s "open/closed/in it" "$work/way"
chmod 0755 "$work"
ok package import "$full" --to "$work/way/here"
place="$work/open/closed/in it/here"
[[ $out == *"libvirt-qemu"*"user ="*"/etc/libvirt/qemu.conf"*"  chown -R libvirt-qemu '$place'"* ]] || fail "no word of the account: $out"
is "$(tail -n 1 <<<"$out")" "  chmod o+x $work/open/closed"
[[ $out == *"other accounts cannot pass through $work/open/closed"* ]] || fail "the closed directory is not named: $out"
ok package import "$full" --to "$work/open/there" --json
is "$(last 'keys_unsorted | @json')" '["event","return_value","package","to","notes","registered","bytes_written","files","closed_directories"]'
is "$(last .closed_directories[] | grep -F "$work" || true)" ""
chmod 0700 "$work"
ok package import "$full" --to "$work/open/closed/too" --json
is "$(last .closed_directories[] | grep -F "$work")" "$work
$work/open/closed"
damaged=$(find "$synchronous" -name '*.qcow2' -print -quit)
chmod u+w "$damaged"
printf 'X' | dd of="$damaged" bs=1 seek=70000 conv=notrunc status=none
run package verify "$synchronous" --json
is "$status" 1 "exit status of verify on a damaged package"
is "$(jq -c '[.package, .ok, (.problems | length > 0)]' <<<"$out")" "[\"$synchronous\",false,true]"
run package verify "$work/nowhere"
is "$status" 2 "exit status of verify on nothing"
echo "export: all as it should be"
