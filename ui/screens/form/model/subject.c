#include "ui/screens/form/model/subject.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/words.h"
#include "ui/app/data/chain.h"

static void add_machine(struct form_subject *subject, const struct machine *from, char *word)
{
    struct form_machine *to = ARRAY_APPEND(subject->machines, subject->machine_count);
    *to = (struct form_machine){.id = from->id,
                                .name = mem_strdup(from->name ? from->name : ""),
                                .word = word,
                                .state = machine_state_word(from->state),
                                .selected = true};
    for (size_t i = 0; i < from->disk_count; i++) {
        const struct disk *disk = &from->disks[i];
        if (disk->detached)
            continue;
        *ARRAY_APPEND(to->disks, to->disk_count) =
            (struct form_disk){.uuid = disk->uuid,
                               .id = mem_strdup(disk->id ? disk->id : ""),
                               .virtual_size = disk->virtual_size,
                               .selected = true};
    }
}

static void add_base(struct form_subject *subject, const struct reference_point *point)
{
    *ARRAY_APPEND(subject->bases, subject->base_count) =
        (struct form_base){.id = point->id,
                           .name = mem_strdup(point->name ? point->name : ""),
                           .created = point->created,
                           .type = point->type,
                           .has_associated_log = point->has_associated_log};
}

/* What every command line begins with, whatever is exported. */
static void start_command(const struct form_source *source, const char *collection, struct command_line *line)
{
    command_line_begin(line, source->host_name, source->store, source->config);
    command_line_add(line, "export");
    command_line_add(line, collection);
}

static char *point_when(const struct reference_point *point, struct moment now)
{
    char time[40];
    char offset[16];
    char age[32];
    moment_format_list(point->created, false, time, sizeof time);
    moment_format_offset(point->created, offset, sizeof offset);
    if (now.seconds == 0)
        return mem_format("%s %s", time, offset);
    moment_format_age(point->created, now, age, sizeof age);
    return mem_format("%s %s (%s)", time, offset, age);
}

/* By its name; a point that has none, by its time. */
static char *point_title(const struct reference_point *point)
{
    const char *collection = point->collection_name ? point->collection_name : "?";
    if (point->name && *point->name)
        return mem_format("%s @ %s", collection, point->name);
    CLEANUP_FREE char *when = point_when(point, (struct moment){0});
    return mem_format("%s @ %s", collection, when);
}

static void add_members(struct form_subject *subject, const struct reference_point *point)
{
    struct machine_list members = {0};
    for (size_t i = 0; i < point->member_count; i++) /* borrowed content: only the array is freed */
        *ARRAY_APPEND(members.items, members.count) = point->members[i].machine;
    for (size_t i = 0; i < members.count; i++)
        add_machine(subject, &members.items[i], word_for_machine(&members, &members.items[i]));
    free(members.items);
}

void form_subject_of_point(struct form_subject *subject, const struct form_source *source)
{
    const struct reference_point *point = source->point;
    CLEANUP_FREE char *collection =
        word_for_collection(source->collections, &point->collection_id, point->collection_name);
    CLEANUP_FREE char *word = word_for_point(source->points, point, false);
    subject->title = point_title(point);
    subject->name = mem_strdup(point->name ? point->name : "");
    subject->when = point_when(point, source->now);
    subject->chain = chain_text(source->points, point);
    start_command(source, collection, &subject->command_start);
    command_line_add(&subject->command_start, word);
    add_members(subject, point);
    for (size_t i = 0; i < source->points->count; i++) {
        /* Order never rests on clocks: the place in the collection says what is older. */
        if (source->points->items[i].sequence < point->sequence)
            add_base(subject, &source->points->items[i]);
    }
}

static const struct collection *find_collection(const struct form_source *source)
{
    for (size_t i = 0; i < source->collections->count; i++) {
        if (guid_equal(&source->collections->items[i].id, &source->path.collection_id))
            return &source->collections->items[i];
    }
    return NULL;
}

static bool is_member(const struct collection *collection, const struct guid *machine)
{
    for (size_t i = 0; i < collection->member_count; i++) {
        if (guid_equal(&collection->members[i], machine))
            return true;
    }
    return false;
}

void form_subject_of_now(struct form_subject *subject, const struct form_source *source)
{
    const struct collection *collection = find_collection(source);
    if (!collection)
        return; /* it was deleted meanwhile */
    CLEANUP_FREE char *word = word_for_collection(source->collections, &collection->id, collection->name);
    subject->title = mem_format("%s @ now", collection->name ? collection->name : "?");
    subject->name = mem_strdup("");
    subject->when = mem_strdup("");
    subject->chain = chain_text(source->points, NULL);
    start_command(source, word, &subject->command_start);
    command_line_add(&subject->command_start, "--live");
    for (size_t i = 0; i < source->machines->count; i++) {
        const struct machine *machine = &source->machines->items[i];
        if (is_member(collection, &machine->id))
            add_machine(subject, machine, word_for_machine(source->machines, machine));
    }
    *ARRAY_APPEND(subject->bases, subject->base_count) = (struct form_base){.name = mem_strdup("")};
    for (size_t i = 0; i < source->points->count; i++) {
        if (source->points->items[i].type == POINT_TYPE_RCT_BASED)
            add_base(subject, &source->points->items[i]);
    }
}

static void clear_machine(struct form_machine *machine)
{
    for (size_t i = 0; i < machine->disk_count; i++)
        free(machine->disks[i].id);
    free(machine->disks);
    free(machine->name);
    free(machine->word);
}

void form_subject_clear(struct form_subject *subject)
{
    for (size_t i = 0; i < subject->machine_count; i++)
        clear_machine(&subject->machines[i]);
    for (size_t i = 0; i < subject->base_count; i++)
        free(subject->bases[i].name);
    free(subject->machines);
    free(subject->bases);
    free(subject->title);
    free(subject->when);
    free(subject->chain);
    free(subject->name);
    command_line_clear(&subject->command_start);
    *subject = (struct form_subject){0};
}
