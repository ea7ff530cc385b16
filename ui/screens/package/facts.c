#include "ui/screens/package/facts.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/base/units.h"

struct package_state package_state_of(const struct package_row *row)
{
    if (row->problem)
        return (struct package_state){SIGN_BAD, ROLE_ERROR, "damaged"};
    switch (row->state) {
    case PACKAGE_PROVEN:
        return (struct package_state){SIGN_GOOD, ROLE_SUCCESS, "verified"};
    case PACKAGE_TOUCHED:
        return (struct package_state){SIGN_WARNING, ROLE_WARNING, "touched"};
    default:
        return (struct package_state){SIGN_WARNING, ROLE_WARNING, "not verified"};
    }
}

static const char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static char *when_text(struct moment moment, struct moment now)
{
    char time[32];
    char offset[16];
    char age[32];
    moment_format_list(moment, true, time, sizeof time);
    moment_format_offset(moment, offset, sizeof offset);
    moment_format_age(moment, now, age, sizeof age);
    return mem_format("%s %s (%s)", time, offset, age);
}

/* --- what it stands on, and what stands on it --- */

static void tell_base(struct facts *facts, const struct package_rows *rows, size_t index)
{
    CLEANUP_STRBUF struct strbuf chain = {0};
    const struct package_row *row = &rows->items[index];
    size_t steps = 0; /* records can claim anything, a circle too */
    if (!package_row_is_differential(row)) {
        facts_addf(facts, ROLE_NORMAL, "Base", "none: it is full, and stands on no other package");
        return;
    }
    while (row->base != SIZE_MAX && steps++ < rows->count) {
        row = &rows->items[row->base];
        CLEANUP_FREE char *name = text_escape(row->name);
        strbuf_addf(&chain, "%son %s (%s)", chain.length > 0 ? ", " : "", name, folder_of(row->path));
    }
    if (!package_row_is_differential(row)) {
        facts_addf(facts, ROLE_NORMAL, "Base", "%s, which is full", chain.data);
        return;
    }
    if (chain.length > 0)
        facts_addf(facts, ROLE_NORMAL, "Base", "%s", chain.data);
    facts_addf(facts, ROLE_WARNING, chain.length > 0 ? "" : "Base",
               "the package %s beneath is not in this directory: without it nothing can be read",
               row->package.base_package_id.text);
}

static bool stands_on(const struct package_rows *rows, size_t index, size_t beneath)
{
    size_t steps = 0;
    for (size_t at = rows->items[index].base; at != SIZE_MAX && steps++ < rows->count;
         at = rows->items[at].base) {
        if (at == beneath)
            return true;
    }
    return false;
}

static void tell_dependents(struct facts *facts, const struct package_rows *rows, size_t index)
{
    CLEANUP_STRBUF struct strbuf names = {0};
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        if (i == index || !stands_on(rows, i, index))
            continue;
        CLEANUP_FREE char *name = text_escape(rows->items[i].name);
        strbuf_addf(&names, "%s%s", count++ > 0 ? ", " : "", name);
    }
    if (count == 0)
        facts_addf(facts, ROLE_NORMAL, "Needed by", "no package in this directory");
    else
        facts_addf(facts, ROLE_NORMAL, "Needed by", "%zu here: %s", count, names.data);
}

/* --- parts --- */

static void tell_state(struct facts *facts, const struct package_row *row, struct moment now)
{
    const struct package_state state = package_state_of(row);
    if (row->state == PACKAGE_PROVEN) {
        CLEANUP_FREE char *when = when_text(row->proof.when, now);
        facts_addf(facts, state.role, "State", "verified %s, %s", when,
                   strcmp(row->proof.how, PROOF_HOW_EXPORT) == 0 ? "by the proof of its export"
                                                                 : "every byte was read");
    } else if (row->state == PACKAGE_TOUCHED) {
        facts_addf(facts, state.role, "State",
                   "touched: it was verified once, but its files are not what they were then");
    } else {
        facts_addf(facts, state.role, "State", "not verified on this machine%s",
                   row->package.verified ? "; its record says that its export was" : "");
    }
}

static void tell_disk(struct facts *facts, const struct package_disk *disk, bool first, bool whole)
{
    char size[16];
    size_format(disk->virtual_size, size, sizeof size);
    CLEANUP_FREE char *machine = text_escape(disk->machine);
    facts_addf(facts, ROLE_NORMAL, first ? "Disks" : "", "%s %s  %s of %s, %s%s%s", machine, disk->disk,
               disk->differential ? "differences" : "all", size, disk_format_word(disk->format),
               whole ? "  " : "", whole ? disk->file : "");
    if (whole && disk->reason)
        facts_addf(facts, ROLE_DIM, "", "full although differential was asked: %s", disk->reason);
}

static void tell_check(struct facts *facts, const struct package_row *row)
{
    const char *const verify[] = {"refpoint", "package", "verify", row->path, NULL};
    CLEANUP_FREE char *quoted = text_shell_quote(row->path);
    facts_add_command(facts, "Check", verify);
    if (!row->problem)
        facts_addf(facts, ROLE_NORMAL, "By hand", "cd %s && sha256sum -c SHA256SUMS", quoted);
}

static void tell_machines(struct facts *facts, const struct reference_point *point)
{
    for (size_t i = 0; i < point->member_count; i++) {
        const struct machine *machine = &point->members[i].machine;
        facts_addf(facts, ROLE_NORMAL, i == 0 ? "Machines" : "", "%s  %s",
                   machine->name ? machine->name : "?", machine->id.text);
    }
}

static void tell_bases(struct facts *facts, const struct package *package, struct moment now)
{
    for (size_t i = 0; i < package->base_count; i++) {
        const struct package_base *base = &package->bases[i];
        CLEANUP_FREE char *when = base->verified.seconds ? when_text(base->verified, now) : NULL;
        facts_addf(facts, ROLE_NORMAL, i == 0 ? "Beneath" : "", "%s, verified when this was made: %s",
                   base->id.text, when ? when : "no");
    }
    for (size_t i = 0; i < package->origin_count; i++)
        facts_addf(facts, ROLE_NORMAL, i == 0 ? "Made of" : "", "%s", package->origins[i].package_id.text);
}

static void tell_record(struct facts *facts, const struct package *package, struct moment now)
{
    const struct reference_point *point = &package->point;
    CLEANUP_FREE char *exported = when_text(package->exported, now);
    facts_addf(facts, ROLE_NORMAL, "Exported", "%s by %s", exported,
               package->exporter ? package->exporter : "?");
    tell_machines(facts, point);
    tell_bases(facts, package, now);
    facts_addf(facts, ROLE_NORMAL, "Id", "%s", package->id.text);
    facts_addf(facts, ROLE_NORMAL, "", "collection %s", point->collection_id.text);
    facts_addf(facts, ROLE_NORMAL, "", "point %s", point->id.text);
    facts_addf(facts, ROLE_NORMAL, "Record", "sha256 %s", package->record_sha256);
    if (package->base_record_sha256)
        facts_addf(facts, ROLE_NORMAL, "", "of the base %s", package->base_record_sha256);
}

static void tell_files(struct facts *facts, const struct package *package)
{
    for (size_t i = 0; i < package->file_count; i++) {
        char size[16];
        size_format(package->files[i].size, size, sizeof size);
        facts_addf(facts, ROLE_NORMAL, i == 0 ? "Files" : "", "%s  %s", package->files[i].name, size);
    }
}

static void tell_damaged(struct facts *facts, const struct package_row *row)
{
    if (row->path)
        facts_add(facts, ROLE_NORMAL, "Path", mem_strdup(row->path));
    facts_add(facts, ROLE_ERROR, "Damaged", mem_strdup(row->problem));
    if (row->path)
        tell_check(facts, row);
}

static void tell_sound(struct facts *facts, const struct package_rows *rows, size_t index, struct moment now,
                       bool whole)
{
    const struct package_row *row = &rows->items[index];
    const struct package *package = &row->package;
    CLEANUP_FREE char *created = when_text(package->point.created, now);
    char size[16];
    size_format(row->bytes, size, sizeof size);
    facts_add(facts, ROLE_NORMAL, "Path", mem_strdup(row->path));
    facts_addf(facts, ROLE_NORMAL, "Point", "%s, %s", row->name, created);
    tell_base(facts, rows, index);
    tell_dependents(facts, rows, index);
    tell_state(facts, row, now);
    facts_addf(facts, ROLE_NORMAL, "Signed", "%s",
               package->is_signed ? "yes; verifying it says by whom" : "no");
    if (whole)
        facts_addf(facts, ROLE_NORMAL, "Size", "%s in %zu files", size, package->file_count);
    for (size_t i = 0; i < package->disk_count; i++)
        tell_disk(facts, &package->disks[i], i == 0, whole);
    tell_check(facts, row);
    if (!whole)
        return;
    tell_record(facts, package, now);
    tell_files(facts, package);
}

void package_facts_make(struct facts *facts, const struct package_rows *rows, size_t index, struct moment now,
                        bool whole)
{
    if (index >= rows->count)
        return;
    if (rows->items[index].problem)
        tell_damaged(facts, &rows->items[index]);
    else
        tell_sound(facts, rows, index, now, whole);
}
