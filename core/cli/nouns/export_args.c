#include "core/cli/nouns/export_args.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/cli/line/find.h"
#include "core/cli/line/path.h"
#include "core/host/resolve.h"
#include "core/model/embedded_instance.h"
#include "core/system/fs.h"

#define SETTING_DATA_LIMIT ((size_t)1 << 20)

static struct machine_to_disks *entry_of(struct export_setting_data *settings, const char *machine_id,
                                         bool *made)
{
    *made = false;
    for (size_t i = 0; i < settings->machine_count; i++) {
        if (strcmp(settings->machines[i].machine_id, machine_id) == 0)
            return &settings->machines[i];
    }
    struct machine_to_disks *entry = ARRAY_APPEND(settings->machines, settings->machine_count);
    entry->machine_id = mem_strdup(machine_id);
    *made = true;
    return entry;
}

static void add_whole_machine(struct export_setting_data *settings, const struct machine *machine)
{
    bool made = false;
    struct machine_to_disks *entry = entry_of(settings, machine->id.text, &made);
    for (size_t i = 0; i < entry->disk_count; i++)
        free(entry->disks[i]);
    free(entry->disks);
    entry->disks = NULL;
    entry->disk_count = 0;
}

static void add_disk(struct export_setting_data *settings, const struct machine *machine, const char *disk_id)
{
    bool made = false;
    struct machine_to_disks *entry = entry_of(settings, machine->id.text, &made);
    /* No disks means all of them: that machine is covered already. */
    if (!made && entry->disk_count == 0)
        return;
    for (size_t i = 0; i < entry->disk_count; i++) {
        if (strcmp(entry->disks[i], disk_id) == 0)
            return;
    }
    *ARRAY_APPEND(entry->disks, entry->disk_count) = mem_strdup(disk_id);
}

static const char *find_disk(const struct machine *machine, const char *text)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        const struct disk *disk = &machine->disks[i];
        if (strcmp(disk->id, text) == 0 || strcmp(disk->uuid.text, text) == 0)
            return disk->id;
    }
    return NULL;
}

static bool unknown_disk(const struct machine *machine, const char *text, struct error *err)
{
    CLEANUP_STRBUF struct strbuf disks = {0};
    for (size_t i = 0; i < machine->disk_count; i++)
        strbuf_addf(&disks, "%s%s", i ? ", " : "", machine->disks[i].id);
    error_set(err, RETURN_INVALID_PARAMETER, "disk.unknown", "machine %s has no disk \"%s\" at this point",
              machine->name, text);
    error_cause(err, "its disks are: %s", disks.length ? disks.data : "none");
    return error_next(err, "Name one of them, or the machine alone for all of them.");
}

/* What --only can mean: a machine, or one of its disks. */
struct meaning {
    const struct machine *machine;
    const char *disk; /* NULL = all of them */
};

struct meanings {
    struct meaning *items;
    size_t count;
    struct error why; /* nothing else was found: a machine without that disk, or several machines */
};

static bool is_ambiguous(const struct error *err)
{
    return strcmp(err->key, "machine.ambiguous") == 0;
}

static bool add_meaning(struct meanings *found, const struct machine *machine, const char *disk_text)
{
    const char *disk = find_disk(machine, disk_text);
    if (disk)
        *ARRAY_APPEND(found->items, found->count) = (struct meaning){.machine = machine, .disk = disk};
    return disk != NULL;
}

/* The part before the slash as a machine, the one behind it as its disk; of several machines of that name,
 * those that have such a disk. */
static void read_parts(const struct machine_list *machines, const char *text, const char *slash,
                       struct meanings *found)
{
    CLEANUP_FREE char *name = mem_strndup(text, (size_t)(slash - text));
    struct error err = {0};
    const struct machine *machine = resolve_machine(machines, name, &err);
    bool any = machine && add_meaning(found, machine, slash + 1);
    for (size_t i = 0; is_ambiguous(&err) && i < machines->count; i++) {
        if (strcmp(machines->items[i].name, name) == 0)
            any = add_meaning(found, &machines->items[i], slash + 1) || any;
    }
    if (machine && !any)
        unknown_disk(machine, slash + 1, &err);
    if ((machine || is_ambiguous(&err)) && !any && found->why.code == RETURN_DONE)
        found->why = err;
}

static bool read_meanings(const struct machine_list *machines, const char *text, struct meanings *found,
                          struct error *err)
{
    const struct machine *whole = resolve_machine(machines, text, err);
    if (!whole && is_ambiguous(err))
        return false;
    if (whole)
        *ARRAY_APPEND(found->items, found->count) = (struct meaning){.machine = whole};
    for (const char *slash = strrchr(text, '/'); slash && slash > text;
         slash = memrchr(text, '/', (size_t)(slash - text)))
        read_parts(machines, text, slash, found);
    if (found->count == 0 && found->why.code != RETURN_DONE)
        *err = found->why;
    return found->count > 0;
}

static bool refuse_meanings(const char *text, const struct meanings *found, struct error *err)
{
    CLEANUP_STRBUF struct strbuf list = {0};
    CLEANUP_STRBUF struct strbuf words = {0};
    for (size_t i = 0; i < found->count; i++) {
        const struct meaning *meaning = &found->items[i];
        const char *id = meaning->machine->id.text;
        CLEANUP_FREE char *word = meaning->disk ? mem_format("%s/%s", id, meaning->disk) : mem_strdup(id);
        CLEANUP_FREE char *quoted = text_shell_quote(word);
        strbuf_add(&list, i ? ", or " : "");
        if (meaning->disk)
            strbuf_addf(&list, "the disk %s of ", meaning->disk);
        strbuf_addf(&list, "the machine \"%s\" (%s)", meaning->machine->name, id);
        strbuf_addf(&words, "%s--only %s", i ? " or " : "", quoted);
    }
    error_set(err, RETURN_INVALID_PARAMETER, "machine.ambiguous", "\"%s\" can mean %zu things", text,
              found->count);
    error_cause(err, "%s", list.data);
    return error_next(err, "Say which one by the machine's id: %s", words.data);
}

static bool add_among(struct export_setting_data *settings, const struct machine_list *machines,
                      const char *text, struct error *err)
{
    struct meanings found = {0};
    bool ok = read_meanings(machines, text, &found, err) &&
              (found.count == 1 || refuse_meanings(text, &found, err));
    if (ok && found.items[0].disk)
        add_disk(settings, found.items[0].machine, found.items[0].disk);
    else if (ok)
        add_whole_machine(settings, found.items[0].machine);
    free(found.items);
    return ok || error_context(err, "--only %s", text);
}

bool export_args_add_only(struct export_setting_data *settings, const struct reference_point *point,
                          const char *text, struct error *err)
{
    /* Borrowed: the machines as the point recorded them, which may differ from those of today. */
    struct machine_list machines = {.items = mem_alloc(point->member_count * sizeof *machines.items),
                                    .count = point->member_count};
    for (size_t i = 0; i < point->member_count; i++)
        machines.items[i] = point->members[i].machine;
    bool ok = add_among(settings, &machines, text, err);
    free(machines.items);
    return ok;
}

static bool read_standard_input(char **text, struct error *err)
{
    CLEANUP_STRBUF struct strbuf buffer = {0};
    char block[8192];
    ssize_t got;
    while ((got = read(STDIN_FILENO, block, sizeof block)) > 0 && buffer.length <= SETTING_DATA_LIMIT)
        strbuf_add_bytes(&buffer, block, (size_t)got);
    if (got < 0)
        return error_errno(err, errno, "file.read", "cannot read the standard input");
    if (buffer.length > SETTING_DATA_LIMIT || (buffer.data && strlen(buffer.data) != buffer.length)) {
        error_set(err, RETURN_INVALID_PARAMETER, "export.setting-data",
                  "the setting data on the standard input is too large or no text");
        return error_next(err, "Give the embedded instance as CIM-XML; see refpoint export --help.");
    }
    *text = strbuf_take(&buffer);
    return true;
}

static bool read_setting_data(const struct args *args, struct export_setting_data *settings,
                              struct error *err)
{
    const char *typed = args_text(args, "setting-data");
    bool is_input = strcmp(typed, "-") == 0;
    CLEANUP_FREE char *file = is_input ? mem_strdup(typed) : cli_absolute_path(typed);
    CLEANUP_FREE char *text = NULL;
    if (args_flag(args, "base") || args_flag(args, "only")) {
        error_set(
            err, RETURN_INVALID_PARAMETER, "usage.conflict",
            "--setting-data says base, machines and disks; --base and --only cannot be given beside it");
        return error_next(err, "See refpoint export --help.");
    }
    bool read = is_input ? read_standard_input(&text, err)
                         : fs_read(AT_FDCWD, file, SETTING_DATA_LIMIT, &text, NULL, err);
    if (!read)
        error_advise(err, "Name a file that holds the embedded instance, or - for the standard input.");
    if (!read)
        return false;
    return embedded_instance_decode(settings, text, err) || error_context(err, "--setting-data %s", file);
}

static void read_options(const struct args *args, struct export_options *options)
{
    const char *text;
    *options = export_options_default();
    /* The words were checked when they were parsed; a word that is not given leaves the default. */
    if ((text = args_text(args, "format")) && !disk_format_parse(&options->format, text))
        options->format = DISK_FORMAT_QCOW2;
    if ((text = args_text(args, "compress")) && !compression_parse(&options->compression, text))
        options->compression = COMPRESSION_NONE;
    options->zstd_level = (unsigned)args_number(args, "zstd-level", 0);
    options->verify = !args_flag(args, "no-verify");
    options->strict = args_flag(args, "strict");
    options->rate = args_number(args, "rate", 0);
    if ((text = args_text(args, "check-base")) && !base_check_parse(&options->base_check, text))
        options->base_check = BASE_CHECK_AUTO;
    text = args_text(args, "altered-base");
    options->full_if_altered = text && strcmp(text, "full") == 0;
    for (size_t i = 0; (text = args_nth(args, "base-package", i)); i++)
        *ARRAY_APPEND(options->base_packages, options->base_package_count) = cli_absolute_path(text);
    if ((text = args_text(args, "sign")))
        options->sign_key = cli_absolute_path(text);
    options->no_sign = args_flag(args, "no-sign");
}

static bool read_only_options(struct cli *cli, const struct args *args, struct export_request *request,
                              struct error *err)
{
    struct reference_point point = {0};
    const char *text;
    if (!args_flag(args, "only"))
        return true;
    bool ok = cli->host->ops->read_point(cli->host, &request->point, &point, err);
    for (size_t i = 0; ok && (text = args_nth(args, "only", i)); i++)
        ok = export_args_add_only(&request->settings, &point, text, err);
    reference_point_clear(&point);
    return ok;
}

static bool find_base(struct cli *cli, const struct collection *collection, const char *text,
                      struct object_path *base, struct error *err)
{
    struct reference_point point = {0};
    if (!cli_find_point(cli, collection, text, &point, err))
        return error_context(err, "--base");
    *base = (struct object_path){.point_id = point.id, .collection_id = collection->id};
    reference_point_clear(&point);
    return true;
}

/* A full export looks for no base: whoever says where one is has forgotten to ask for it. */
static bool check_base_packages(const struct export_request *request, struct error *err)
{
    if (request->options.base_package_count == 0 || !guid_is_none(&request->settings.base.point_id))
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "usage.conflict",
              "--base-package is given, but no base: the export would be a full one");
    return error_next(err,
                      "Give --base POINT as well, or leave out --base-package. See refpoint export --help.");
}

/* Of machines as they are now there is no point yet. */
static bool read_live(struct cli *cli, const struct args *args, struct export_request *request,
                      const struct collection *collection, struct error *err)
{
    const char *word = args_text(args, "consistency");
    struct machine_list machines = {0};
    bool ok = true;
    request->live = true;
    request->point = (struct object_path){.collection_id = collection->id};
    request->point_name = mem_strdup(args_text(args, "name"));
    request->consistency_level =
        word && strcmp(word, "application") == 0 ? CONSISTENCY_APPLICATION : CONSISTENCY_CRASH;
    request->allow_crash = args_flag(args, "allow-crash");
    if (!args_flag(args, "only"))
        return true;
    if (!cli->host->ops->list_machines(cli->host, &machines, err))
        return false;
    const char *text;
    for (size_t i = 0; ok && (text = args_nth(args, "only", i)); i++)
        ok = add_among(&request->settings, &machines, text, err);
    machine_list_clear(&machines);
    return ok;
}

static bool read_point(struct cli *cli, const struct args *args, struct export_request *request,
                       const struct collection *collection, struct error *err)
{
    struct reference_point point = {0};
    if (!cli_find_point(cli, collection, args->operands[1], &point, err))
        return false;
    request->point = (struct object_path){.point_id = point.id, .collection_id = collection->id};
    reference_point_clear(&point);
    return read_only_options(cli, args, request, err);
}

/* Either a point, or what goes with making one. */
static bool check_live(const struct args *args, struct error *err)
{
    static const char *const options[] = {"name", "consistency", "allow-crash"};
    bool live = args_flag(args, "live");
    if (live == (args->operand_count > 1)) {
        error_set(err, RETURN_INVALID_PARAMETER, live ? "usage.conflict" : "usage.missing", "%s",
                  live ? "with --live a POINT is made, and none is given" : "POINT is missing");
        return error_next(err, "See refpoint export --help.");
    }
    for (size_t i = 0; !live && i < ARRAY_LENGTH(options); i++) {
        if (!args_flag(args, options[i]))
            continue;
        error_set(err, RETURN_INVALID_PARAMETER, "usage.conflict", "--%s goes with --live", options[i]);
        return error_next(err, "See refpoint export --help.");
    }
    return true;
}

static bool check_level(const struct export_options *options, struct error *err)
{
    if (options->zstd_level == 0 || options->compression == COMPRESSION_ZSTD)
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "usage.conflict", "--zstd-level goes with --compress zstd");
    return error_next(err, "Give both, or neither.");
}

static bool check_signing(const struct export_options *options, struct error *err)
{
    if (!options->sign_key || !options->no_sign)
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "usage.conflict", "--sign and --no-sign exclude each other");
    return error_next(err, "See refpoint export --help.");
}

bool export_args_read(struct cli *cli, const struct args *args, struct export_request *request,
                      struct error *err)
{
    struct collection collection = {0};
    read_options(args, &request->options);
    request->directory = cli_absolute_path(args_text(args, "to"));
    bool ok = check_live(args, err) && check_level(&request->options, err) &&
              check_signing(&request->options, err) &&
              (!args_flag(args, "setting-data") || read_setting_data(args, &request->settings, err)) &&
              cli_open(cli, err) && cli_find_collection(cli, args->operands[0], &collection, err);
    ok = ok && (args_flag(args, "live") ? read_live(cli, args, request, &collection, err)
                                        : read_point(cli, args, request, &collection, err));
    ok = ok &&
         (!args_flag(args, "base") ||
          find_base(cli, &collection, args_text(args, "base"), &request->settings.base, err)) &&
         check_base_packages(request, err);
    collection_clear(&collection);
    return ok;
}
