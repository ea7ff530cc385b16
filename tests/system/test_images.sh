#!/usr/bin/env bash
# Images as other tools leave them: what their layers are called, what hangs on them, what they hold, what they only claim
# to be.
# shellcheck source-path=SCRIPTDIR source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

images=$work/images

# Names: a layer is called like an image and shows whose it is; nothing is hidden, no colon stands in a header.
image "$images/web01.qcow2" 8M 1
image "$images/nbd:x:.old.qcow2" 8M 2
image "$images/.hidden.qcow2" 8M 3
qemu-img create -q -f raw "$images/db.img" 8M
qemu-io -f raw -c "write -q -P 4 0 1M" "$images/db.img" >/dev/null
ok machine add web --disk "vda=qcow2:$images/web01.qcow2" --disk "vdb=qcow2:$images/nbd:x:.old.qcow2" \
    --disk "vdc=qcow2:$images/.hidden.qcow2" --disk "vdd=raw:$images/db.img"
ok collection define names --member web
ok point create names --name p1 --raw-to-qcow2
ok point create names --name p2 --json
hex='[0-9a-f]{32}'
layers=$(find "$images" -name '*.refpoint-*' -printf '%f\n' | sed -E "s/$hex/HEX/" | sort)
is "$layers" "$(printf '%s\n' db.refpoint-HEX.{qcow2,raw} hidden.refpoint-HEX.qcow2{,} nbd-x-.old.refpoint-HEX.qcow2{,} \
    web01.refpoint-HEX.qcow2{,} | sort)" "names of the layers"
(cd / && qemu-io -r -f qcow2 -c "read -q -P 2 0 1M" "$images/nbd:x:.old.qcow2") | grep . && fail "the image with colons reads otherwise"
ok export names p2 --to "$work/exports"
ok store check
for point in p1 p2; do ok point destroy names "$point"; done
is "$(find "$images" -name '*.refpoint-*')" "" "layers after the destruction"
qemu-io -r -f qcow2 -c "read -q -P 4 0 1M" "$images/db.img" | grep . && fail "the raw image reads otherwise"

# A name of the greatest length keeps what fits, whole characters only.
long=$(printf 'サ%.0s' {1..81}).qcow2
image "$images/$long" 8M 5
ok machine add long --disk "vda=qcow2:$images/$long"
ok collection define long --member long
ok point create long --name p1 --json
layer=$("$refpoint" point show long p1 --json | jq -r '.members[0].disks[0].layer')
[[ ${layer##*/} =~ ^サ+\.refpoint-$hex\.qcow2$ ]] || fail "the layer of a long name: $layer"
ok point destroy long p1
ok machine list

# A snapshot that was taken beside us: the machine writes to another file, and a point would hold what is beneath it. Ten
# thousand other files are no matter.
snap=$work/snap
mkdir "$snap"
(cd "$snap" && seq -f 'file %05.0f' 10000 | tr '\n' '\0' | xargs -0 touch)
image "$snap/a.qcow2" 8M 6
ok machine add snap --disk "vda=qcow2:$snap/a.qcow2"
ok collection define snap --member snap
ok point create snap --name p1
qemu-img create -q -f qcow2 -b "$snap/a.qcow2" -F qcow2 "$snap/a.snap 1"
qemu-io -f qcow2 -c "write -q -P 9 0 64k" "$snap/a.snap 1" >/dev/null
before=$(fingerprint "$snap")
refused 32775 point create snap
is "$(last .error_key)" point.overlay-above
[[ $err == *"$snap/a.snap 1 is based on $snap/a.qcow2"* && $err == *"qemu-img commit -f qcow2 '$snap/a.snap 1'"* ]] || fail "$err"
is "$(fingerprint "$snap")" "$before" "files after the refusal"
qemu-img commit -q -f qcow2 "$snap/a.snap 1"
rm "$snap/a.snap 1"
ok point create snap --name p2
qemu-io -r -f qcow2 -c "read -q -P 9 0 64k" "$snap/a.qcow2" | grep . && fail "the snapshot's content is not in the point"

# A disk in which nothing was written since its last point is said: no word about the first point, about written ones, or
# about zeroes and discards, which are something.
image "$images/c.qcow2" 8M 7
image "$images/d.qcow2" 8M 8
ok machine add still --disk "vda=qcow2:$images/c.qcow2" --disk "vdb=qcow2:$images/d.qcow2"
ok collection define still --member still
ok point create still --name p1 --json
is "$(last '.unwritten | tostring')" '[]' "unwritten at the first point"
is "$err" "" "stderr of the first point"
qemu-io -f qcow2 -d unmap -c "discard -q 0 1M" "$images/d.qcow2" >/dev/null
ok point create still --name p2
[[ $err == "refpoint: still/vda: nothing has been written to its image since the last point."* ]] || fail "$err"
is "$(wc -l <<<"$err")" 1 "warnings"
qemu-io -f qcow2 -c "write -q -z 0 64k" "$images/c.qcow2" >/dev/null
ok point create still --name p3 --json
is "$(last '.unwritten | tostring')" '["still/vdb"]' "unwritten at the third point"
is "$(last 'keys_unsorted[-1]')" unwritten "last member of the object"
ok point create still --name p4 --json
is "$(last '.unwritten | tostring')" '["still/vda","still/vdb"]' "unwritten at the fourth point"

# Another tool's dirty bitmaps: its next incremental backup rests on them.
image "$images/e.qcow2" 8M 10
image "$images/f.qcow2" 8M 11
for name in "nightly 1" weekly; do qemu-img bitmap --add -f qcow2 "$images/e.qcow2" "$name"; done
qemu-img bitmap --add -f qcow2 "$images/f.qcow2" weekly
ok machine add backed --disk "vda=qcow2:$images/e.qcow2" --disk "vdb=qcow2:$images/f.qcow2"
ok collection define backed --member backed
before=$(fingerprint "$images")
refused 32775 point create backed
is "$(last .error_key)" image.bitmaps
[[ $err == *"backed/vda: nightly 1, weekly; backed/vdb: weekly"* && $err == *--carry-bitmaps* && $err == *--drop-bitmap* ]] || fail "$err"
refused 32775 point create backed --drop-bitmap "nightly 1"
[[ $err == *"tool: backed/vda: weekly; backed/vdb: weekly"* ]] || fail "$err"
refused 32773 point create backed --drop-bitmap "nightly 1" --drop-bitmap weakly --carry-bitmaps
is "$(fingerprint "$images")" "$before" "images after the refusals"
bitmaps() { qemu-img info -f qcow2 --output=json "$1" | jq -c '[."format-specific".data.bitmaps[]?.name] | sort'; }
ok point create backed --name p1 --carry-bitmaps
is "$(bitmaps "$images/e.qcow2")" '["nightly 1","weekly"]' "bitmaps that went along"
ok point create backed --name p2 --carry-bitmaps --drop-bitmap "nightly 1"
is "$(bitmaps "$images/e.qcow2") $(bitmaps "$images/f.qcow2")" '["weekly"] ["weekly"]' "bitmaps that were kept"
ok export backed p2 --to "$work/exports"
ok point remove-data backed p1
for point in p1 p2; do ok point destroy backed "$point"; done
is "$(bitmaps "$images/e.qcow2") $(bitmaps "$images/f.qcow2")" '["weekly"] ["weekly"]' "bitmaps in the end"
is "$(find "$images" -name '[ef].refpoint-*')" "" "layers in the end"

# An image that is declared raw and begins like another format: asked about, by hand, in a definition and for a new disk.
image "$images/g.img" 8M 12
refused 32770 machine add claims --disk "vda=raw:$images/g.img"
is "$(last .error_key)" disk.looks-like
[[ $err == *"$images/g.img is declared raw, and begins like a qcow2 image"* && $err == *"--raw-content vda"* ]] || fail "$err"
ok machine add claims --disk "vda=qcow2:$images/g.img"
is "$("$refpoint" machine list --json | jq -r 'select(.name == "claims").disks[0].virtual_size')" $((8 << 20)) "size of the disk"
image "$images/h.img" 8M 13
refused 32770 machine set claims --disk "vdb=raw:$images/h.img"
refused 32773 machine set claims --disk "vdb=raw:$images/h.img" --raw-content vdc
ok machine set claims --disk "vdb=raw:$images/h.img" --raw-content vdb
image "$images/i.img" 8M 14
cat >"$work/claims.xml" <<END
<domain type='kvm'><name>told</name><memory>1048576</memory><vcpu>1</vcpu><os><type arch='x86_64'>hvm</type></os>
<devices><disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$images/i.img'/>
<target dev='vda' bus='virtio'/></disk></devices></domain>
END
refused 32770 machine add --domain-xml "$work/claims.xml"
is "$(last .error_key)" disk.looks-like
refused 32773 machine add --domain-xml "$work/claims.xml" --raw-content vdz
ok machine add --domain-xml "$work/claims.xml" --raw-content vda

# Backing files that come round to themselves.
loop=$work/loop
mkdir "$loop"
qemu-img create -q -f qcow2 "$loop/a.qcow2" 1M
qemu-img create -q -f qcow2 -b "$loop/a.qcow2" -F qcow2 "$loop/b.qcow2"
qemu-img create -q -f qcow2 -u -b self.qcow2 -F qcow2 "$loop/self.qcow2" 1M
qemu-img rebase -u -f qcow2 -b "$loop/b.qcow2" -F qcow2 "$loop/a.qcow2"
refused 32770 machine add loop --disk "vda=qcow2:$loop/a.qcow2" --backing "vda=qcow2:$loop/b.qcow2" --backing "vda=qcow2:$loop/a.qcow2"
is "$(last .error_key)" disk.chain-loop
[[ $err == *"form a loop"*"it comes back to $loop/a.qcow2"* && $err == *"$loop/b.qcow2 names it"* ]] || fail "$err"
refused 32770 machine add self --disk "vda=qcow2:$loop/self.qcow2" --backing "vda=qcow2:$loop/self.qcow2"
is "$(last .error_key)" disk.chain-loop

echo "images: all as it should be"
