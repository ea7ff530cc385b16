/* A machine that comes with libvirt's definition of it: what is not set beside it is read from there. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/definition/domain_xml.h"
#include "core/definition/faults.h"
#include "core/definition/rewrite.h"
#include "core/host/local/internal.h"
#include "core/system/fs.h"

static struct disk *find_disk(const struct machine *machine, const char *id)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (strcmp(machine->disks[i].id, id) == 0)
            return &machine->disks[i];
    }
    return NULL;
}

/* A stored definition rarely tells the chain of an image, so that backing files may be named beside it; and
 * never that raw content is meant to look like something else. */
static bool add_given(struct machine *read, const struct disk *given, struct error *err)
{
    struct disk *disk = find_disk(read, given->id);
    if (!disk) {
        error_set(err, RETURN_INVALID_PARAMETER, "machine.definition", "the definition has no disk %s",
                  given->id);
        error_cause(err, "%s",
                    given->raw_content ? "its content was vouched for" : "a backing file was named for it");
        return error_next(err, "Name a disk by its target in the definition, such as vda.");
    }
    disk->raw_content = given->raw_content;
    for (size_t i = 0; i < given->backing_count; i++) {
        *ARRAY_APPEND(disk->backing, disk->backing_count) = (struct backing_file){
            .path = mem_strdup(given->backing[i].path), .format = given->backing[i].format};
    }
    return true;
}

void local_set_processors(struct machine_settings *settings, uint32_t cpus)
{
    settings->cpus = cpus;
    if (cpus >= settings->cpus_ceiling)
        settings->cpus_ceiling = 0;
}

static void prefer_text(char **read, const char *given)
{
    if (given)
        mem_replace(read, given);
}

static void prefer_given(struct machine *read, const struct machine *given)
{
    if (!guid_is_none(&given->id))
        read->id = given->id;
    if (given->settings.cpus)
        local_set_processors(&read->settings, given->settings.cpus);
    if (given->settings.memory)
        read->settings.memory = given->settings.memory;
    prefer_text(&read->name, given->name);
    prefer_text(&read->settings.firmware, given->settings.firmware);
    prefer_text(&read->settings.architecture, given->settings.architecture);
    prefer_text(&read->settings.machine_type, given->settings.machine_type);
    for (size_t i = 0; i < given->adapter_count; i++) {
        *ARRAY_APPEND(read->adapters, read->adapter_count) =
            (struct network_adapter){.mac = mem_strdup(given->adapters[i].mac),
                                     .network = mem_strdup(given->adapters[i].network),
                                     .model = mem_strdup(given->adapters[i].model)};
    }
}

/* Those that the operator leaves out now, and those that were left out before. */
static const char **disks_left_out(const struct machine *machine, const struct machine *earlier,
                                   size_t *count)
{
    const char **ids = NULL;
    machine_left_out_disks(machine, &ids, count);
    for (size_t i = 0; i < earlier->disk_count; i++)
        *ARRAY_APPEND(ids, *count) = earlier->disks[i].id;
    return ids;
}

/* What was left out of an earlier definition counts as far as this one has it. */
static bool keep_those_there_are(const char *text, struct machine *left_out, struct error *err)
{
    struct definition_fault *faults = NULL;
    size_t count = 0;
    if (!definition_faults(text, left_out, &faults, &count, err))
        return false;
    for (size_t i = 0; left_out->disks && i < count; i++) {
        struct disk *disk = faults[i].kind == DEFINITION_NO_DISK ? find_disk(left_out, faults[i].disk) : NULL;
        if (!disk)
            continue;
        disk_clear(disk);
        *disk = left_out->disks[--left_out->disk_count];
    }
    definition_faults_free(faults, count);
    return true;
}

static bool read_without(struct machine *read, const struct machine *machine, const struct machine *other,
                         struct error *err)
{
    struct machine earlier = {0};
    for (size_t i = 0; other && i < other->left_out_count; i++) {
        if (other->left_out[i].by_operator && other->left_out[i].device)
            *ARRAY_APPEND(earlier.disks, earlier.disk_count) =
                (struct disk){.id = mem_strdup(other->left_out[i].device), .path = mem_strdup("")};
    }
    if (!keep_those_there_are(machine->domain_xml, &earlier, err)) {
        machine_clear(&earlier);
        return false;
    }
    size_t count = 0;
    const char **without = disks_left_out(machine, &earlier, &count);
    bool ok = domain_xml_read_without(read, machine->domain_xml, without, count, err);
    free(without);
    machine_clear(&earlier);
    return ok;
}

bool local_read_definition(struct machine *machine, struct error *err)
{
    struct machine read;
    if (!machine->domain_xml)
        return true;
    if (!read_without(&read, machine, NULL, err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < machine->disk_count && ok; i++)
        ok = add_given(&read, &machine->disks[i], err);
    if (!ok) {
        machine_clear(&read);
        return false;
    }
    struct machine described;
    machine_copy(&described, &read);
    prefer_given(&read, machine);
    ok = local_change_definition(&read, &described, err);
    machine_clear(&described);
    if (!ok) {
        machine_clear(&read);
        return false;
    }
    machine_clear(machine);
    *machine = read;
    return true;
}

static bool refuse_moved(const struct machine *stored, const struct disk *disk, const char *path,
                         struct error *err)
{
    CLEANUP_FREE char *quoted = text_shell_quote(stored->name);
    error_set(err, RETURN_INVALID_STATE, "machine.disk-moved", "the definition has disk %s at %s", disk->id,
              path);
    error_cause(err, "the store knows it at %s", disk->path);
    return error_next(
        err,
        "If the machine runs on an external snapshot, bring it back first (virsh blockcommit "
        "--active --pivot). If its files were moved: refpoint machine move %s --to DIR --moved.",
        quoted);
}

/* Each disk that the machine has is there as it is, or is detached. */
static bool settle_known_disks(struct machine *stored, const struct machine *read, struct error *err)
{
    for (size_t i = 0; i < stored->disk_count; i++) {
        struct disk *disk = &stored->disks[i];
        const struct disk *now = find_disk(read, disk->id);
        disk->detached = !now;
        if (now && strcmp(now->path, disk->path) != 0)
            return refuse_moved(stored, disk, now->path, err);
        if (!now || now->format == disk->format)
            continue;
        error_set(err, RETURN_NOT_SUPPORTED, "machine.disk-format", "the definition says that disk %s is %s",
                  disk->id, disk_format_word(now->format));
        error_cause(err, "it is %s", disk_format_word(disk->format));
        CLEANUP_FREE char *quoted = text_shell_quote(stored->name);
        return error_next(
            err,
            "Correct its <driver type=...>: refpoint machine definition %s prints the one that is "
            "kept, put right.",
            quoted);
    }
    return true;
}

static void add_new_disks(struct machine *stored, const struct machine *read)
{
    for (size_t i = 0; i < read->disk_count; i++) {
        if (!find_disk(stored, read->disks[i].id))
            disk_copy(ARRAY_APPEND(stored->disks, stored->disk_count), &read->disks[i]);
    }
}

static void take_surroundings(struct machine *stored, const struct machine *read)
{
    machine_clear_surroundings(stored);
    for (size_t i = 0; i < read->file_count; i++)
        machine_file_copy(ARRAY_APPEND(stored->files, stored->file_count), &read->files[i]);
    for (size_t i = 0; i < read->left_out_count; i++)
        machine_left_out_copy(ARRAY_APPEND(stored->left_out, stored->left_out_count), &read->left_out[i]);
}

static void take_adapters(struct machine *stored, struct machine *read)
{
    struct network_adapter *adapters = stored->adapters;
    size_t count = stored->adapter_count;
    stored->adapters = read->adapters;
    stored->adapter_count = read->adapter_count;
    read->adapters = adapters;
    read->adapter_count = count;
}

static bool check_same_machine(const struct machine *stored, const struct machine *read, struct error *err)
{
    if (guid_is_none(&read->id) || guid_equal(&read->id, &stored->id))
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "machine.definition",
              "this is the definition of another machine: %s, with the UUID %s", read->name, read->id.text);
    error_cause(err, "%s has the UUID %s", stored->name, stored->id.text);
    if (!stored->domain_xml)
        return error_next(err,
                          "If it is this machine, which was added by hand and got a UUID of the store's own: "
                          "take the line <uuid> out of the file. If it is another one, add it (refpoint "
                          "machine add --domain-xml FILE).");
    return error_next(
        err, "Give the definition of this machine, or add the other one as a new one (refpoint machine "
             "add --domain-xml FILE).");
}

bool local_take_machine(struct machine *stored, struct machine *read, struct error *err)
{
    if (!check_same_machine(stored, read, err) || !settle_known_disks(stored, read, err))
        return false;
    add_new_disks(stored, read);
    take_surroundings(stored, read);
    take_adapters(stored, read);
    mem_replace(&stored->name, read->name);
    machine_settings_clear(&stored->settings);
    machine_settings_copy(&stored->settings, &read->settings);
    mem_replace(&stored->domain_xml, read->domain_xml);
    return true;
}

bool local_take_definition(struct machine *stored, const struct machine *given, struct error *err)
{
    struct machine read;
    if (!read_without(&read, given, stored, err))
        return false;
    bool ok = local_take_machine(stored, &read, err);
    machine_clear(&read);
    return ok;
}

static bool rewrite(struct machine *machine, const struct definition_change *change, struct error *err)
{
    char *made = NULL;
    char **notes = NULL;
    size_t count = 0;
    if (!definition_rewrite(machine->domain_xml, change, &made, &notes, &count, err))
        return error_context(err, "the definition that is kept of %s", machine->name);
    fs_free_names(notes, count);
    free(machine->domain_xml);
    machine->domain_xml = made;
    return true;
}

/* Rewriting drops the chains that a running machine's definition has, and nobody would be told any more that
 * the machine does not see its points. */
static bool refuse_fixed_chain(const struct machine *machine, struct error *err)
{
    struct definition_fault *faults = NULL;
    size_t count = 0;
    if (!definition_faults(machine->domain_xml, machine, &faults, &count, err))
        return false;
    bool fixed = false;
    for (size_t i = 0; i < count && !fixed; i++) {
        fixed = faults[i].kind == DEFINITION_FIXES_CHAIN;
        if (fixed)
            error_set(err, RETURN_NOT_SUPPORTED, "machine.definition", "the definition of the machine %s %s",
                      machine->name, faults[i].what);
    }
    definition_faults_free(faults, count);
    if (!fixed)
        return true;
    CLEANUP_FREE char *quoted = text_shell_quote(machine->name);
    return error_next(
        err,
        "Put that right first: refpoint machine definition %s prints it so, for \"virsh define\" and for "
        "refpoint machine set %s --domain-xml FILE (a machine that is not there yet is added without "
        "other settings first).",
        quoted, quoted);
}

bool local_change_definition(struct machine *machine, const struct machine *before, struct error *err)
{
    struct definition_disk *added = NULL;
    size_t count = 0;
    if (!machine->domain_xml)
        return true;
    for (size_t i = 0; i < machine->disk_count; i++) {
        const struct disk *disk = &machine->disks[i];
        if (!find_disk(before, disk->id))
            *ARRAY_APPEND(added, count) =
                (struct definition_disk){.id = disk->id, .path = disk->path, .format = disk->format};
    }
    const struct machine_settings *now = &machine->settings;
    const struct machine_settings *then = &before->settings;
    bool firmware = now->firmware && (!then->firmware || strcmp(now->firmware, then->firmware) != 0);
    const struct definition_change change = {.name = strcmp(machine->name, before->name) != 0 ? machine->name
                                                                                              : NULL,
                                             .cpus = now->cpus != then->cpus ? now->cpus : 0,
                                             .memory = now->memory != then->memory ? now->memory : 0,
                                             .firmware = firmware ? now->firmware : NULL,
                                             .disks = added,
                                             .disk_count = count};
    bool differs = change.name || change.cpus || change.memory || change.firmware || change.disk_count;
    bool ok = !differs || (refuse_fixed_chain(machine, err) && rewrite(machine, &change, err));
    free(added);
    return ok;
}

bool local_machine_definition(struct host *host, const struct guid *id, char **text, char ***notes,
                              size_t *note_count, struct error *err)
{
    struct machine machine;
    struct definition_disk *disks = NULL;
    size_t count = 0;
    if (!store_read_machine(local_store(host), id, &machine, err))
        return false;
    bool ok = machine.domain_xml != NULL;
    if (!ok) {
        CLEANUP_FREE char *quoted = text_shell_quote(machine.name);
        error_set(err, RETURN_INVALID_STATE, "machine.no-definition",
                  "no definition of the machine %s is kept", machine.name);
        error_next(
            err,
            "Give it one: virsh dumpxml --inactive %s >FILE, then refpoint machine set %s --domain-xml FILE.",
            quoted, quoted);
    }
    for (size_t i = 0; i < machine.disk_count; i++) {
        if (!machine.disks[i].detached)
            *ARRAY_APPEND(disks, count) = (struct definition_disk){
                .id = machine.disks[i].id, .path = machine.disks[i].path, .format = machine.disks[i].format};
    }
    const struct definition_change change = {.disks = disks, .disk_count = count};
    ok = ok && definition_rewrite(machine.domain_xml, &change, text, notes, note_count, err);
    free(disks);
    machine_clear(&machine);
    return ok;
}
