#include "ui/screens/job/again.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/host/host.h"
#include "core/job/job.h"

void again_clear(struct again *again)
{
    free(again->settings);
    free(again->collection);
    command_line_clear(&again->command);
    last_export_clear(&again->values);
    *again = (struct again){0};
}

/* --- in words --- */

static char *settings_text(const struct export_request *request)
{
    const struct export_options *options = &request->options;
    struct strbuf text = {0};
    strbuf_addf(&text, "%s, %s%s", guid_is_none(&request->settings.base.point_id) ? "full" : "differential",
                disk_format_word(options->format), options->verify ? ", verified" : ", not verified");
    if (options->compression != COMPRESSION_NONE)
        strbuf_addf(&text, ", %s", compression_word(options->compression));
    if (request->settings.machine_count > 0)
        strbuf_addf(&text, ", %zu chosen machine%s", request->settings.machine_count,
                    request->settings.machine_count == 1 ? "" : "s");
    if (options->rate > 0) {
        char rate[32];
        size_format(options->rate, rate, sizeof rate);
        strbuf_addf(&text, ", at most %s/s", rate);
    }
    if (options->no_sign || options->sign_key)
        strbuf_add(&text, options->no_sign ? ", not signed" : ", signed");
    return strbuf_take(&text);
}

/* --- as a command --- */

static void add_only(struct command_line *line, const struct machine_to_disks *machine)
{
    if (machine->disk_count == 0)
        command_line_add_option(line, "--only", machine->machine_id);
    for (size_t i = 0; i < machine->disk_count; i++) {
        CLEANUP_FREE char *word = mem_format("%s/%s", machine->machine_id, machine->disks[i]);
        command_line_add_option(line, "--only", word);
    }
}

/* As it is typed: whole units where it is one. */
static char *rate_word(uint64_t rate, const char *mebibytes)
{
    bool whole = rate % MIB == 0;
    uint64_t kibibytes = rate / KIB > 0 ? rate / KIB : 1;
    return whole ? mem_format("%" PRIu64 "%s", rate / MIB, mebibytes) : mem_format("%" PRIu64 "K", kibibytes);
}

static void add_live(struct command_line *line, const struct export_request *request)
{
    command_line_add(line, "--live");
    if (request->consistency_level == CONSISTENCY_APPLICATION)
        command_line_add_option(line, "--consistency", "application");
    if (request->allow_crash)
        command_line_add(line, "--allow-crash");
}

static void add_number(struct command_line *line, const char *option, unsigned number)
{
    CLEANUP_FREE char *word = mem_format("%u", number);
    command_line_add_option(line, option, word);
}

static void add_format(struct command_line *line, const struct export_options *options)
{
    const struct export_options plain = export_options_default();
    if (options->format != plain.format)
        command_line_add_option(line, "--format", disk_format_word(options->format));
    if (options->compression != plain.compression)
        command_line_add_option(line, "--compress", compression_word(options->compression));
    if (options->compression == COMPRESSION_ZSTD && options->zstd_level > 0)
        add_number(line, "--zstd-level", options->zstd_level);
    if (!options->verify)
        command_line_add(line, "--no-verify");
}

static void add_options(struct command_line *line, const struct export_options *options)
{
    add_format(line, options);
    for (size_t i = 0; i < options->base_package_count; i++)
        command_line_add_option(line, "--base-package", options->base_packages[i]);
    if (options->base_check != BASE_CHECK_AUTO)
        command_line_add_option(line, "--check-base", base_check_word(options->base_check));
    if (options->full_if_altered)
        command_line_add_option(line, "--altered-base", "full");
    if (options->strict)
        command_line_add(line, "--strict");
    if (options->sign_key)
        command_line_add_option(line, "--sign", options->sign_key);
    if (options->no_sign)
        command_line_add(line, "--no-sign");
    if (options->rate > 0) {
        CLEANUP_FREE char *rate = rate_word(options->rate, "M");
        command_line_add_option(line, "--rate", rate);
    }
}

/* Points by their ids: names may be others' by now. */
static void make_command(struct command_line *line, const struct journal_request *request,
                         const struct export_request *work)
{
    command_line_begin(line, request->host_name, request->store, request->config);
    command_line_add(line, "export");
    command_line_add(line, work->point.collection_id.text);
    if (work->live)
        add_live(line, work);
    else
        command_line_add(line, work->point.point_id.text);
    command_line_add_option(line, "--to", work->directory);
    if (!guid_is_none(&work->settings.base.point_id))
        command_line_add_option(line, "--base", work->settings.base.point_id.text);
    for (size_t i = 0; i < work->settings.machine_count; i++)
        add_only(line, &work->settings.machines[i]);
    add_options(line, &work->options);
}

/* --- as the form has it --- */

static const struct machine_to_disks *chosen_machine(const struct export_setting_data *settings,
                                                     const struct guid *machine)
{
    for (size_t i = 0; i < settings->machine_count; i++) {
        if (strcasecmp(settings->machines[i].machine_id, machine->text) == 0)
            return &settings->machines[i];
    }
    return NULL;
}

static bool is_chosen(const struct machine_to_disks *machine, const struct disk_point *disk)
{
    bool chosen = machine && machine->disk_count == 0;
    for (size_t i = 0; machine && i < machine->disk_count && !chosen; i++)
        chosen = (disk->disk_id && strcmp(machine->disks[i], disk->disk_id) == 0) ||
                 strcasecmp(machine->disks[i], disk->disk_uuid.text) == 0;
    return chosen;
}

static void exclude(struct last_export *values, const struct guid *id)
{
    *ARRAY_APPEND(values->excluded, values->excluded_count) = *id;
}

static void exclude_others(struct last_export *values, const struct export_setting_data *settings,
                           const struct reference_point *point)
{
    for (size_t i = 0; i < point->member_count; i++) {
        const struct member_point *member = &point->members[i];
        const struct machine_to_disks *machine = chosen_machine(settings, &member->machine.id);
        if (member->disk_count == 0 && !machine)
            exclude(values, &member->machine.id);
        for (size_t d = 0; d < member->disk_count; d++) {
            if (!is_chosen(machine, &member->disks[d]))
                exclude(values, &member->disks[d].disk_uuid);
        }
    }
}

/* What was left out must be left out again: where nobody can tell what that was, the form is not filled. */
static bool fill_selection(struct last_export *values, const struct export_request *work, struct host *host)
{
    struct reference_point point = {0};
    struct error ignored = {0};
    if (work->settings.machine_count == 0)
        return true;
    if (work->live || !host->ops->read_point(host, &work->point, &point, &ignored))
        return false;
    exclude_others(values, &work->settings, &point);
    reference_point_clear(&point);
    return true;
}

static void fill(struct last_export *values, const struct export_request *work)
{
    const struct export_options *options = &work->options;
    *values = (struct last_export){
        .collection_id = work->point.collection_id,
        .base_id = work->settings.base.point_id,
        .live = work->live,
        .name = mem_strdup(""),
        .application = work->consistency_level == CONSISTENCY_APPLICATION,
        .allow_crash = work->allow_crash,
        .directory = mem_strdup(work->directory),
        .base_directory = mem_strdup(options->base_package_count > 0 ? options->base_packages[0] : ""),
        .differential = !guid_is_none(&work->settings.base.point_id),
        .format = options->format,
        .compression = options->compression,
        .verify = options->verify,
        .base_check = options->base_check,
        .full_if_altered = options->full_if_altered,
        .rate = options->rate > 0 ? rate_word(options->rate, "") : mem_strdup(""),
    };
    if (!work->live)
        values->point_id = work->point.point_id;
}

void again_make(struct again *again, const struct journal_request *request, struct host *host)
{
    const struct export_request *work = request->work;
    *again = (struct again){0};
    if (!work || !job_is_kind(&request->identity, "export"))
        return;
    again->is_export = true;
    again->is_live = work->live;
    again->settings = settings_text(work);
    make_command(&again->command, request, work);
    again->point = work->point;
    if (work->live)
        again->point.point_id = (struct guid){0};
    again->collection = mem_strdup(request->identity.collection);
    fill(&again->values, work);
    again->can_fill = fill_selection(&again->values, work, host);
}
