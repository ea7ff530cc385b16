/* refpoint package ...: what exports have left. */
#include "core/cli/nouns/package/package.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/cli/line/args.h"
#include "core/cli/line/context.h"
#include "core/cli/line/path.h"
#include "core/cli/line/report.h"
#include "core/cli/nouns/package/work.h"
#include "core/cli/nouns/surroundings.h"
#include "core/export/package/package.h"
#include "core/export/package/proof/proof.h"
#include "core/export/package/read.h"
#include "core/export/package/write/leavings.h"

#define TIME_FIELD 48

static json_t *time_or_null(struct moment moment)
{
    char field[TIME_FIELD];
    if (moment.seconds == 0)
        return json_null();
    moment_format_rfc3339(moment, false, field, sizeof field);
    return json_text(field);
}

static json_t *package_json(const struct package *package)
{
    json_t *object = json_object();
    bool differential = !guid_is_none(&package->base_package_id);
    json_put_text(object, "package", package->path);
    json_put_text(object, "id", package->id.text);
    json_put_text(object, "collection", package->point.collection_name);
    json_put_text(object, "collection_id", package->point.collection_id.text);
    json_put_text(object, "point", package->point.name);
    json_put_text(object, "point_id", package->point.id.text);
    json_put(object, "created", time_or_null(package->point.created));
    json_put(object, "exported", time_or_null(package->exported));
    json_put_bool(object, "verified", package->verified);
    json_put_bool(object, "signed", package->is_signed);
    json_put_text(object, "kind", differential ? "differential" : "full");
    json_put_text(object, "base_package", differential ? package->base_package_id.text : NULL);
    json_put_number(object, "disk_count", package->disk_count);
    return object;
}

static json_t *whole_package_json(const struct package *package)
{
    json_t *object = package_json(package);
    json_t *disks = json_array();
    for (size_t i = 0; i < package->disk_count; i++) {
        const struct package_disk *disk = &package->disks[i];
        json_t *row = json_object();
        json_put_text(row, "machine", disk->machine);
        json_put_text(row, "machine_id", disk->machine_id);
        json_put_text(row, "disk", disk->disk);
        json_put_text(row, "kind", disk->differential ? "differential" : "full");
        json_put_text(row, "reason", disk->reason);
        json_put_number(row, "virtual_size", disk->virtual_size);
        json_put_text(row, "file", disk->file);
        json_put_text(row, "base_file", disk->base_file);
        json_put_text(row, "data_xxh3", disk->data_xxh3);
        json_put_text(row, "data_sha256", disk->data_sha256);
        json_array_append_new(disks, row);
    }
    json_t *machines = json_array();
    for (size_t i = 0; i < package->point.member_count; i++) {
        const struct machine *machine = &package->point.members[i].machine;
        json_t *row = json_object();
        json_put_text(row, "machine", machine->name);
        json_put_text(row, "machine_id", machine->id.text);
        surroundings_put_json(row, machine);
        json_array_append_new(machines, row);
    }
    json_put(object, "machines", machines);
    json_put_text(object, "record_sha256", package->record_sha256);
    json_put_text(object, "base_record_sha256", package->base_record_sha256);
    json_t *bases = json_array();
    for (size_t i = 0; i < package->base_count; i++) {
        const struct package_base *base = &package->bases[i];
        bool is_verified = base->verified.seconds != 0;
        json_t *row = json_object();
        char when[64];
        moment_format_rfc3339(base->verified, true, when, sizeof when);
        json_put_text(row, "package_id", base->id.text);
        json_put_text(row, "record_sha256", base->record_sha256);
        json_put_bool(row, "verified", is_verified);
        json_put_text(row, "verified_when", is_verified ? when : NULL);
        json_put_text(row, "verified_how", is_verified ? base->how : NULL);
        json_array_append_new(bases, row);
    }
    json_put(object, "bases", bases);
    json_t *origins = json_array();
    for (size_t i = 0; i < package->origin_count; i++) {
        json_t *row = json_object();
        json_put_text(row, "package_id", package->origins[i].package_id.text);
        json_put_text(row, "record_sha256", package->origins[i].record_sha256);
        json_array_append_new(origins, row);
    }
    json_put(object, "consolidated_from", origins);
    json_put(object, "disks", disks);
    return object;
}

/* A package's id and its place in a list. */
struct place {
    const char *id;
    size_t index;
};

static int compare_ids(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    return strcmp(a->id, b->id);
}

/* Of each package the one that it is based on, SIZE_MAX where there is none in the list; the caller's. */
static size_t *find_parents(const struct package *packages, size_t count)
{
    size_t *parents = mem_alloc((count + 1) * sizeof *parents);
    CLEANUP_FREE struct place *by_id = mem_alloc((count + 1) * sizeof *by_id);
    for (size_t i = 0; i < count; i++)
        by_id[i] = (struct place){packages[i].id.text, i};
    if (count > 1)
        qsort(by_id, count, sizeof *by_id, compare_ids);
    for (size_t i = 0; i < count; i++) {
        const struct guid *wanted = &packages[i].base_package_id;
        const struct place key = {wanted->text, 0};
        const struct place *found =
            guid_is_none(wanted) ? NULL : bsearch(&key, by_id, count, sizeof *by_id, compare_ids);
        parents[i] = found && found->index != i ? found->index : SIZE_MAX;
    }
    return parents;
}

/* Of each package how many cannot be read without it: based on it, or on one that is; the caller's. */
static size_t *count_dependents(const size_t *parents, size_t count)
{
    size_t *dependents = mem_alloc((count + 1) * sizeof *dependents);
    for (size_t i = 0; i < count; i++) {
        size_t steps = 0; /* records can claim anything, a circle too */
        for (size_t up = parents[i]; up != SIZE_MAX && steps < count; up = parents[up], steps++)
            dependents[up]++;
    }
    return dependents;
}

static json_t *listed_json(const struct package *packages, const size_t *parents, size_t count, size_t index)
{
    json_t *object = package_json(&packages[index]);
    json_t *dependents = json_array();
    for (size_t i = 0; i < count; i++) {
        if (parents[i] == index)
            json_array_append_new(dependents, json_text(packages[i].path));
    }
    json_put(object, "dependents", dependents);
    return object;
}

static void add_package_row(struct table *table, const struct package *package, size_t dependents)
{
    char created[TIME_FIELD];
    moment_format_rfc3339(package->point.created, false, created, sizeof created);
    table_add(table, package->point.collection_name);
    table_add(table, package->point.name);
    table_add(table, created);
    table_add(table, guid_is_none(&package->base_package_id) ? "full" : "differential");
    table_addf(table, "%zu", package->disk_count);
    table_add(table, package->verified ? "yes" : "no");
    table_addf(table, "%zu", dependents);
    table_add(table, package->path);
}

static void tell_unfinished(struct cli *cli, const char *directory)
{
    char **sentences = NULL;
    size_t count = 0;
    package_partial_tell(directory, &sentences, &count);
    for (size_t i = 0; i < count; i++) {
        output_warning(&cli->out, "%s", sentences[i]);
        free(sentences[i]);
    }
    free(sentences);
}

static int run_list(struct cli *cli, const struct args *args)
{
    static const char *const headings[] = {"COLLECTION", "POINT",    "CREATED",     "KIND",
                                           ">DISKS",     "VERIFIED", ">DEPENDENTS", "PACKAGE"};
    struct error err = {0};
    struct package *packages = NULL;
    char **problems = NULL;
    size_t count = 0;
    size_t problem_count = 0;
    CLEANUP_FREE char *directory = cli_absolute_path(args->operands[0]);
    if (!package_list(directory, &packages, &count, &problems, &problem_count, &err))
        return cli_refuse(cli, &err);
    CLEANUP_FREE size_t *parents = find_parents(packages, count);
    CLEANUP_FREE size_t *dependents = count_dependents(parents, count);
    struct table table;
    table_begin(&table, headings, ARRAY_LENGTH(headings));
    for (size_t i = 0; i < count; i++) {
        add_package_row(&table, &packages[i], dependents[i]);
        output_json(&cli->out, listed_json(packages, parents, count, i));
    }
    for (size_t i = 0; i < count; i++)
        package_clear(&packages[i]);
    table_end(&table, &cli->out);
    for (size_t i = 0; i < problem_count; i++) {
        output_warning(&cli->out, "%s", problems[i]);
        free(problems[i]);
    }
    free(packages);
    free(problems);
    tell_unfinished(cli, directory);
    return problem_count ? CLI_FAILED : CLI_DONE;
}

/* How it was when the package was made. */
static void show_base(struct cli *cli, const struct package_base *base)
{
    char when[40];
    moment_format_rfc3339(base->verified, false, when, sizeof when);
    bool was_read = strcmp(base->how, PROOF_HOW_VERIFY) == 0;
    if (base->verified.seconds == 0)
        output_line(&cli->out, "  beneath   %s  not verified", base->id.text);
    else
        output_line(&cli->out, "  beneath   %s  verified %s %s", base->id.text, when,
                    was_read ? "by reading it" : "by its export");
}

static void show_package(struct cli *cli, const struct package *package)
{
    static const char *const headings[] = {"MACHINE", "DISK", "KIND", ">SIZE", "FILE", "REASON"};
    char created[TIME_FIELD];
    char exported[TIME_FIELD];
    moment_format_rfc3339(package->point.created, false, created, sizeof created);
    moment_format_rfc3339(package->exported, false, exported, sizeof exported);
    bool differential = !guid_is_none(&package->base_package_id);
    output_line(&cli->out, "package     %s", package->path);
    output_line(&cli->out, "id          %s", package->id.text);
    output_line(&cli->out, "collection  %s (%s)", package->point.collection_name,
                package->point.collection_id.text);
    output_line(&cli->out, "point       %s (%s)", package->point.name, package->point.id.text);
    output_line(&cli->out, "created     %s", created);
    output_line(&cli->out, "exported    %s", exported);
    output_line(&cli->out, "base        %s", differential ? package->base_package_id.text : "none: full");
    for (size_t i = 0; i < package->base_count; i++)
        show_base(cli, &package->bases[i]);
    for (size_t i = 0; i < package->origin_count; i++)
        output_line(&cli->out, "%-11s %s  record sha256 %s", i == 0 ? "made of" : "",
                    package->origins[i].package_id.text, package->origins[i].record_sha256);
    output_line(&cli->out, "verified    %s", package->verified ? "yes" : "no");
    output_line(&cli->out, "signed      %s",
                package->is_signed ? "yes; \"refpoint package verify\" says by whom" : "no");
    output_line(&cli->out, "record      sha256 %s", package->record_sha256);
    struct table table;
    table_begin(&table, headings, ARRAY_LENGTH(headings));
    for (size_t i = 0; i < package->disk_count; i++) {
        const struct package_disk *disk = &package->disks[i];
        char size[32];
        size_format(disk->virtual_size, size, sizeof size);
        table_add(&table, disk->machine);
        table_add(&table, disk->disk);
        table_add(&table, disk->differential ? "differential" : "full");
        table_add(&table, size);
        table_add(&table, disk->file);
        table_add(&table, disk->reason);
    }
    table_end(&table, &cli->out);
}

static int run_show(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct package package = {0};
    CLEANUP_FREE char *path = cli_absolute_path(args->operands[0]);
    if (!package_read(path, &package, &err))
        return cli_refuse(cli, &err);
    show_package(cli, &package);
    output_json(&cli->out, whole_package_json(&package));
    package_clear(&package);
    return CLI_DONE;
}

static const struct args_operand of_directory[] = {
    {.name = "DIR", .help = "the directory that holds packages"}};
static const struct args_operand of_package[] = {{.name = "DIR", .help = "the package's directory"}};

#define BASE_PACKAGE_OPTION                                                                                  \
    {                                                                                                        \
        .name = "base-package", .kind = ARGS_TEXT, .value = "DIR", .repeat = true,                           \
        .help = "look here too for the packages it is based on"                                              \
    }

static const struct args_option verify_options[] = {
    BASE_PACKAGE_OPTION,
    {.name = "allowed-signers",
     .kind = ARGS_TEXT,
     .value = "FILE",
     .help =
         "whose signatures count (ssh-keygen(1), ALLOWED SIGNERS): one of somebody else is a problem; the "
         "setting allowed_signers"},
    {.name = "require-signature",
     .kind = ARGS_FLAG,
     .help = "a package without a signature is a problem too"},
    {.name = "sum",
     .kind = ARGS_TEXT,
     .value = "HEX",
     .help = "the checksum of the package that its export said: another one is a problem"},
    {.name = "job",
     .kind = ARGS_FLAG,
     .help = "in a process of its own, as an export: it outlives this command, which follows it"},
    {.name = "detach", .kind = ARGS_FLAG, .help = "with a job of its own; return once it is started"},
};
static const struct args_option import_options[] = {
    {.name = "to",
     .kind = ARGS_TEXT,
     .value = "DIR",
     .required = true,
     .help = "where the images go; made, must be empty or missing"},
    {.name = "as",
     .kind = ARGS_TEXT,
     .value = "NAME",
     .help = "call the machine so, with a new id and new hardware addresses, so that it can be defined "
             "beside the one "
             "that it was; where there are several, each has its own name behind it"},
    {.name = "register",
     .kind = ARGS_FLAG,
     .help =
         "take machine, collection and point into the store, with the imported images beneath the point, so "
         "that the next export can be a difference on this package; with --as the machine alone"},
    BASE_PACKAGE_OPTION,
};

static const struct args_option consolidate_options[] = {
    {.name = "to",
     .kind = ARGS_TEXT,
     .value = "DIR",
     .required = true,
     .help = "where the new package goes; it must exist, and may be where the others are"},
    BASE_PACKAGE_OPTION,
    {.name = "compress",
     .kind = ARGS_CHOICE,
     .value = "none|zstd",
     .help = "of its disks; as those of the package itself"},
    {.name = "sign",
     .kind = ARGS_TEXT,
     .value = "KEY",
     .help = "sign the new package with this key of ssh's, as an export does; the setting sign"},
    {.name = "no-sign", .kind = ARGS_FLAG, .help = "do not sign it, whatever the setting sign says"},
};

#define KEEP_OPTION(word, text)                                                                              \
    {                                                                                                        \
        .name = "keep-" word, .kind = ARGS_NUMBER, .value = "N", .help = text                                \
    }

static const struct args_option prune_options[] = {
    KEEP_OPTION("last", "keep the packages of the last N points"),
    KEEP_OPTION("daily", "keep the newest of each of the last N days that have one"),
    KEEP_OPTION("weekly", "the same for weeks, which begin on Monday"),
    KEEP_OPTION("monthly", "the same for months"),
    {.name = "dry-run", .kind = ARGS_FLAG, .help = "say the same, and remove nothing"},
};

static const struct cli_command commands[] = {
    {.noun = "package",
     .verb = "list",
     .summary = "list the packages in a directory",
     .purpose =
         "Lists the packages directly in DIR, by the time of their points. Dependents of a package are "
         "those in DIR that cannot be read without it. A broken one is a warning on standard error, and exit "
         "status 1. With --json one line each: package, id, collection, point, created, exported, verified, "
         "signed, kind, base_package, disk_count, dependents (paths of those that are based on it directly).",
     .operands = of_directory,
     .operand_count = ARRAY_LENGTH(of_directory),
     .run = run_list},
    {.noun = "package",
     .verb = "show",
     .summary = "show what a package holds",
     .operands = of_package,
     .operand_count = ARRAY_LENGTH(of_package),
     .run = run_show},
    {.noun = "package",
     .verb = "verify",
     .summary = "check a package and the packages it is based on",
     .purpose =
         "Checks every file against SHA256SUMS, the record, each image with QEMU, and the same down the "
         "chain "
         "of base packages; a signature (SHA256SUMS.sig) with ssh-keygen. Exit status 1 when there is a "
         "problem. With --json: package, ok, problems[], signed, signer, key_fingerprint, signatures[] (of "
         "the package and of those it is based on). "
         "With --job "
         "the lines of export, and in the last one package, ok (null where there is no verdict), problems[].",
     .options = verify_options,
     .option_count = ARRAY_LENGTH(verify_options),
     .operands = of_package,
     .operand_count = ARRAY_LENGTH(of_package),
     .run = package_run_verify},
    {.noun = "package",
     .verb = "import",
     .summary = "copy the disks out of a package into plain images",
     .purpose =
         "Copies the disks out of a package and the packages it is based on into stand-alone images, with "
         "each machine's settings and a domain.xml that can be given to `virsh define` as it is. Nothing has "
         "its final name until everything is complete and equal to what the package's record promises. At "
         "the "
         "end it says which account must be able to read them for libvirt, and which directories on the way "
         "other accounts cannot pass. With --json: event, return_value, package, to, bytes_written "
         "(allocated blocks), files, notes[], closed_directories[], registered {machines[], "
         "collection, collection_id, point, point_id} (null without --register). "
         "--register takes the machines into the store of the local host, defines their collection where it "
         "is "
         "not there, and makes the point of the imported images as point create does: each becomes a "
         "read-only "
         "layer in its directory, and an overlay takes its path. It is refused before anything is copied "
         "where "
         "the store has a machine or the point of these ids, and for packages of raw images. A failure "
         "behind "
         "the import leaves its images whole, and the store as it was.",
     .options = import_options,
     .option_count = ARRAY_LENGTH(import_options),
     .operands = of_package,
     .operand_count = ARRAY_LENGTH(of_package),
     .examples = "  refpoint package import /backup/web/web-20260924T000000Z-1a2b3c4d --to /restore/web\n"
                 "  refpoint package import /backup/web/web-20260924T000000Z-1a2b3c4d --to /srv/vm/web "
                 "--register\n",
     .run = package_run_import},
    {.noun = "package",
     .verb = "consolidate",
     .summary = "make a full package of a differential one and its bases",
     .purpose =
         "Makes a package of the same point that stands on no other: a shorter chain. The package and those "
         "that it is based on are verified first, every byte, and left as they are; what is made is proven "
         "as "
         "an export's is, and has its final name when it is complete. It can be the base of the next "
         "differential export. Its record says of which packages it was made. With --json: event, "
         "return_value, package, package_sum, verified, signed, key_fingerprint, consolidated_from[] "
         "(paths), "
         "left_out[], warning.",
     .options = consolidate_options,
     .option_count = ARRAY_LENGTH(consolidate_options),
     .operands = of_package,
     .operand_count = ARRAY_LENGTH(of_package),
     .examples =
         "  refpoint package consolidate /backup/web/web-20260924T000000Z-1a2b3c4d --to /backup/web\n",
     .run = package_run_consolidate},
    {.noun = "package",
     .verb = "prune",
     .summary = "remove the packages that no rule keeps",
     .purpose =
         "Keeps of the packages directly in DIR what the rules say, of each collection for itself, by the "
         "times of their points in local time, and everything that a kept one is based on; removes the "
         "others. "
         "At least one rule is needed; what one of them keeps is kept. Where several packages are of one "
         "point, "
         "one counts: a whole one, a verified one, the newest export. Left alone: what is no package, or is "
         "being made, or cannot be read (a warning, and exit status 1), and what somebody reads or builds "
         "upon "
         "(exit status 1). Packages in other directories that are based on these are not known here. With "
         "--json one line each: package, collection, point, created, action (remove; keep, also where it "
         "could "
         "not be removed, which the last reason tells), why[], bytes; and a last one: event (pruned), "
         "removed, "
         "kept, bytes, dry_run.",
     .options = prune_options,
     .option_count = ARRAY_LENGTH(prune_options),
     .operands = of_directory,
     .operand_count = ARRAY_LENGTH(of_directory),
     .examples =
         "  refpoint package prune /backup/shop --keep-last 7 --keep-weekly 4 --keep-monthly 12 --dry-run\n",
     .run = package_run_prune},
};

const struct cli_noun cli_package_noun = {.commands = commands, .count = ARRAY_LENGTH(commands)};
