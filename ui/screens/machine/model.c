#include "ui/screens/machine/model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/store/name.h"

#define CPUS_MOST 4096 /* as the command line has it */

static void clear_backing(struct disk_form *disk)
{
    for (size_t i = 0; i < disk->backing_count; i++)
        line_editor_clear(&disk->backing[i].path);
    free(disk->backing);
    disk->backing = NULL;
    disk->backing_count = 0;
}

static void clear_disk(struct disk_form *disk)
{
    clear_backing(disk);
    line_editor_clear(&disk->id);
    line_editor_clear(&disk->path);
    file_look_clear(&disk->look);
    *disk = (struct disk_form){0};
}

static void clear_disks(struct machine_form *form)
{
    for (size_t i = 0; i < form->disk_count; i++)
        clear_disk(&form->disks[i]);
    free(form->disks);
    form->disks = NULL;
    form->disk_count = 0;
}

static void swap_disks(struct machine_form *form)
{
    struct disk_form *disks = form->disks;
    size_t count = form->disk_count;
    form->disks = form->other_disks;
    form->disk_count = form->other_count;
    form->other_disks = disks;
    form->other_count = count;
}

void machine_form_turn(struct machine_form *form)
{
    form->by_definition = !form->by_definition;
    swap_disks(form);
}

void machine_form_clear(struct machine_form *form)
{
    clear_disks(form);
    swap_disks(form);
    clear_disks(form);
    machine_clear(&form->machine);
    machine_clear(&form->defined);
    line_editor_clear(&form->file);
    line_editor_clear(&form->name);
    line_editor_clear(&form->cpus);
    line_editor_clear(&form->memory);
    command_line_clear(&form->start);
    free(form->file_read);
    free(form->definition);
    *form = (struct machine_form){0};
}

static bool id_is_taken(const struct machine_form *form, const char *id)
{
    for (size_t i = 0; i < form->machine.disk_count; i++) {
        if (strcmp(form->machine.disks[i].id, id) == 0)
            return true;
    }
    for (size_t i = 0; i < form->disk_count; i++) {
        if (strcmp(line_editor_text(&form->disks[i].id), id) == 0)
            return true;
    }
    return false;
}

void machine_form_add_disk(struct machine_form *form)
{
    char id[4] = "vda";
    while (id[2] < 'z' && id_is_taken(form, id))
        id[2]++;
    struct disk_form *disk = ARRAY_APPEND(form->disks, form->disk_count);
    disk->id.limit = NAME_LIMIT;
    line_editor_set(&disk->id, id);
}

void machine_form_drop_disk(struct machine_form *form, size_t disk)
{
    if (disk >= form->disk_count)
        return;
    clear_disk(&form->disks[disk]);
    memmove(&form->disks[disk], &form->disks[disk + 1], (form->disk_count - disk - 1) * sizeof *form->disks);
    form->disk_count--;
}

void machine_form_begin(struct machine_form *form, const struct machine *machine)
{
    char text[32];
    form->name.limit = NAME_LIMIT;
    form->change = machine != NULL;
    if (!machine) {
        machine_form_add_disk(form);
        return;
    }
    machine_copy(&form->machine, machine);
    line_editor_set(&form->name, machine->name);
    if (machine->settings.cpus) {
        snprintf(text, sizeof text, "%" PRIu32, machine->settings.cpus);
        line_editor_set(&form->cpus, text);
    }
    if (machine->settings.memory) {
        size_format(machine->settings.memory, text, sizeof text);
        line_editor_set(&form->memory, text);
    }
}

/* --- what was seen --- */

bool machine_form_is_seen(const struct disk_form *disk)
{
    return disk->look.path && strcmp(disk->look.path, line_editor_text(&disk->path)) == 0;
}

static void propose_backing(struct disk_form *disk)
{
    clear_backing(disk);
    for (size_t i = 0; i < disk->look.chain_count; i++) {
        struct backing_form *backing = ARRAY_APPEND(disk->backing, disk->backing_count);
        line_editor_set(&backing->path, disk->look.chain[i].path);
        backing->raw = disk->look.chain[i].format == DISK_FORMAT_RAW;
    }
}

void machine_form_seen(struct disk_form *disk, struct file_look *look)
{
    file_look_clear(&disk->look);
    disk->look = *look;
    *look = (struct file_look){0};
    if (!machine_form_is_seen(disk))
        return;
    if (!disk->format_chosen && disk->look.usable)
        disk->raw = disk->look.disk_format == DISK_FORMAT_RAW;
    if (!disk->backing_edited)
        propose_backing(disk);
}

static void add_given(struct machine_form *form, const struct disk *disk, struct file_look *look)
{
    struct disk_form *made = ARRAY_APPEND(form->disks, form->disk_count);
    made->given = true;
    made->raw = disk->format == DISK_FORMAT_RAW;
    made->format_chosen = true;
    line_editor_set(&made->id, disk->id);
    line_editor_set(&made->path, disk->path);
    machine_form_seen(made, look);
    if (disk->backing_count > 0) /* the definition names them itself */
        clear_backing(made);
}

void machine_form_defined(struct machine_form *form, const char *file, char *text, struct machine *defined,
                          struct file_look *looks, const struct error *err)
{
    clear_disks(form);
    machine_clear(&form->defined);
    free(form->definition);
    mem_replace(&form->file_read, file);
    form->definition = text;
    form->defined = *defined;
    *defined = (struct machine){0};
    form->file_err = *err;
    for (size_t i = 0; i < form->defined.disk_count; i++)
        add_given(form, &form->defined.disks[i], &looks[i]);
}

/* --- fields --- */

static struct backing_form *backing_at(const struct machine_form *form, size_t first, size_t second)
{
    return first < form->disk_count && second < form->disks[first].backing_count
               ? &form->disks[first].backing[second]
               : NULL;
}

struct line_editor *machine_form_editor(struct machine_form *form, enum machine_field field, size_t first,
                                        size_t second)
{
    struct disk_form *disk = first < form->disk_count ? &form->disks[first] : NULL;
    struct backing_form *backing = backing_at(form, first, second);
    switch (field) {
    case MACHINE_FILE:
        return &form->file;
    case MACHINE_NAME:
        return &form->name;
    case MACHINE_CPUS:
        return &form->cpus;
    case MACHINE_MEMORY:
        return &form->memory;
    case MACHINE_DISK_ID:
        return disk ? &disk->id : NULL;
    case MACHINE_DISK_PATH:
        return disk ? &disk->path : NULL;
    case MACHINE_BACKING_PATH:
        return backing ? &backing->path : NULL;
    default:
        return NULL;
    }
}

static bool cpus_of(const struct machine_form *form, uint32_t *cpus)
{
    char *end = NULL;
    const char *text = line_editor_text(&form->cpus);
    unsigned long value = strtoul(text, &end, 10);
    *cpus = (uint32_t)value;
    return *text >= '0' && *text <= '9' && *end == '\0' && value >= 1 && value <= CPUS_MOST;
}

static bool memory_of(const struct machine_form *form, uint64_t *memory)
{
    return size_parse(memory, line_editor_text(&form->memory)) && *memory > 0;
}

static char *name_problem(const struct machine_form *form)
{
    struct error err = {0};
    if (form->name.length == 0)
        return form->by_definition ? NULL : mem_strdup("it needs a name");
    return name_check(line_editor_text(&form->name), "machine", &err) ? NULL : error_text(&err);
}

static char *file_problem(const struct machine_form *form)
{
    const char *text = line_editor_text(&form->file);
    if (*text == '\0')
        return mem_strdup("choose the file (virsh dumpxml --inactive NAME >FILE makes one)");
    if (!form->file_read || strcmp(form->file_read, text) != 0)
        return mem_strdup("it is being read");
    return form->file_err.code ? error_text(&form->file_err) : NULL;
}

static char *id_problem(const struct machine_form *form, size_t index)
{
    struct error err = {0};
    const char *id = line_editor_text(&form->disks[index].id);
    if (*id == '\0')
        return mem_strdup("the disk needs a name: vda");
    for (size_t i = 0; i < form->machine.disk_count; i++) {
        if (strcmp(form->machine.disks[i].id, id) == 0)
            return mem_format("the machine has a disk %s already", id);
    }
    for (size_t i = 0; i < index; i++) {
        if (strcmp(line_editor_text(&form->disks[i].id), id) == 0)
            return mem_format("another disk is called %s", id);
    }
    return name_check(id, "disk", &err) ? NULL : error_text(&err);
}

static char *path_problem(const struct line_editor *path)
{
    const char *text = line_editor_text(path);
    if (*text == '\0')
        return mem_strdup("choose its image");
    return *text == '/' ? NULL : mem_strdup("a whole path is needed, from / on");
}

static char *image_problem(const struct disk_form *disk)
{
    char *problem = path_problem(&disk->path);
    if (problem || !machine_form_is_seen(disk))
        return problem;
    if (disk->look.problem)
        return mem_strdup(disk->look.problem);
    return disk->look.directory ? mem_strdup("that is a directory") : NULL;
}

char *machine_form_problem(const struct machine_form *form, enum machine_field field, size_t first,
                           size_t second)
{
    uint32_t cpus = 0;
    uint64_t memory = 0;
    struct backing_form *backing = backing_at(form, first, second);
    switch (field) {
    case MACHINE_FILE:
        return file_problem(form);
    case MACHINE_NAME:
        return name_problem(form);
    case MACHINE_CPUS:
        return form->cpus.length == 0 || cpus_of(form, &cpus) ? NULL : mem_strdup("a number from 1 to 4096");
    case MACHINE_MEMORY:
        return form->memory.length == 0 || memory_of(form, &memory) ? NULL
                                                                    : mem_strdup("a size: 4G, 512 MiB");
    case MACHINE_DISK_ID:
        return first < form->disk_count ? id_problem(form, first) : NULL;
    case MACHINE_DISK_PATH:
        return first < form->disk_count ? image_problem(&form->disks[first]) : NULL;
    case MACHINE_BACKING_PATH:
        return backing ? path_problem(&backing->path) : NULL;
    default:
        return NULL;
    }
}

/* --- what is in the way --- */

/* What the field began with is rounded: as long as it stands there, nothing was said. */
static bool new_memory(const struct machine_form *form, uint64_t *memory)
{
    char shown[32];
    uint64_t now = form->machine.settings.memory;
    size_format(now, shown, sizeof shown);
    bool same = now && strcmp(shown, line_editor_text(&form->memory)) == 0;
    return !same && memory_of(form, memory) && *memory != now;
}

static bool settings_changed(const struct machine_form *form)
{
    uint32_t cpus = 0;
    uint64_t memory = 0;
    return strcmp(form->machine.name, line_editor_text(&form->name)) != 0 ||
           (cpus_of(form, &cpus) && cpus != form->machine.settings.cpus) || new_memory(form, &memory);
}

static const char *field_name(enum machine_field field)
{
    switch (field) {
    case MACHINE_FILE:
        return "File";
    case MACHINE_CPUS:
        return "CPUs";
    case MACHINE_MEMORY:
        return "Memory";
    case MACHINE_DISK_ID:
        return "disk";
    case MACHINE_DISK_PATH:
        return "image";
    case MACHINE_BACKING_PATH:
        return "base";
    default:
        return "Name";
    }
}

/* Short: it stands in the button; the reason is beneath the field. */
static char *missing_at(const struct machine_form *form, const struct machine_place *tried, const char *disk,
                        struct machine_place *place)
{
    CLEANUP_FREE char *problem = machine_form_problem(form, tried->field, tried->first, tried->second);
    struct machine_form same = *form; /* its editors are only read */
    if (!problem)
        return NULL;
    const struct line_editor *editor = machine_form_editor(&same, tried->field, tried->first, tried->second);
    *place = *tried;
    return mem_format("%s%s%s %s", field_name(tried->field), disk ? " of " : "", disk ? disk : "",
                      editor && editor->length ? "must be mended" : "is missing");
}

static char *disk_missing(const struct machine_form *form, size_t index, struct machine_place *place)
{
    const struct disk_form *disk = &form->disks[index];
    const char *id = line_editor_text(&disk->id);
    struct machine_place tried = {.field = MACHINE_DISK_ID, .first = index};
    char *missing = disk->given ? NULL : missing_at(form, &tried, NULL, place);
    tried.field = MACHINE_DISK_PATH;
    if (!missing && !disk->given)
        missing = missing_at(form, &tried, id, place);
    tried.field = MACHINE_BACKING_PATH;
    for (; !missing && tried.second < disk->backing_count; tried.second++)
        missing = missing_at(form, &tried, id, place);
    return missing;
}

char *machine_form_missing(const struct machine_form *form, struct machine_place *place)
{
    static const enum machine_field fields[] = {MACHINE_FILE, MACHINE_NAME, MACHINE_CPUS, MACHINE_MEMORY};
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        if (fields[i] == MACHINE_FILE && !form->by_definition)
            continue;
        char *missing = missing_at(form, &(struct machine_place){.field = fields[i]}, NULL, place);
        if (missing)
            return missing;
    }
    for (size_t i = 0; i < form->disk_count; i++) {
        char *missing = disk_missing(form, i, place);
        if (missing)
            return missing;
    }
    *place = (struct machine_place){.field = MACHINE_NAME};
    if (form->change && form->disk_count == 0 && !settings_changed(form))
        return mem_strdup("nothing is changed yet");
    if (!form->change && !form->by_definition && form->disk_count == 0) {
        place->field = MACHINE_DISK_ADD;
        return mem_strdup("it needs a disk");
    }
    return NULL;
}

/* --- what is asked for --- */

static void take_backing(const struct disk_form *from, struct disk *to)
{
    for (size_t i = 0; i < from->backing_count; i++)
        *ARRAY_APPEND(to->backing, to->backing_count) =
            (struct backing_file){.path = mem_strdup(line_editor_text(&from->backing[i].path)),
                                  .format = from->backing[i].raw ? DISK_FORMAT_RAW : DISK_FORMAT_QCOW2};
    to->raw_content = from->content;
}

static void take_disk(const struct disk_form *from, struct machine *machine)
{
    if (from->given && from->backing_count == 0 && !from->content)
        return; /* the definition says all of it */
    struct disk *to = ARRAY_APPEND(machine->disks, machine->disk_count);
    to->id = mem_strdup(line_editor_text(&from->id));
    take_backing(from, to);
    if (from->given)
        return;
    to->path = mem_strdup(line_editor_text(&from->path));
    to->format = from->raw ? DISK_FORMAT_RAW : DISK_FORMAT_QCOW2;
}

void machine_form_request(const struct machine_form *form, struct machine *machine)
{
    uint32_t cpus = 0;
    uint64_t memory = 0;
    *machine = (struct machine){0};
    if (form->change)
        machine_copy(machine, &form->machine);
    if (form->by_definition)
        machine->domain_xml = mem_strdup(form->definition);
    if (form->name.length)
        mem_replace(&machine->name, line_editor_text(&form->name));
    if (cpus_of(form, &cpus))
        machine->settings.cpus = cpus;
    if (new_memory(form, &memory))
        machine->settings.memory = memory;
    for (size_t i = 0; i < form->disk_count; i++)
        take_disk(&form->disks[i], machine);
}

static void add_file_option(struct command_line *line, const char *option, const char *id, bool raw,
                            const char *path)
{
    CLEANUP_FREE char *value =
        mem_format("%s=%s:%s", *id ? id : "ID", raw ? "raw" : "qcow2", *path ? path : "PATH");
    command_line_add_option(line, option, value);
}

static void add_disk_options(struct command_line *line, const struct disk_form *disk)
{
    const char *id = line_editor_text(&disk->id);
    if (!disk->given)
        add_file_option(line, "--disk", id, disk->raw, line_editor_text(&disk->path));
    for (size_t i = 0; i < disk->backing_count; i++)
        add_file_option(line, "--backing", id, disk->backing[i].raw,
                        line_editor_text(&disk->backing[i].path));
    if (disk->content)
        command_line_add_option(line, "--raw-content", id);
}

static void add_settings(const struct machine_form *form, struct command_line *line)
{
    uint32_t cpus = 0;
    uint64_t memory = 0;
    if (form->change && strcmp(form->machine.name, line_editor_text(&form->name)) != 0)
        command_line_add_option(line, "--name", line_editor_text(&form->name));
    if (cpus_of(form, &cpus) && cpus != form->machine.settings.cpus)
        command_line_add_option(line, "--cpus", line_editor_text(&form->cpus));
    if (new_memory(form, &memory))
        command_line_add_option(line, "--memory", line_editor_text(&form->memory));
}

void machine_form_command(const struct machine_form *form, struct command_line *line)
{
    const char *name = line_editor_text(&form->name);
    *line = (struct command_line){0};
    for (size_t i = 0; i < form->start.count; i++)
        command_line_add(line, form->start.words[i]);
    if (!form->change && (*name || !form->by_definition))
        command_line_add(line, *name ? name : "NAME");
    if (form->by_definition)
        command_line_add_option(line, "--domain-xml",
                                form->file.length ? line_editor_text(&form->file) : "FILE");
    add_settings(form, line);
    for (size_t i = 0; i < form->disk_count; i++)
        add_disk_options(line, &form->disks[i]);
}
