#!/usr/bin/env bash
# A chain of packages put together into a full one: the same disks, byte for byte, with settings and files; nothing of a chain that
# is not whole; nothing left by what fails, is killed or cancelled; and exports go on from it.
# shellcheck source-path=SCRIPTDIR source=../support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../support.bash"

to=$work/exports
id=3b1f7e0a-6f1c-4d53-9d7a-0c8e5b6a7f10
small=$work/small
mkdir "$work/files" "$work/copies" "$work/elsewhere" "$small"
trap 'end_jobs; umount "$small" 2>/dev/null || true; chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
head -c 70000 /dev/urandom >"$work/files/vars.fd"
echo iso >"$work/files/install.iso"

# Two machines: one with a definition, a file of its own and a drive that no point holds; one whose disks change their size.
image "$work/images/a.qcow2" 16M 7
image "$work/images/b.qcow2" 8M 17
image "$work/images/c.qcow2" 12M 27
cat >"$work/web01.xml" <<END
<domain type='kvm'>
  <name>web01</name>
  <uuid>$id</uuid>
  <memory unit='GiB'>1</memory>
  <vcpu>2</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
    <nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>$work/files/vars.fd</nvram>
  </os>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$work/images/a.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='$work/files/install.iso'/><target dev='sda' bus='sata'/><readonly/></disk>
  </devices>
</domain>
END
ok machine add --domain-xml "$work/web01.xml"
ok machine add db01 --disk "vda=qcow2:$work/images/b.qcow2" --disk "vdb=qcow2:$work/images/c.qcow2"
ok collection define shop --member web01 --member db01

change() { qemu-io -f qcow2 "${@:2}" "$work/images/$1.qcow2" >/dev/null; }
point() { # NAME: and copies of the images as they are now
    local disk
    ok point create shop --name "$1"
    for disk in "$work"/images/?.qcow2; do qemu-img convert -q -O raw "$disk" "$work/copies/$(basename "$disk" .qcow2).$1"; done
}
make() { # words of an export; the package in $made
    ok export shop "$@" --json
    made=$(last .package)
}
consolidate() { # words; the package in $made
    ok package consolidate "$@" --json
    made=$(last .package)
}
right() { # package, point: whole, complete by itself, and each disk what it was at the point
    local disk file
    ok package verify "$1"
    for disk in a:web01/vda b:db01/vda c:db01/vdb d:web01/vdb; do
        file=$1/machines/${disk#*:}.qcow2
        [ -e "$work/copies/${disk%%:*}.$2" ] || continue
        qemu-img compare -q -F raw "$file" "$work/copies/${disk%%:*}.$2" || fail "$file is not what it was at $2"
        is "$(qemu-img info --output=json "$file" | jq '[has("backing-filename"), ."virtual-size"] | tojson')" \
            "\"[false,$(stat -c %s "$work/copies/${disk%%:*}.$2")]\"" "what QEMU says of $file"
    done
    (cd "$1" && sha256sum --quiet -c SHA256SUMS) || fail "SHA256SUMS of $1"
}

# A raw full one, and three differences: data, zeroes, discards, compressed, a disk that grows, shrinks and grows, one that is new.
point p0
make p0 --to "$to" --format raw
full=$made
change a -c "write -q -P 40 2M 1M" -c "write -q -z 0 512k" -c "write -q -P 41 4097k 3k"
change b -c "discard -q 4M 128k" -c "write -q -P 42 6M 64k"
qemu-img resize -q "$work/images/c.qcow2" 16M
change c -c "write -q -P 43 14M 1M"
point p1
make p1 --to "$to" --base p0 --compress zstd
first=$made
change a -c "write -q -P 44 2560k 64k" -c "discard -q 2M 256k"
qemu-img resize -q --shrink "$work/images/c.qcow2" 10M
image "$work/images/d.qcow2" 6M 60
ok machine set web01 --disk "vdb=qcow2:$work/images/d.qcow2"
point p2
make p2 --to "$to" --base p1 --only web01 --only db01/vda
second=$made
qemu-img resize -q "$work/images/c.qcow2" 15M
change a -c "write -q -z 1M 64k" -c "write -q -P 45 15M 1M"
change d -c "write -q -P 61 5M 100k"
point p3
make p3 --to "$to" --base p2
third=$made
is "$(last '.disks | map([.machine, .disk, .kind] | join("/")) | sort | tojson')" \
    '["db01/vda/differential","db01/vdb/full","web01/vda/differential","web01/vdb/differential"]' "kinds of the top package"
before=$(fingerprint "$to")

# Into the same directory, and into another one: what it says, what the record says, what lies there.
consolidate "$third" --to "$work/elsewhere"
is "$(last '[.event, .return_value, .verified, .signed, (.left_out | length)] | tojson')" '["done",0,true,false,1]'
[[ $(last '.left_out[0]') == *install.iso* ]] || fail "what it leaves out: $out"
is "$(last '.consolidated_from | tojson')" "[\"$third\",\"$second\",\"$first\",\"$full\"]"
is "$(last .package_sum)" "$(sha256sum "$made/SHA256SUMS" | cut -d' ' -f1)" "the checksum of the package"
is "$(fingerprint "$to")" "$before" "the packages that it was made of"
right "$made" p3
is "$(find "$made" -type f ! -perm 400)" "" "files that are not read-only"
cmp -s "$made"/machines/web01/nvram-* "$work/files/vars.fd" || fail "the variable store differs"
for file in machine.cfg domain.xml; do
    cmp -s "$made/machines/web01/$file" "$third/machines/web01/$file" || fail "$file is not that of the package before"
done
ok package show "$third" --json
wanted=$(last '{collection_id, point, point_id, created, machines, files: (.disks | map(.file))} | tojson')
is "$(last '.consolidated_from | tojson')" '[]'
ok package show "$made" --json
is "$(last '{collection_id, point, point_id, created, machines, files: (.disks | map(.file))} | tojson')" "$wanted" "the point of it"
is "$(last '[.kind, .base_package, .verified, (.bases | length), (.disks | map(.kind) | unique)] | tojson')" \
    '["full",null,true,0,["full"]]'
is "$(last '.consolidated_from | map(.package_id) | tojson')" \
    "$(for package in "$third" "$second" "$first" "$full"; do "$refpoint" package show "$package" --json; done | jq -sc 'map(.id)')"
is "$(last '.consolidated_from | map(.record_sha256) | tojson')" \
    "$(for package in "$third" "$second" "$first" "$full"; do sha256sum <"$package/reference-point.cfg"; done |
        cut -d' ' -f1 | jq -Rsc 'split("\n")[:-1]')"
ok package show "$made"
[[ $out == *"made of     "*"record sha256 "* ]] || fail "package show: $out"

# A difference stands on it, and stock QEMU reads that.
change a -c "write -q -P 46 3M 64k"
change c -c "write -q -z 0 64k"
point p4
make p4 --to "$work/elsewhere" --base p3
is "$(last '[.verified, (.disks | map(.kind) | unique)] | tojson')" '[true,["differential"]]'
for disk in a:web01/vda b:db01/vda c:db01/vdb d:web01/vdb; do
    qemu-img compare -q -F raw "$made/machines/${disk#*:}.qcow2" "$work/copies/${disk%%:*}.p4" || fail "${disk#*:} at p4"
done
ok package verify "$made"

# By its own proof it is known as verified here.
mkdir "$work/known"
consolidate "$third" --to "$work/known"
make p4 --to "$work/known" --base p3
ok package show "$made" --json
is "$(last '.bases | map(.verified_how) | tojson')" '["export"]' "what is known of it"

# Beside the chain, compressed or not as was asked for, else as the package itself; of the middle of the chain too. The base of
# what comes next is the shorter chain then.
consolidate "$first" --to "$to"
right "$made" p1
is "$(qemu-img info --output=json "$made/machines/web01/vda.qcow2" | jq -r '."format-specific".data."compression-type"')" zstd
consolidate "$first" --to "$to" --compress none
right "$made" p1
is "$(qemu-img info --output=json "$made/machines/web01/vda.qcow2" | jq -r '."format-specific".data."compression-type"')" zlib
ok package consolidate "$third" --to "$to" --compress zstd
[[ $out == *"made of   $third"*"verified  yes"* ]] || fail "the receipt: $out"
top=$(sed -n 's/^package   //p' <<<"$out")
right "$top" p3
make p4 --to "$to" --base p3
ok package show "$made" --json
is "$(last .base_package)" "$("$refpoint" package show "$top" --json | jq -r .id)" "the base of what comes next"
run package consolidate "$made" --to "$to" --json
is "$(last '.consolidated_from | length')" 2 "a difference on a consolidated package"
right "$(last .package)" p4

# What the package left out is left out again, and said again.
consolidate "$second" --to "$work/known"
is "$(last '.left_out | map(select(contains("disk vdb was not chosen"))) | length')" 1 "what was not chosen: $out"
is "$(cd "$made" && find . -name 'vd*' | sort | tr '\n' ' ')" "./machines/db01/vda.qcow2 ./machines/web01/vda.qcow2 ./machines/web01/vdb.qcow2 "
ok package verify "$made"
qemu-img compare -q -F raw "$made/machines/db01/vda.qcow2" "$work/copies/b.p2" || fail "vda of db01 at p2"

# The bases somewhere else; without them nothing.
mkdir "$work/bases" "$work/apart"
cp -a "$full" "$first" "$second" "$work/bases/"
cp -a "$third" "$work/apart/"
alone=$work/apart/$(basename "$third")
refused 32768 package consolidate "$alone" --to "$work/apart"
is "$(last .error_key)" consolidate.damaged
[[ $err == *--base-package* ]] || fail "the way out: $err"
consolidate "$alone" --to "$work/apart" --base-package "$work/bases"
right "$made" p3

# Refused, and nothing is left: a full one, a damaged record, a damaged file anywhere in the chain, no such package or directory,
# a directory that is a package, two words on signing.
nothing() { # CODE KEY words...: refused, and everything is as it was
    local code=$1 key=$2
    shift 2
    refused "$code" package consolidate "$@"
    is "$(last .error_key)" "$key" "key of: package consolidate $*"
    is "$(fingerprint "$work/try")" "$tried" "left by: package consolidate $*"
}
mkdir "$work/try"
cp -a "$full" "$first" "$second" "$third" "$work/try/"
chmod -R u+w "$work/try"
try=$work/try/$(basename "$third")
tried=$(fingerprint "$work/try")
nothing 32773 consolidate.full "$work/try/$(basename "$full")" --to "$work/try"
nothing 32779 package.open "$work/nowhere" --to "$work/try"
nothing 32779 export.directory-missing "$try" --to "$work/nowhere"
nothing 32773 export.directory-package "$try" --to "$try"
nothing 32773 usage.conflict "$try" --to "$work/try" --sign "$work/key" --no-sign
nothing 32779 export.sign "$try" --to "$work/try" --sign "$work/key"
for file in "$(basename "$full")/machines/web01/vda.raw" "$(basename "$first")/machines/db01/vda.qcow2" \
    "$(basename "$second")/machines/web01/machine.cfg" "$(basename "$third")/machines/db01/vdb.qcow2" "$(basename "$third")/machines/web01/domain.xml"; do
    cp -a "$work/try/$file" "$work/aside"
    printf '\x5a' | dd of="$work/try/$file" bs=1 seek=300 conv=notrunc status=none
    touch -r "$work/aside" "$work/try/$file"
    tried=$(fingerprint "$work/try")
    nothing 32768 consolidate.damaged "$try" --to "$work/try"
    [[ $err == *"package verify"* ]] || fail "the way out: $err"
    cat "$work/aside" >"$work/try/$file"
    touch -r "$work/aside" "$work/try/$file"
    rm "$work/aside"
done
cp -a "$try/reference-point.cfg" "$work/aside"
echo "nonsense(" >"$try/reference-point.cfg"
tried=$(fingerprint "$work/try")
nothing 32768 consolidate.damaged "$try" --to "$work/try"
mv "$work/aside" "$try/reference-point.cfg"
tried=$(fingerprint "$work/try")
ssh-keygen -q -t ed25519 -N '' -f "$work/key"
ssh-keygen -q -Y sign -n refpoint -f "$work/key" "$work/try/$(basename "$first")/reference-point.cfg"
mv "$work/try/$(basename "$first")/reference-point.cfg.sig" "$work/try/$(basename "$first")/SHA256SUMS.sig"
tried=$(fingerprint "$work/try")
nothing 32768 consolidate.damaged "$try" --to "$work/try"
rm "$work/try/$(basename "$first")/SHA256SUMS.sig"

# Signed: as is said, and as the settings say.
consolidate "$try" --to "$work/try" --sign "$work/key"
is "$(last .signed)" true
ssh-keygen -q -Y check-novalidate -n refpoint -s "$made/SHA256SUMS.sig" <"$made/SHA256SUMS" || fail "the signature"
mkdir -p "$XDG_CONFIG_HOME/refpoint"
echo "sign = \"$work/key\";" >"$XDG_CONFIG_HOME/refpoint/refpoint.cfg"
consolidate "$try" --to "$work/try"
[ -e "$made/SHA256SUMS.sig" ] || fail "the setting sign"
consolidate "$try" --to "$work/try" --no-sign
[ ! -e "$made/SHA256SUMS.sig" ] || fail "--no-sign left a signature"
rm "$XDG_CONFIG_HOME/refpoint/refpoint.cfg"
rm -rf "$work/try"

# No room: refused with the figures before a byte is written.
if mount -t tmpfs -o size=3m tmpfs "$small" 2>/dev/null; then
    refused 32768 package consolidate "$third" --to "$small"
    is "$(last .error_key)" export.no-space
    [[ $err == *"available"* ]] || fail "no room: $err"
    is "$(ls -A "$small")" "" "left where there is no room"
    umount "$small"
else
    echo "no right to mount: a full disk was not tried"
fi

# Held while the top of the chain is verified: what is touched then is not read, though nothing was written to it.
empty=$work/empty
mkdir "$empty"
hold "check *"
start() { # how many partials lie there meanwhile
    "$refpoint" package consolidate "$third" --to "$empty" --json >"$work/out" 2>"$work/stderr" 9>&- &
    pid=$!
    until [ -e "$work/held" ]; do kill -0 "$pid" || fail "it ended: $(cat "$work/out" "$work/stderr")"; done
    is "$(find "$empty" -mindepth 1 -maxdepth 1 -name '.*.partial' | wc -l)" "$1" "what lies there meanwhile"
}
start 0
chmod 600 "$full/machines/web01/vda.raw"
let_go
status=0
wait "$pid" || status=$?
chmod 400 "$full/machines/web01/vda.raw"
is "$status" 2 "exit status where the chain is touched meanwhile ($(cat "$work/out"))"
is "$(tail -n 1 "$work/out" | jq -r '[.event, .error_key] | tojson')" '["refused","consolidate.changed"]'
is "$(ls -A "$empty")" "" "left where the chain is touched meanwhile"

# Held at the proof of what has been written: cancelled, changed beneath, killed.
sed -i "s|^check.*)\$|check\\\\ *$empty*)|" "$work/bin/qemu-img"
hold_again
start 1
kill -TERM "$pid" # as Ctrl-C; a shell's background job does not hear that
until grep -q cancelling "$work/stderr"; do kill -0 "$pid" || fail "it ended: $(cat "$work/out" "$work/stderr")"; done
let_go
status=0
wait "$pid" || status=$?
is "$status" 130 "exit status of one that is cancelled ($(cat "$work/out"))"
is "$(tail -n 1 "$work/out" | jq -r .event)" cancelled
is "$(ls -A "$empty")" "" "left by one that is cancelled"

hold_again
start 1
chmod 600 "$first/machines/web01/vda.qcow2"
let_go
status=0
wait "$pid" || status=$?
chmod 400 "$first/machines/web01/vda.qcow2"
is "$status" 1 "exit status where the chain changes meanwhile ($(cat "$work/out"))"
is "$(tail -n 1 "$work/out" | jq -r '[.event, .error_key] | tojson')" '["failed","consolidate.changed"]'
is "$(ls -A "$empty")" "" "left where the chain changes meanwhile"

hold_again
start 1
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
let_go
is "$(find "$empty" -mindepth 1 -maxdepth 1 ! -name '.*.partial')" "" "under a final name after kill -9"
while fuser -s "$empty"/.*.partial 2>/dev/null; do :; done
consolidate "$third" --to "$empty"
is "$(ls -A "$empty")" "$(basename "$made")" "what one that was killed left, after the next"
right "$made" p3
echo "consolidated: all as it should be"
