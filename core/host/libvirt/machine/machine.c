#include "core/host/libvirt/machine/machine.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/definition/domain_xml.h"
#include "core/definition/rewrite.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/system/fs.h"

void host_machine_clear(struct host_machine *machine)
{
    domain_release(&machine->domain);
    machine_clear(&machine->machine);
    for (size_t i = 0; i < machine->refused_count; i++)
        free(machine->refused[i].id);
    free(machine->refused);
    *machine = (struct host_machine){0};
}

static bool is_named(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* Each disk alone, so that each has its own reason. */
static void find_refused(struct host_machine *made, const char *text, char *const *ids, size_t count,
                         const char *const *without, size_t without_count)
{
    CLEANUP_FREE const char **others = mem_alloc((count + 1) * sizeof *others);
    for (size_t i = 0; i < count; i++) {
        struct machine alone;
        struct error why = {0};
        size_t other_count = 0;
        if (is_named(without, without_count, ids[i]))
            continue;
        for (size_t j = 0; j < count; j++) {
            if (j != i)
                others[other_count++] = ids[j];
        }
        if (domain_xml_read_without(&alone, text, others, other_count, &why)) {
            machine_clear(&alone);
            continue;
        }
        *ARRAY_APPEND(made->refused, made->refused_count) =
            (struct refused_disk){.id = mem_strdup(ids[i]), .why = why};
    }
}

/* What the operator left out, as far as the machine still has it. */
static const char **names_left_out(const struct machine *stored, char *const *ids, size_t id_count,
                                   size_t *count)
{
    const char **names = NULL;
    for (size_t i = 0; stored && i < stored->left_out_count; i++) {
        const struct machine_left_out *item = &stored->left_out[i];
        bool there =
            item->by_operator && item->device && is_named((const char *const *)ids, id_count, item->device);
        if (there)
            *ARRAY_APPEND(names, *count) = item->device;
    }
    return names;
}

static void forget_as_left_out(struct machine *machine, const char *id)
{
    size_t kept = 0;
    for (size_t i = 0; i < machine->left_out_count; i++) {
        struct machine_left_out *item = &machine->left_out[i];
        if (item->by_operator && item->device && strcmp(item->device, id) == 0)
            machine_left_out_clear(item);
        else
            machine->left_out[kept++] = *item;
    }
    machine->left_out_count = kept;
}

/* The machine cannot write to it, and it may be many machines' at once: skipped, which is said. */
static void skip_read_only(struct machine *machine, char *const *ids, size_t count)
{
    for (size_t i = 0; i < machine->left_out_count; i++) {
        struct machine_left_out *item = &machine->left_out[i];
        if (!item->by_operator || !item->device || !is_named((const char *const *)ids, count, item->device))
            continue;
        item->by_operator = false;
        mem_replace(&item->reason, "is read-only to the machine, and skipped");
    }
}

/* What it holds goes when the machine ends, and QEMU writes it to a file that nobody names. */
static void refuse_transient(struct host_machine *made, const char *id)
{
    struct error why = {0};
    error_set(&why, RETURN_NOT_SUPPORTED, "disk.transient",
              "disk %s is transient: it is reset when the machine ends", id);
    error_next(&why, "take <transient/> out of the machine's definition");
    *ARRAY_APPEND(made->refused, made->refused_count) =
        (struct refused_disk){.id = mem_strdup(id), .why = why};
}

struct names {
    char **ids;
    size_t count;
};

static bool add_of_kind(const char *text, struct host_machine *made, const char ***without, size_t *count,
                        struct names *fixed, struct error *err)
{
    struct names transient = {0};
    if (!domain_xml_disk_ids(text, "readonly", &fixed->ids, &fixed->count, err) ||
        !domain_xml_disk_ids(text, "transient", &transient.ids, &transient.count, err))
        return false;
    for (size_t i = 0; i < transient.count; i++) {
        if (is_named(*without, *count, transient.ids[i]))
            continue;
        refuse_transient(made, transient.ids[i]);
        *ARRAY_APPEND(*without, *count) = made->refused[made->refused_count - 1].id;
    }
    for (size_t i = 0; i < fixed->count; i++) {
        if (!is_named(*without, *count, fixed->ids[i]))
            *ARRAY_APPEND(*without, *count) = fixed->ids[i];
    }
    fs_free_names(transient.ids, transient.count);
    return true;
}

static bool read_text(struct host_machine *made, const char *text, const struct machine *stored,
                      struct error *err)
{
    struct names fixed = {0};
    char **ids = NULL;
    size_t id_count = 0;
    size_t without_count = 0;
    if (!domain_xml_disk_ids(text, NULL, &ids, &id_count, err))
        return false;
    const char **without = names_left_out(stored, ids, id_count, &without_count);
    bool ok = add_of_kind(text, made, &without, &without_count, &fixed, err) &&
              domain_xml_read_without(&made->machine, text, without, without_count, err);
    if (!ok && id_count > 0) {
        size_t before = made->refused_count;
        find_refused(made, text, ids, id_count, without, without_count);
        for (size_t i = before; i < made->refused_count; i++)
            *ARRAY_APPEND(without, without_count) = made->refused[i].id;
        ok = made->refused_count > before &&
             domain_xml_read_without(&made->machine, text, without, without_count, err);
    }
    for (size_t i = 0; ok && i < made->refused_count; i++)
        forget_as_left_out(&made->machine, made->refused[i].id);
    if (ok)
        skip_read_only(&made->machine, fixed.ids, fixed.count);
    free(without);
    fs_free_names(fixed.ids, fixed.count);
    fs_free_names(ids, id_count);
    return ok;
}

/* With the disks of `machine`, and no chains: what is beneath an image is what its header says. */
static bool rewrite(const char *text, const struct machine *machine, char **made, struct error *err)
{
    struct definition_disk *disks = NULL;
    size_t count = 0;
    char **notes = NULL;
    size_t note_count = 0;
    for (size_t i = 0; i < machine->disk_count; i++) {
        const struct disk *disk = &machine->disks[i];
        if (!disk->detached)
            *ARRAY_APPEND(disks, count) =
                (struct definition_disk){.id = disk->id, .path = disk->path, .format = disk->format};
    }
    const struct definition_change change = {.disks = disks, .disk_count = count};
    bool ok = definition_rewrite(text, &change, made, &notes, &note_count, err);
    fs_free_names(notes, note_count);
    free(disks);
    return ok || error_context(err, "the definition of the machine %s", machine->name);
}

static bool has_same_disks(const char *text, const struct machine *machine)
{
    char **ids = NULL;
    size_t count = 0;
    struct error ignored;
    if (!domain_xml_disk_ids(text, NULL, &ids, &count, &ignored))
        return false;
    bool same = true;
    for (size_t i = 0; same && i < machine->disk_count; i++)
        same = is_named((const char *const *)ids, count, machine->disks[i].id);
    fs_free_names(ids, count);
    return same;
}

/* A disk that was plugged in for this run only is in no definition: then it is the running machine's that
 * tells what it is. */
static bool read_definition(struct host_machine *made, const char *now, struct error *err)
{
    CLEANUP_FREE char *next = NULL;
    char *kept = NULL;
    if (!domain_read(made->domain, DOMAIN_TEXT_NEXT, &next, err))
        return false;
    const char *text = has_same_disks(next, &made->machine) ? next : now;
    if (!rewrite(text, &made->machine, &kept, err))
        return false;
    free(made->machine.domain_xml);
    made->machine.domain_xml = kept;
    return true;
}

bool host_machine_read(virDomainPtr domain, const struct machine *stored, struct host_machine *made,
                       struct error *err)
{
    CLEANUP_FREE char *now = NULL;
    enum machine_state state;
    *made = (struct host_machine){.domain = domain};
    bool ok = domain_state(domain, &state, err) && domain_read(domain, DOMAIN_TEXT_NOW, &now, err) &&
              read_text(made, now, stored, err) && read_definition(made, now, err);
    if (!ok) {
        error_context(err, "machine %s", libvirt()->virDomainGetName(domain));
        host_machine_clear(made);
        return false;
    }
    made->machine.state = state;
    return true;
}

bool host_machine_check_disks(const struct host_machine *machine, struct error *err)
{
    CLEANUP_STRBUF struct strbuf reasons = {0};
    if (machine->refused_count == 0)
        return true;
    const struct error *first = &machine->refused[0].why;
    for (size_t i = 0; i < machine->refused_count; i++)
        strbuf_addf(&reasons, "%s%s", i ? "; " : "", machine->refused[i].why.what);
    CLEANUP_FREE char *quoted = text_shell_quote(machine->machine.name);
    error_set(err, first->code, first->key, "machine %s: %s", machine->machine.name, reasons.data);
    error_cause(err, "%s", first->cause);
    if (first->code != RETURN_NOT_SUPPORTED)
        return error_next(err, "%s", first->next);
    return error_next(err,
                      "Leave such a disk out of the machine's points by your word (refpoint machine set %s "
                      "--without %s), or: %s",
                      quoted, machine->refused[0].id, first->next);
}

void host_machine_tell_refused(const struct host_machine *made, struct machine *machine)
{
    for (size_t i = 0; i < made->refused_count; i++) {
        const struct refused_disk *refused = &made->refused[i];
        *ARRAY_APPEND(machine->left_out, machine->left_out_count) =
            (struct machine_left_out){.kind = mem_strdup("disk"),
                                      .device = mem_strdup(refused->id),
                                      .reason = mem_format("cannot be frozen: %s", refused->why.what)};
    }
}

bool host_machine_redefine(virConnectPtr connect, virDomainPtr domain, const struct machine *machine,
                           struct error *err)
{
    CLEANUP_FREE char *text = NULL;
    CLEANUP_FREE char *made = NULL;
    if (libvirt()->virDomainIsPersistent(domain) == 0)
        return true; /* it has no definition that outlives it */
    if (!domain_read(domain, DOMAIN_TEXT_REDEFINE, &text, err) || !rewrite(text, machine, &made, err))
        return false;
    return strcmp(text, made) == 0 || domain_define(connect, made, machine->name, err);
}

bool host_machine_read_disk(virDomainPtr domain, enum domain_text which, const char *id, struct disk *disk,
                            struct error *err)
{
    CLEANUP_FREE char *text = NULL;
    char **ids = NULL;
    size_t count = 0;
    size_t others = 0;
    struct machine read;
    *disk = (struct disk){0};
    if (!domain_read(domain, which, &text, err) || !domain_xml_disk_ids(text, NULL, &ids, &count, err))
        return false;
    CLEANUP_FREE const char **without = mem_alloc((count + 1) * sizeof *without);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(ids[i], id) != 0)
            without[others++] = ids[i];
    }
    bool ok = domain_xml_read_without(&read, text, without, others, err);
    if (ok && read.disk_count > 0)
        disk_copy(disk, &read.disks[0]);
    if (ok)
        machine_clear(&read);
    fs_free_names(ids, count);
    return ok;
}

bool host_machine_redefine_disk(virConnectPtr connect, virDomainPtr domain, const char *disk,
                                const char *path, enum disk_format format, struct error *err)
{
    CLEANUP_FREE char *id = mem_strdup(disk);
    CLEANUP_FREE char *image = mem_strdup(path);
    CLEANUP_FREE char *name = mem_strdup(libvirt()->virDomainGetName(domain));
    struct disk only = {.id = id, .path = image, .format = format};
    const struct machine machine = {.name = name, .disks = &only, .disk_count = 1};
    return host_machine_redefine(connect, domain, &machine, err);
}
