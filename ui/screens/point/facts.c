#include "ui/screens/point/facts.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/app/data/chain.h"

static char *when(const struct reference_point *point)
{
    char time[32];
    char offset[16];
    moment_format_list(point->created, true, time, sizeof time);
    moment_format_offset(point->created, offset, sizeof offset);
    return mem_format("%s %s", time, offset);
}

void point_facts_properties(struct facts *facts, const char *collection, const struct reference_point *point,
                            struct moment now)
{
    char size[32];
    char log[32];
    char age[32];
    CLEANUP_FREE char *time = when(point);
    moment_format_age(point->created, now, age, sizeof age);
    size_format(point->virtual_size, size, sizeof size);
    size_format(point->log_size, log, sizeof log);
    facts_addf(facts, ROLE_NORMAL, "Name", "%s", point->name ? point->name : "");
    facts_addf(facts, ROLE_NORMAL, "Created", "%s (%s)", time, age);
    facts_addf(facts, ROLE_NORMAL, "Type", "%s based (%" PRIu32 ")", reference_point_type_word(point->type),
               point->type);
    facts_addf(facts, ROLE_NORMAL, "Reached",
               "%s consistent (%" PRIu32 "); asked for was %s consistent (%" PRIu32 ")",
               consistency_level_word(point->consistency_level), point->consistency_level,
               consistency_level_word(point->consistency_asked), point->consistency_asked);
    if (point->has_associated_log)
        facts_addf(facts, ROLE_NORMAL, "Data", "%s kept, of %s in all", log, size);
    else if (point->type == POINT_TYPE_RCT_BASED)
        facts_addf(facts, ROLE_NORMAL, "Data",
                   "none is kept: what changes since it is marked, for live exports");
    else
        facts_addf(facts, ROLE_WARNING, "Data",
                   "log removed: the point cannot be exported any more (32775), but it is still a base");
    facts_addf(facts, ROLE_NORMAL, "Point of", "%s", collection);
    facts_addf(facts, ROLE_DIM, "Id", "%s", point->id.text);
    facts_addf(facts, ROLE_DIM, "", "of collection %s", point->collection_id.text);
}

static void add_neighbour(struct facts *facts, const char *label, const struct reference_point *point,
                          const char *otherwise)
{
    if (!point) {
        facts_addf(facts, ROLE_NORMAL, label, "%s", otherwise);
        return;
    }
    CLEANUP_FREE char *time = when(point);
    facts_addf(facts, ROLE_NORMAL, label, "%s%s%s%s", point->name ? point->name : "",
               point->name ? "   " : "", time,
               reference_point_log_removed(point->type, point->has_associated_log) ? ", log removed" : "");
}

void point_facts_chain(struct facts *facts, const struct reference_point *point,
                       const struct reference_point_list *all)
{
    facts_add(facts, ROLE_NORMAL, "Chain", chain_text(all, point));
    const struct reference_point *before = reference_point_before(all, point->sequence);
    const struct reference_point *after = reference_point_after(all, point->sequence);
    add_neighbour(facts, "Before it", before, "nothing: this is the collection's first point");
    add_neighbour(facts, "After it", after, "nothing: this is the newest point");
}

static void add_disk(struct facts *facts, const struct disk *disk, const struct disk_point *at_point)
{
    char size[32];
    size_format(at_point ? at_point->virtual_size : disk->virtual_size, size, sizeof size);
    const char *file = at_point && at_point->layer_path ? at_point->layer_path : disk->path;
    facts_addf(facts, ROLE_NORMAL, "", "  %s  %s  %s  %s", disk->id, size,
               disk_format_word(at_point ? at_point->layer_format : disk->format), file ? file : "");
}

static void add_surroundings(struct facts *facts, const struct machine *machine)
{
    for (size_t i = 0; i < machine->file_count; i++) {
        const struct machine_file *file = &machine->files[i];
        char size[32];
        size_format(file->size, size, sizeof size);
        if (file->sha256)
            facts_addf(facts, ROLE_NORMAL, "", "  %s  %s  %s", machine_file_role_word(file->role), size,
                       file->path);
    }
    for (size_t i = 0; i < machine->file_count; i++) {
        const struct machine_file *file = &machine->files[i];
        if (!file->sha256)
            facts_addf(facts, ROLE_WARNING, "Not in it", "%s %s: %s", machine_file_role_word(file->role),
                       file->path, file->missing ? file->missing : "-");
    }
    for (size_t i = 0; i < machine->left_out_count; i++) {
        CLEANUP_FREE char *text = machine_left_out_text(&machine->left_out[i]);
        facts_addf(facts, ROLE_WARNING, i == 0 ? "Not in it" : "", "%s", text);
    }
}

/* What it did at the instant, where its host could tell; less than was asked for is worth a thought. */
static void add_instant(struct facts *facts, const struct reference_point *point,
                        const struct member_point *member)
{
    uint32_t reached = member_point_reached(point, member);
    bool less = point->consistency_asked == CONSISTENCY_APPLICATION && reached != CONSISTENCY_APPLICATION;
    CLEANUP_FREE char *text = member_point_instant(point, member);
    if (text)
        facts_addf(facts, less ? ROLE_WARNING : ROLE_NORMAL, "", "  %s", text);
}

static void add_member(struct facts *facts, const struct reference_point *point,
                       const struct member_point *member)
{
    const struct machine *machine = &member->machine;
    CLEANUP_STRBUF struct strbuf text = {0};
    strbuf_add(&text, machine->name ? machine->name : "");
    if (machine->settings.cpus)
        strbuf_addf(&text, ", %" PRIu32 " cpu%s", machine->settings.cpus,
                    machine->settings.cpus == 1 ? "" : "s");
    if (machine->settings.memory) {
        char memory[32];
        size_format(machine->settings.memory, memory, sizeof memory);
        strbuf_addf(&text, ", %s memory", memory);
    }
    if (machine->settings.firmware)
        strbuf_addf(&text, ", %s", machine->settings.firmware);
    if (machine->adapter_count)
        strbuf_addf(&text, ", %zu network adapter%s", machine->adapter_count,
                    machine->adapter_count == 1 ? "" : "s");
    facts_addf(facts, ROLE_NORMAL, "Machine", "%s", text.data);
    add_instant(facts, point, member);
    for (size_t i = 0; i < machine->disk_count; i++)
        add_disk(facts, &machine->disks[i], i < member->disk_count ? &member->disks[i] : NULL);
    add_surroundings(facts, machine);
}

void point_facts_machines(struct facts *facts, const struct reference_point *point)
{
    for (size_t i = 0; i < point->member_count; i++)
        add_member(facts, point, &point->members[i]);
}
