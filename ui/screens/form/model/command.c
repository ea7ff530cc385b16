/* How the line starts is known since the form was made (make.c). */
#include "ui/screens/form/model/command.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/host/words.h"
#include "ui/screens/form/model/request.h"

static char *word_disk(const struct form_machine *machine, const struct form_disk *disk)
{
    size_t same = 0;
    for (size_t i = 0; i < machine->disk_count; i++)
        same += strcmp(machine->disks[i].id, disk->id) == 0;
    bool plain = *disk->id && !strchr(disk->id, '/') && same == 1;
    return mem_strdup(plain ? disk->id : disk->uuid.text);
}

static void add_machine(struct command_line *line, const struct form_machine *machine, enum form_tick tick)
{
    if (tick == FORM_TICK_ALL)
        command_line_add_option(line, "--only", machine->word);
    for (size_t i = 0; tick == FORM_TICK_PARTIAL && i < machine->disk_count; i++) {
        if (!machine->disks[i].selected)
            continue;
        CLEANUP_FREE char *disk = word_disk(machine, &machine->disks[i]);
        CLEANUP_FREE char *word = mem_format("%s/%s", machine->word, disk);
        command_line_add_option(line, "--only", word);
    }
}

static void add_options(struct command_line *line, const struct export_options *options)
{
    struct export_options plain = export_options_default();
    for (size_t i = 0; i < options->base_package_count; i++)
        command_line_add_option(line, "--base-package", options->base_packages[i]);
    if (options->format != plain.format)
        command_line_add_option(line, "--format", disk_format_word(options->format));
    if (options->compression != plain.compression)
        command_line_add_option(line, "--compress", compression_word(options->compression));
    if (!options->verify && plain.verify)
        command_line_add(line, "--no-verify");
    if (options->base_check != plain.base_check)
        command_line_add_option(line, "--check-base", base_check_word(options->base_check));
    if (options->full_if_altered)
        command_line_add_option(line, "--altered-base", "full");
    if (options->rate > 0) {
        bool whole = options->rate % MIB == 0;
        CLEANUP_FREE char *rate =
            mem_format("%llu%s", (unsigned long long)(options->rate / (whole ? MIB : 1)), whole ? "M" : "");
        command_line_add_option(line, "--rate", rate);
    }
}

/* Behind --live, which the start of the line has. */
static void add_live(struct command_line *line, const struct export_request *request)
{
    if (request->point_name)
        command_line_add_option(line, "--name", request->point_name);
    if (request->consistency_level == CONSISTENCY_APPLICATION)
        command_line_add_option(line, "--consistency", "application");
    if (request->allow_crash)
        command_line_add(line, "--allow-crash");
}

static char *word_base(const struct export_form *form, const struct form_base *base)
{
    const struct reference_point point = {.id = base->id, .name = base->name, .created = base->created};
    /* A live export makes a point: done again, the line must still name this base. */
    return word_for_point(&form->points, &point, export_form_kind(form) == FORM_LIVE);
}

void export_form_command(const struct export_form *form, struct command_line *line)
{
    struct export_request request;
    export_form_request(form, &request);
    *line = (struct command_line){0};
    for (size_t i = 0; i < form->of->command_start.count; i++)
        command_line_add(line, form->of->command_start.words[i]);
    add_live(line, &request);
    command_line_add_option(line, "--to", request.directory);
    const struct form_base *base = export_form_base(form);
    if (base) {
        CLEANUP_FREE char *word = word_base(form, base);
        command_line_add_option(line, "--base", word);
    }
    for (size_t i = 0; i < form->of->machine_count && request.settings.machine_count > 0; i++)
        add_machine(line, &form->of->machines[i], export_form_machine_tick(form, i));
    add_options(line, &request.options);
    export_request_clear(&request);
}
