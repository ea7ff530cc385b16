#!/usr/bin/env bash
# What no checksum can know: a package that is signed, with a key of ssh's, and held against a checksum that was kept elsewhere.
# Whoever edits it and makes all checksums anew is found; the stock tools say the same.
# shellcheck source-path=SCRIPTDIR source=../support.bash
source "$(dirname "${BASH_SOURCE[0]}")/../support.bash"

unset SSH_AUTH_SOCK SSH_AGENT_PID SSH_ASKPASS DISPLAY
export HOME=$work/home
keys=$HOME/.ssh
agent=
trap '[ -z "$agent" ] || kill "$agent"; end_jobs; chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
mkdir -p "$keys"
key() { ssh-keygen -q -t ed25519 -N "$2" -C "$1" -f "$keys/$1"; }
fingerprint_of() { ssh-keygen -l -f "$keys/$1.pub" | cut -d' ' -f2; }
key alice ''
key mallory ''
key locked 'a passphrase'
allowed=$work/allowed_signers
echo "alice@example.org namespaces=\"refpoint\" $(cat "$keys/alice.pub")" >"$allowed"
settings() { mkdir -p "$XDG_CONFIG_HOME/refpoint" && cat >"$XDG_CONFIG_HOME/refpoint/refpoint.cfg"; }

image "$work/images/a.qcow2" 16M 7
ok machine add web01 --disk "vda=qcow2:$work/images/a.qcow2"
ok collection define shop --member web01
ok point create shop --name p1
qemu-io -f qcow2 -c "write -q -P 9 1M 3M" "$work/images/a.qcow2" >/dev/null
ok point create shop --name p2
to=$work/exports

# Signed, with a job and without; what is said, and what lies there.
ok export shop p1 --to "$to" --sign "$keys/alice" --json
base=$(last .package)
sum=$(last .package_sum)
job=$(last .job)
is "$(last '[.signed, .key_fingerprint] | tojson')" "[true,\"$(fingerprint_of alice)\"]" "the end of a signed export"
is "$sum" "$(sha256sum "$base/SHA256SUMS" | cut -d' ' -f1)" "the checksum of the package"
is "$(stat -c %a "$base/SHA256SUMS.sig")" 400 "mode of the signature"
grep -q 'SHA256SUMS.sig' "$base/SHA256SUMS" "$base/reference-point.cfg" && fail "the signature is listed"
grep -rq "$keys" "$base" && fail "the package tells where the key lies"
ok export shop p2 --base p1 --to "$to" --sign "$keys/alice" --no-job
[[ $out == *"checksum of the package: "* && $out == *"signed    with $(fingerprint_of alice)"* ]] || fail "the receipt: $out"
top=$(sed -n 's/^package   //p' <<<"$out")
ok job show "$job" --json
is "$(last '[.package_sum, .signatures[0].key_fingerprint] | tojson')" "[\"$sum\",\"$(fingerprint_of alice)\"]" "what the journal keeps"
ok job show "$job"
[[ $out == *"checksum    $sum"* ]] || fail "job show: $out"
ok job list --json
is "$(jq -r "select(.job == \"$job\").package_sum" <<<"$out")" "$sum" "job list"
ok package show "$base" --json
is "$(last .signed)" true "package show"
ok package list "$to" --json
is "$(jq -sc 'map(.signed)' <<<"$out")" '[true,true]' "package list"

# The stock tools say so too.
(cd "$top" && sha256sum --quiet -c SHA256SUMS) || fail "sha256sum -c"
ssh-keygen -q -Y verify -n refpoint -f "$allowed" -I alice@example.org -s "$top/SHA256SUMS.sig" <"$top/SHA256SUMS" || fail "ssh-keygen"

# Verified: by whom, in each package of the chain; or with which key, where nobody is asked.
ok package verify "$top" --allowed-signers "$allowed" --require-signature
[[ $out == *"signed by alice@example.org (key $(fingerprint_of alice))"* ]] || fail "verify: $out"
[[ $out == *"base package $(basename "$base"): signed by alice@example.org"* ]] || fail "verify of the base: $out"
ok package verify "$top" --allowed-signers "$allowed" --json
verdict=$(last 'del(.package) | tojson')
is "$(last '[.ok, .signed, .signer, .key_fingerprint, (.signatures | map(.signer))] | tojson')" \
    "[true,true,\"alice@example.org\",\"$(fingerprint_of alice)\",[\"alice@example.org\",\"alice@example.org\"]]" "verify --json"
ok package verify "$top" --allowed-signers "$allowed" --job --json
is "$(last '{ok, problems, signed, signer, key_fingerprint, signatures} | tojson')" "$verdict" "verify --job"
ok package verify "$base"
[[ $out == *"signed with $(fingerprint_of alice), which nobody was asked about (give --allowed-signers)"* ]] || fail "nobody asked: $out"
ok package verify "$base" --job
[[ $out == *"which nobody was asked about"* ]] || fail "nobody asked, with a job: $out"
ok package import "$top" --to "$work/imported"

# A checksum that was kept: right, in any case, wrong, none.
ok package verify "$base" --sum "$sum"
ok package verify "$base" --sum "${sum^^}"
run package verify "$base" --sum "${sum//[0-4]/5}" --json
is "$status" 1 "exit status with another checksum"
[[ $(last '.problems[0]') == "SHA256SUMS is not the one that the checksum was of"* ]] || fail "another checksum: $out"
run package verify "$base" --sum "${sum//[0-4]/5}" --job
is "$status" 1 "exit status with another checksum and a job"
refused 32773 package verify "$base" --sum abc
refused 32773 package verify "$base" --sum abc --job

# problem PACKAGE SENTENCE WORDS...: found, with a job and without.
problem() {
    local package=$1 sentence=$2 form
    shift 2
    for form in '' --job; do
        run package verify "$package" "$@" ${form:+"$form"} --json
        is "$status" 1 "exit status of: package verify $package $* $form ($out $err)"
        is "$(last '.problems | length')" 1 "problems of $package: $out"
        # shellcheck disable=SC2053 # a pattern
        [[ $(last '.problems[0]') == $sentence ]] || fail "problem of $package: $out"
    done
}
copy_of() { # package, name
    mkdir -p "$work/copies" # apart: beside the others they would be taken for the base
    cp -a "$1" "$work/copies/$2"
    chmod -R u+w "$work/copies/$2"
    echo "$work/copies/$2"
}
sums_anew() {
    local file
    (cd "$1" && cut -c67- SHA256SUMS | while read -r file; do sha256sum "$file"; done >../sums && cat ../sums >SHA256SUMS && rm ../sums)
}

# Edited, every checksum made anew, the old signature left: found whoever is asked.
edited=$(copy_of "$base" edited)
sed -i 's/name = "p1"/name = "p9"/' "$edited/reference-point.cfg"
sums_anew "$edited"
(cd "$edited" && sha256sum --quiet -c SHA256SUMS) || fail "the checksums were not made anew"
problem "$edited" "SHA256SUMS.sig is not a signature of this SHA256SUMS*incorrect signature*"
problem "$edited" "SHA256SUMS.sig is not a signature of this SHA256SUMS*" --allowed-signers "$allowed"
rm "$edited/SHA256SUMS.sig"
ok package verify "$edited" # which is what no checksum can know
problem "$edited" "SHA256SUMS is not the one that the checksum was of*" --sum "$sum"
problem "$edited" "not signed: there is no SHA256SUMS.sig" --allowed-signers "$allowed" --require-signature
ok package verify "$edited" --allowed-signers "$allowed"
[[ $out == "not signed"* ]] || fail "not signed is not said: $out"
run package import "$(copy_of "$edited" again)" --to "$work/imported-edited"
is "$status" 0 "an unsigned package can be imported"

# Signed anew with a key of somebody's own; for another use; not allowed today.
ssh-keygen -q -Y sign -n refpoint -f "$keys/mallory" "$edited/SHA256SUMS"
ok package verify "$edited" # a key that nobody was asked about
problem "$edited" "signed with $(fingerprint_of mallory), which is not the key of an allowed signer*" --allowed-signers "$allowed"
rm "$edited/SHA256SUMS.sig"
ssh-keygen -q -Y sign -n file -f "$keys/alice" "$edited/SHA256SUMS" 2>/dev/null
problem "$edited" "SHA256SUMS.sig is not a signature of this SHA256SUMS*namespace*" --allowed-signers "$allowed"
echo "alice@example.org valid-before=\"20200101\" $(cat "$keys/alice.pub")" >"$work/expired"
problem "$base" "signed with $(fingerprint_of alice), which is not the key of an allowed signer*" --allowed-signers "$work/expired"

# What is no signature; a link; another file beside it; import sees it too.
odd=$(copy_of "$base" odd)
echo nonsense >"$odd/SHA256SUMS.sig"
problem "$odd" "SHA256SUMS.sig is not a signature of this SHA256SUMS*"
run package import "$odd" --to "$work/imported-odd"
is "$status" 2 "import of a package whose signature does not fit"
cp "$base/SHA256SUMS.sig" "$odd/machines/web01/SHA256SUMS.sig"
cp --remove-destination "$base/SHA256SUMS.sig" "$odd/SHA256SUMS.sig"
problem "$odd" "machines/web01/SHA256SUMS.sig does not belong to the package"
mv "$odd/machines/web01/SHA256SUMS.sig" "$odd/SHA256SUMS.asc"
problem "$odd" "SHA256SUMS.asc does not belong to the package"
rm "$odd/SHA256SUMS.asc" "$odd/SHA256SUMS.sig"
ln -s "$base/SHA256SUMS.sig" "$odd/SHA256SUMS.sig"
run package verify "$odd"
is "$status" 1 "a link in place of the signature"
rm "$odd/SHA256SUMS.sig"

# The chain: the base's signature counts, too.
mv "$base/SHA256SUMS.sig" "$work/kept.sig"
problem "$top" "base package $(basename "$base"): not signed*" --allowed-signers "$allowed" --require-signature
mv "$work/kept.sig" "$base/SHA256SUMS.sig"

# Names that others have chosen reach no terminal as they are.
esc=$(printf '\033]0;x\007\033[31m')
echo "\"eve $esc with ED25519 key SHA256:AAAA\" $(cat "$keys/alice.pub")" >"$work/hostile"
ok package verify "$base" --allowed-signers "$work/hostile"
[[ $out == *"signed by eve "*" (key $(fingerprint_of alice))"* ]] || fail "a name with more in it: $out"
[[ $out != *$'\033'* && $out != *$'\007'* ]] || fail "escape sequences on output"
ok package verify "$base" --allowed-signers "$work/hostile" --job
[[ $out == *"signed by eve "* && $out != *$'\033'* && $out != *$'\007'* ]] || fail "escape sequences on output: $out"
printf 'no signers\n%s\n' "$esc" >"$work/nonsense"
run package verify "$base" --allowed-signers "$work/nonsense"
is "$status" 1
[[ $out$err != *$'\033'* ]] || fail "escape sequences on output"

# What cannot be asked is refused, before anything is read.
refused 32779 package verify "$base" --allowed-signers "$work/nowhere"
refused 32773 package verify "$base" --allowed-signers "$work"
refused 32773 package verify "$base" --require-signature
[[ $err == *--allowed-signers* ]] || fail "whose signatures count: $err"

# The settings: both, with ~/ for the home directory; and --no-sign, --sign beside them.
cp "$allowed" "$keys/allowed_signers"
settings <<<'sign = "~/.ssh/alice"; allowed_signers = "~/.ssh/allowed_signers";'
ok package verify "$top" --require-signature
[[ $out == *"signed by alice@example.org"* ]] || fail "the setting allowed_signers: $out"
ok export shop p1 --to "$to" --json
is "$(last .key_fingerprint)" "$(fingerprint_of alice)" "the setting sign"
ok export shop p1 --to "$to" --no-sign --json
is "$(last '[.signed, .key_fingerprint] | tojson')" '[false,null]' "--no-sign"
[ ! -e "$(last .package)/SHA256SUMS.sig" ] || fail "--no-sign left a signature"
ok export shop p1 --to "$to" --sign "$keys/mallory" --no-job --json
is "$(last .key_fingerprint)" "$(fingerprint_of mallory)" "--sign beside the setting"
refused 32773 export shop p1 --to "$to" --sign "$keys/alice" --no-sign
rm "$XDG_CONFIG_HOME/refpoint/refpoint.cfg"

# Keys that cannot sign are refused before anything is begun, with a word on what helps; no question reaches a terminal.
before=$(ls -A "$to")
jobs=$(ok job list && wc -l <<<"$out")
cannot() { # CODE KEY ADVICE
    local form
    for form in --no-job --detach; do
        refused "$1" export shop p1 --to "$to" --sign "$2" "$form"
        is "$(last .error_key)" export.sign "key of the refusal for $2"
        # shellcheck disable=SC2053 # a pattern
        [[ $err == $3 ]] || fail "advice for $2: $err"
    done
    is "$(ls -A "$to")" "$before" "the export directory after the key $2"
}
cannot 32773 "$keys/locked" "*needs a passphrase*ssh-add*--no-sign*"
cannot 32773 "$keys/locked.pub" "*needs a passphrase*ssh-add*"
cannot 32779 "$keys/nobody" "*cannot read the key*--no-sign*"
cannot 32773 "$allowed" "*is no key that ssh-keygen can sign with*"
cannot 32773 "$keys" "*is no key: it is not a file*"
cp "$keys/alice.pub" "$keys/elsewhere.pub"
cannot 32773 "$keys/elsewhere.pub" "*no agent*ssh-add*"
mkdir "$work/few"
for tool in qemu-img qemu-nbd; do ln -s "$(command -v "$tool")" "$work/few/"; done
without() { PATH=$work/few "$refpoint" "$@" 2>/dev/null; }
without export shop p1 --to "$to" --sign "$keys/alice" --no-job --json >"$work/refusal" && fail "signed without ssh-keygen"
grep -q '"error_key":"export.sign"' "$work/refusal" || fail "without ssh-keygen: $(cat "$work/refusal")"
without package verify "$base" >"$work/unseen" || fail "verify without ssh-keygen"
grep -q "the signature was not looked at: ssh-keygen is not installed" "$work/unseen" || fail "unseen: $(cat "$work/unseen")"
without package verify "$base" --allowed-signers "$allowed" && fail "allowed signers without ssh-keygen"
# A terminal is there, and is not asked.
SSH_ASKPASS=$work/askpass SSH_ASKPASS_REQUIRE=force DISPLAY=:9 timeout 60 script -qec \
    "'$refpoint' export shop p1 --to '$to' --sign '$keys/locked' --no-job" "$work/typescript" </dev/null >/dev/null && fail "signed unasked"
grep -q "ssh-add" "$work/typescript" || fail "no advice on a terminal: $(cat "$work/typescript")"
grep -q "Enter passphrase" "$work/typescript" && fail "the terminal was asked"
is "$(ls -A "$to")" "$before" "the export directory after refusals"
is "$(ok job list && wc -l <<<"$out")" "$jobs" "jobs after refusals"

# The same key, held by an agent: its private half is not touched.
eval "$(ssh-agent -s)" >/dev/null
agent=$SSH_AGENT_PID
printf '#!/bin/sh\necho a passphrase\n' >"$work/askpass"
chmod +x "$work/askpass"
SSH_ASKPASS=$work/askpass SSH_ASKPASS_REQUIRE=force ssh-add -q "$keys/locked" </dev/null
for name in locked locked.pub; do
    ok export shop p1 --to "$to" --sign "$keys/$name" --json
    is "$(last .key_fingerprint)" "$(fingerprint_of locked)" "signed by the agent with $name"
done
mv "$keys/locked" "$work/gone"
ok export shop p1 --to "$to" --sign "$keys/locked.pub" --no-job --json
signed=$(last .package)
ssh-keygen -q -Y check-novalidate -n refpoint -s "$signed/SHA256SUMS.sig" <"$signed/SHA256SUMS" || fail "the agent's signature"

# The agent is gone when the export comes to its end: no package, nothing left, and what to do.
before=$(ls -A "$to")
hold 'check *'
ok export shop p1 --to "$to" --sign "$keys/locked.pub" --detach --json
job=$(last .job)
until [ -e "$work/held" ]; do :; done
kill "$agent"
agent=
let_go
run job attach "$job" --json
is "$status" 1 "exit status without the agent"
is "$(last '[.job_state, .error_key, .package, .package_sum] | tojson')" '[10,"export.sign",null,null]' "the end without the agent"
[[ $err == *ssh-add* ]] || fail "advice without the agent: $err"
is "$(ls -A "$to")" "$before" "the export directory without the agent"
echo "signed packages: all as it should be"
