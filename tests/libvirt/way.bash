# The way of one definition: defined, added, two points with starts of the machine between them, exported in full and as a
# difference, imported, defined again, started. Sourced; run.sh goes it in a subshell for each definition.

# What run.sh sets: the row of its table, and what it made of it.
kind='' words='' dir='' program=${program-}
members=() add_options=()
# What the way sets: where it is, and the names by which libvirt knows the machine and the copy beside it.
step=prepare machine='' copy=''

# What fails from here on fails this step, and ends the way.
at() { step=$1; }

wrong() {
    printf '%s\n' "$*" >"$dir/why"
    exit 1
}

end_of_way() {
    local status=$? name
    for name in "$machine" "$copy"; do
        [ -n "$name" ] || continue
        virsh --quiet destroy "$name" >/dev/null 2>&1 || true
        virsh --quiet undefine --nvram "$name" >/dev/null 2>&1 || true
    done
    if [ "$status" = 0 ]; then
        echo passed >"$dir/result"
    else
        [ -s "$dir/why" ] || tail -n 3 "$dir/stderr" >"$dir/why"
        echo "$step" >"$dir/result"
    fi
}

refpoint() { "$program" --store "$dir/store" "$@"; }

# refused_with CODE WORDS...: refpoint refuses, with that number.
refused_with() {
    local code=$1 status=0 out
    shift
    out=$(refpoint "$@" --json) || status=$?
    [ "$status" = 2 ] || wrong "refpoint $*: exit status $status, not 2"
    [ "$(tail -n 1 <<<"$out" | jq -r .return_value)" = "$code" ] || wrong "refpoint $*: not $code: $out"
}

# start NAME DISKS START: the guest finds what it wrote on its earlier starts.
start() {
    local heard want
    heard=$(said "$1")
    want=$(expected "$kind" "$2" "$3")
    [ "$heard" = "$want" ] || wrong "the guest says \"$heard\", not \"$want\""
}

define() { # FILE: prints the name that libvirt knows it by
    virsh define "$1" | sed -n "s/^Domain '\(.*\)' defined from .*/\1/p"
}

export_point() { # POINT WORDS...: prints the package's directory
    refpoint export all "$@" --json | tail -n 1 | jq -er .package
}

only_definition() { # DIRECTORY of an import
    local found=("$1"/*/domain.xml)
    if [ ${#found[@]} != 1 ] || [ ! -f "${found[0]}" ]; then wrong "import wrote no domain.xml, or several"; fi
    printf '%s' "${found[0]}"
}

has() { [[ " $words " == *" $1 "* ]]; }

# What the program is given as the definition.
give() {
    if has running; then
        virsh --quiet start --paused "$machine"
        virsh --quiet dumpxml "$machine" >"$dir/given.xml"
        virsh --quiet destroy "$machine"
    elif has as-written; then
        cp "$dir/definition.xml" "$dir/given.xml"
    else
        virsh --quiet dumpxml "$machine" >"$dir/given.xml"
    fi
}

# The definition as the program says that it must be now, to libvirt and back to the program.
put_right() {
    at definition
    refpoint machine definition "$machine" >"$dir/right.xml"
    at redefine
    # A definition without a UUID is another machine to libvirt, which gave one to this.
    grep -q "<uuid>" "$dir/right.xml" || virsh --quiet undefine --keep-nvram "$machine"
    define "$dir/right.xml" >/dev/null
    at set
    refpoint machine set "$machine" --domain-xml "$dir/right.xml" >/dev/null
}

# Everything that holds data and is no member is listed: media in drives, what the operator left out, the store that has no name.
everything_else_is_listed() {
    local listed word
    listed=$(refpoint machine list --json | jq -c '.left_out[]?')
    while read -r word; do
        grep -qF "$word" <<<"$listed" || wrong "$word is not in left_out of the machine's list: ${listed:-nothing}"
    done < <(
        find "$dir/media" -type f -printf '%f\n'
        ! has left-out || echo cache.qcow2
        ! has no-store || echo nvram
    )
}

addresses() { # NAME
    virsh --quiet domiflist "$1" | awk 'NF { print $NF }' | sort
}

same_files() { # two imports: all that is not a text with paths in it
    local file
    while IFS= read -r -d '' file; do
        case $file in
        */domain.xml | */machine.cfg | ./PATHS.txt) [ -f "$2/$file" ] || wrong "no $file in the import of the full export" ;;
        *.qcow2) qemu-img compare -q -f qcow2 -F qcow2 "$1/$file" "$2/$file" || wrong "$file differs" ;;
        *) cmp -s "$1/$file" "$2/$file" || wrong "$file differs" ;;
        esac
    done < <(cd "$1" && find . -type f -print0)
}

walk() {
    local disks=${#members[@]} seen uuid first second full file
    seen=$disks # how many its guest sees before it is exported
    ! has left-out || seen=$((disks + 1))

    at define
    machine=$(define "$dir/definition.xml")
    [ -n "$machine" ] || wrong "libvirt did not define it"
    at start
    start "$machine" "$seen" 1

    at add
    give
    refpoint machine add --domain-xml "$dir/given.xml" "${add_options[@]}" >/dev/null
    refpoint collection define all --member "$machine" >/dev/null
    at list
    everything_else_is_listed

    if has fixed-chain; then
        at refuse
        refused_with 32770 point create all --name one
        put_right
    fi
    at point-one
    if has raw; then
        refpoint point create all --name one --raw-to-qcow2 >/dev/null
        put_right
    else
        refpoint point create all --name one >/dev/null
    fi

    at start-above-one
    start "$machine" "$seen" 2
    at point-two
    refpoint point create all --name two >/dev/null
    at start-above-two
    start "$machine" "$seen" 3

    at export
    mkdir "$dir/exports" "$dir/exports-full"
    first=$(export_point one --to "$dir/exports")
    second=$(export_point two --to "$dir/exports" --base one --strict)
    full=$(export_point two --to "$dir/exports-full")

    # The first point beside the machine: another name, another UUID, other addresses.
    at import-beside
    refpoint package import "$first" --to "$dir/beside" --as "$machine (one)" >/dev/null
    at define-beside
    file=$(only_definition "$dir/beside")
    copy=$(define "$file")
    [ "$copy" = "$machine (one)" ] || wrong "it is called \"$copy\""
    [ "$(virsh --quiet domuuid "$copy")" != "$(virsh --quiet domuuid "$machine")" ] || wrong "the UUID is the machine's"
    [ -z "$(comm -12 <(addresses "$copy") <(addresses "$machine"))" ] || wrong "a network address is the machine's"
    at start-beside
    start "$copy" "$disks" "$(has no-store && echo 1 || echo 2)"

    # The second point in the place of the machine, of which nothing is there any more.
    at import
    uuid=$(virsh --quiet domuuid "$machine")
    virsh --quiet undefine --nvram "$machine"
    mv "$dir/images" "$dir/images-that-were"
    refpoint package import "$second" --to "$dir/restored" >/dev/null
    refpoint package import "$full" --to "$dir/restored-full" >/dev/null
    at full-is-difference
    same_files "$dir/restored" "$dir/restored-full"
    at define-restored
    file=$(only_definition "$dir/restored")
    [ "$(define "$file")" = "$machine" ] || wrong "it has another name"
    if grep -q "<uuid>" "$dir/given.xml"; then
        [ "$(virsh --quiet domuuid "$machine")" = "$uuid" ] || wrong "it has another UUID"
    fi
    at start-restored
    start "$machine" "$disks" "$(has no-store && echo 1 || echo 3)"
}
