/* refpoint machine ... */
#include "core/cli/nouns/machine.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/cli/line/args.h"
#include "core/cli/line/context.h"
#include "core/cli/line/find.h"
#include "core/cli/line/path.h"
#include "core/cli/line/report.h"
#include "core/cli/nouns/disk_args.h"
#include "core/cli/nouns/surroundings.h"
#include "core/cli/ways/move.h"
#include "core/definition/faults.h"
#include "core/syntax/xml_decode.h"
#include "core/system/fs.h"

#define DOMAIN_XML_LIMIT ((size_t)1 << 20)

static json_t *number_or_null(uint64_t number)
{
    return number ? json_integer((json_int_t)number) : json_null();
}

static json_t *disk_json(const struct disk *disk)
{
    json_t *object = json_object();
    json_t *backing = json_array();
    for (size_t i = 0; i < disk->backing_count; i++) {
        json_t *file = json_object();
        json_put_text(file, "path", disk->backing[i].path);
        json_put_text(file, "format", disk_format_word(disk->backing[i].format));
        json_array_append_new(backing, file);
    }
    json_put_text(object, "id", disk->id);
    json_put_text(object, "path", disk->path);
    json_put_text(object, "format", disk_format_word(disk->format));
    json_put_number(object, "virtual_size", disk->virtual_size);
    json_put_text(object, "uuid", disk->uuid.text);
    json_put(object, "backing", backing);
    return object;
}

static json_t *adapter_json(const struct network_adapter *adapter)
{
    json_t *object = json_object();
    json_put_text(object, "mac", adapter->mac);
    json_put_text(object, "network", adapter->network);
    json_put_text(object, "model", adapter->model);
    return object;
}

static json_t *machine_json(const struct machine *machine)
{
    json_t *object = json_object();
    json_t *disks = json_array();
    json_t *adapters = json_array();
    for (size_t i = 0; i < machine->disk_count; i++)
        json_array_append_new(disks, disk_json(&machine->disks[i]));
    for (size_t i = 0; i < machine->adapter_count; i++)
        json_array_append_new(adapters, adapter_json(&machine->adapters[i]));
    json_put_text(object, "id", machine->id.text);
    json_put_text(object, "name", machine->name);
    json_put(object, "disks", disks);
    json_put(object, "cpus", number_or_null(machine->settings.cpus));
    json_put(object, "memory", number_or_null(machine->settings.memory));
    json_put_text(object, "firmware", machine->settings.firmware);
    json_put_text(object, "architecture", machine->settings.architecture);
    json_put_text(object, "machine_type", machine->settings.machine_type);
    json_put(object, "adapters", adapters);
    json_put(object, "cpus_ceiling", number_or_null(machine->settings.cpus_ceiling));
    surroundings_put_json(object, machine);
    json_put_text(object, "state", machine_state_word(machine->state));
    return object;
}

static json_t *damaged_json(const struct damaged_record *damaged)
{
    static const char *const unknown[] = {"disks",        "cpus",         "memory",   "firmware",
                                          "architecture", "machine_type", "adapters", "cpus_ceiling",
                                          "files",        "left_out",     "state"};
    json_t *object = json_object();
    json_put_text(object, "id", damaged->id.text);
    json_put_text(object, "name", damaged->name);
    for (size_t i = 0; i < ARRAY_LENGTH(unknown); i++)
        json_put(object, unknown[i], json_null());
    cli_put_damaged(object, damaged);
    return object;
}

static void show_damaged(struct cli *cli, struct table *table, const struct damaged_record *damaged)
{
    table_add(table, damaged->name);
    table_add(table, NULL);
    table_add(table, NULL);
    table_add(table, "damaged");
    for (int column = 0; column < 3; column++)
        table_add(table, NULL);
    table_add(table, damaged->id.text);
    output_json(&cli->out, damaged_json(damaged));
}

static void show_machines(struct cli *cli, const struct machine *items, size_t count,
                          const struct left_out *damaged)
{
    static const char *const headings[] = {"NAME",  ">CPUS",  ">MEMORY", "DISK",
                                           ">SIZE", "FORMAT", "PATH",    "ID"};
    struct table table;
    table_begin(&table, headings, ARRAY_LENGTH(headings));
    for (size_t i = 0; i < count; i++) {
        const struct machine *machine = &items[i];
        size_t rows = machine->disk_count ? machine->disk_count : 1;
        for (size_t k = 0; k < rows; k++) {
            const struct disk *disk = machine->disk_count ? &machine->disks[k] : NULL;
            char memory[32] = "";
            char size[32] = "";
            if (machine->settings.memory)
                size_format(machine->settings.memory, memory, sizeof memory);
            if (disk)
                size_format(disk->virtual_size, size, sizeof size);
            table_add(&table, machine->name);
            if (machine->settings.cpus)
                table_addf(&table, "%" PRIu32, machine->settings.cpus);
            else
                table_add(&table, NULL);
            table_add(&table, memory);
            table_add(&table, disk ? disk->id : NULL);
            table_add(&table, size);
            table_add(&table, disk ? disk_format_word(disk->format) : NULL);
            table_add(&table, disk ? disk->path : NULL);
            table_add(&table, machine->id.text);
        }
        output_json(&cli->out, machine_json(machine));
    }
    for (size_t i = 0; damaged && i < damaged->count; i++)
        show_damaged(cli, &table, &damaged->items[i]);
    table_end(&table, &cli->out);
}

static int run_list(struct cli *cli, const struct args *args)
{
    (void)args;
    struct error err = {0};
    struct machine_list list = {0};
    if (!cli_open(cli, &err) || !cli->host->ops->list_machines(cli->host, &list, &err))
        return cli_refuse(cli, &err);
    show_machines(cli, list.items, list.count, &list.left_out);
    cli_warn_left_out(cli, "machine", &list.left_out);
    machine_list_clear(&list);
    return CLI_DONE;
}

/* The options that add and set have in common. */
static void take_settings(const struct args *args, struct machine *machine)
{
    struct machine_settings *settings = &machine->settings;
    settings->cpus = (uint32_t)args_number(args, "cpus", settings->cpus);
    settings->memory = args_number(args, "memory", settings->memory);
    if (args_text(args, "firmware"))
        mem_replace(&settings->firmware, args_text(args, "firmware"));
}

/* The host reads the definition; what is given beside it wins. */
static bool take_domain_xml(const char *typed, struct machine *machine, struct error *err)
{
    CLEANUP_FREE char *file = cli_absolute_path(typed);
    size_t length = 0;
    CLEANUP_FREE char *bytes = NULL;
    free(machine->domain_xml);
    machine->domain_xml = NULL;
    return fs_read(AT_FDCWD, file, DOMAIN_XML_LIMIT, &bytes, &length, err) &&
           xml_decode(bytes, length, file, &machine->domain_xml, err);
}

static bool take_disks(const struct args *args, struct machine *machine, struct error *err)
{
    const char *text;
    for (size_t i = 0; (text = args_nth(args, "disk", i)); i++) {
        if (!disk_args_add_disk(machine, text, err))
            return false;
    }
    for (size_t i = 0; (text = args_nth(args, "backing", i)); i++) {
        if (!disk_args_add_backing(machine, text, err))
            return false;
    }
    for (size_t i = 0; (text = args_nth(args, "raw-content", i)); i++) {
        if (!disk_args_vouch(machine, text, err))
            return false;
    }
    for (size_t i = 0; (text = args_nth(args, "network", i)); i++) {
        struct network_adapter *adapter = ARRAY_APPEND(machine->adapters, machine->adapter_count);
        *adapter = (struct network_adapter){.network = mem_strdup(text), .model = mem_strdup("virtio")};
    }
    return true;
}

static void take_without(const struct args *args, struct machine *machine)
{
    const char *text;
    for (size_t i = 0; (text = args_nth(args, "without", i)); i++)
        *ARRAY_APPEND(machine->left_out, machine->left_out_count) = (struct machine_left_out){
            .kind = mem_strdup("disk"), .device = mem_strdup(text), .by_operator = true};
}

/* A definition says name and disks; by hand they come from operand and options. */
static bool read_new_machine(const struct args *args, struct machine *machine, struct error *err)
{
    const char *file = args_text(args, "domain-xml");
    const char *name = args->operand_count ? args->operands[0] : NULL;
    if (file && args_flag(args, "disk")) {
        error_set(err, RETURN_INVALID_PARAMETER, "usage.conflict",
                  "--domain-xml gives the disks; --disk cannot be given beside it");
        return error_next(err, "See refpoint machine add --help.");
    }
    if (!file && (!name || !args_flag(args, "disk"))) {
        error_set(err, RETURN_INVALID_PARAMETER, "usage.missing", "%s is missing",
                  name ? "--disk ID=FORMAT:PATH" : "NAME");
        error_cause(err, "a machine is added as NAME --disk ID=FORMAT:PATH ..., or with --domain-xml FILE");
        return error_next(err, "See refpoint machine add --help.");
    }
    if (!file && args_flag(args, "without")) {
        error_set(err, RETURN_INVALID_PARAMETER, "usage.conflict", "--without goes with --domain-xml");
        return error_next(
            err, "A machine that is added by hand has the disks that are named. See refpoint machine add "
                 "--help.");
    }
    take_without(args, machine);
    if (file && !take_domain_xml(file, machine, err))
        return false;
    if (name)
        mem_replace(&machine->name, name);
    if (!take_disks(args, machine, err))
        return false;
    take_settings(args, machine);
    return true;
}

/* Told when it is added, since every point of it will be refused. */
static void warn_of_definition(struct cli *cli, const struct machine *machine)
{
    struct definition_fault *faults = NULL;
    size_t count = 0;
    struct error ignored = {0};
    if (machine->domain_xml && definition_faults(machine->domain_xml, machine, &faults, &count, &ignored)) {
        for (size_t i = 0; i < count; i++)
            output_warning(&cli->out, "the definition of %s %s", machine->name, faults[i].what);
        definition_faults_free(faults, count);
    }
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (machine->disks[i].detached)
            output_warning(
                &cli->out,
                "disk %s of %s is not in the definition any more: no further point holds it; its points stay",
                machine->disks[i].id, machine->name);
    }
}

static int run_definition(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct machine machine = {0};
    CLEANUP_FREE char *text = NULL;
    char **notes = NULL;
    size_t count = 0;
    bool ok = cli_open(cli, &err) &&
              cli_host_can(cli, cli->host->ops->machine_definition != NULL, "keep definitions", &err) &&
              cli_find_machine(cli, args->operands[0], &machine, &err) &&
              cli->host->ops->machine_definition(cli->host, &machine.id, &text, &notes, &count, &err);
    if (ok) {
        json_t *object = json_object();
        json_t *rows = json_array();
        for (size_t i = 0; i < count; i++) {
            json_array_append_new(rows, json_text(notes[i]));
            output_warning(&cli->out, "%s", notes[i]);
        }
        json_put_text(object, "id", machine.id.text);
        json_put_text(object, "name", machine.name);
        json_put_text(object, "definition", text);
        json_put(object, "notes", rows);
        output_json(&cli->out, object);
        output_document(&cli->out, text);
    }
    fs_free_names(notes, count);
    machine_clear(&machine);
    return ok ? CLI_DONE : cli_refuse(cli, &err);
}

/* The host read the text of a definition, and does not know the file. */
static void name_file(const struct args *args, struct error *err)
{
    const char *typed = args_text(args, "domain-xml");
    CLEANUP_FREE char *file = typed ? cli_absolute_path(typed) : NULL;
    bool of_text = strncmp(err->key, "domain-xml.", 11) == 0 || strncmp(err->key, "xml.", 4) == 0;
    if (file && of_text && !strstr(err->what, file))
        (void)error_context(err, "%s", file);
}

/* What add and set end with: the machine as it is now, or why not. */
static int report(struct cli *cli, const struct args *args, bool ok, struct machine *machine,
                  struct error *err)
{
    if (ok) {
        show_machines(cli, machine, 1, NULL);
        warn_of_definition(cli, machine);
        surroundings_warn(cli, machine);
    } else {
        name_file(args, err);
    }
    machine_clear(machine);
    return ok ? CLI_DONE : cli_refuse(cli, err);
}

static int run_add(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct machine machine = {0};
    bool ok = read_new_machine(args, &machine, &err) && cli_open(cli, &err) &&
              cli_host_can(cli, cli->host->ops->add_machine != NULL, "add machines", &err) &&
              cli->host->ops->add_machine(cli->host, &machine, &err);
    return report(cli, args, ok, &machine, &err);
}

static bool check_change(const struct args *args, struct error *err)
{
    static const char *const options[] = {"name", "cpus",       "memory",  "firmware",
                                          "disk", "domain-xml", "without", "backing"};
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
        if (args_flag(args, options[i]))
            return true;
    }
    error_set(err, RETURN_INVALID_PARAMETER, "usage.missing", "nothing to change is given");
    return error_next(err, "Give --name, --cpus, --memory, --firmware, --disk or --domain-xml. See refpoint "
                           "machine set --help.");
}

/* Behind those that the machine has. Read on their own, so that --backing names new disks only. */
static bool add_disks(const struct args *args, struct machine *machine, struct error *err)
{
    struct machine added = {0};
    bool ok = take_disks(args, &added, err);
    for (size_t i = 0; ok && i < added.disk_count; i++) {
        struct disk *disk = ARRAY_APPEND(machine->disks, machine->disk_count);
        disk_copy(disk, &added.disks[i]);
    }
    machine_clear(&added);
    return ok;
}

/* With a definition nothing is kept but the id: what is not given beside it is read from there. */
static bool begin_with_definition(const struct args *args, struct machine *machine, struct error *err)
{
    struct guid id = machine->id;
    machine_clear(machine);
    machine->id = id;
    take_without(args, machine);
    return take_domain_xml(args_text(args, "domain-xml"), machine, err);
}

/* Machines that are the host's own are what the host says. */
static bool check_set_here(const struct cli *cli, const struct args *args, struct error *err)
{
    static const char *const options[] = {"name", "cpus",       "memory",      "firmware",
                                          "disk", "domain-xml", "raw-content", "network"};
    bool add = cli->host->ops->capabilities(cli->host)->add_machines;
    for (size_t i = 0; !add && i < ARRAY_LENGTH(options); i++) {
        if (!args_flag(args, options[i]))
            continue;
        cli_say_host_cannot(cli, "change its machines", err);
        return error_next(err,
                          "Change the machine with libvirt (virsh edit). What can be set here: --without, "
                          "--backing.");
    }
    if (!add || args_flag(args, "domain-xml") || !args_flag(args, "without"))
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "usage.conflict", "--without goes with --domain-xml");
    return error_next(err, "See refpoint machine set --help.");
}

/* Behind those that the machine has; on a host whose machines are its own, beneath those that it has. */
static bool take_disk_options(const struct cli *cli, const struct args *args, struct machine *machine,
                              struct error *err)
{
    if (cli->host->ops->capabilities(cli->host)->add_machines)
        return add_disks(args, machine, err);
    take_without(args, machine);
    return take_disks(args, machine, err);
}

static int run_set(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct machine machine = {0};
    bool ok = check_change(args, &err) && cli_open(cli, &err) &&
              cli_host_can(cli, cli->host->ops->set_machine != NULL, "change machines", &err) &&
              check_set_here(cli, args, &err) && cli_find_machine(cli, args->operands[0], &machine, &err);
    if (ok && args_text(args, "domain-xml"))
        ok = begin_with_definition(args, &machine, &err);
    if (ok) {
        take_settings(args, &machine);
        if (args_text(args, "name"))
            mem_replace(&machine.name, args_text(args, "name"));
        ok = take_disk_options(cli, args, &machine, &err) &&
             cli->host->ops->set_machine(cli->host, &machine, &err);
    }
    return report(cli, args, ok, &machine, &err);
}

static int run_remove(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct machine machine = {0};
    bool ok = cli_open(cli, &err) &&
              cli_host_can(cli, cli->host->ops->remove_machine != NULL, "remove machines", &err) &&
              cli_find_machine(cli, args->operands[0], &machine, &err) &&
              cli->host->ops->remove_machine(cli->host, &machine.id, &err);
    if (ok) {
        json_t *more = json_object();
        json_put_text(more, "id", machine.id.text);
        json_put_text(more, "name", machine.name);
        cli_report_done(cli, more);
        output_line(&cli->out, "machine %s is no longer in the store; its images are as they were",
                    machine.name);
    }
    machine_clear(&machine);
    return ok ? CLI_DONE : cli_refuse(cli, &err);
}

#define SETTING_OPTIONS                                                                                      \
    {.name = "cpus",                                                                                         \
     .kind = ARGS_NUMBER,                                                                                    \
     .value = "N",                                                                                           \
     .least = 1,                                                                                             \
     .most = 4096,                                                                                           \
     .help = "virtual processors"},                                                                          \
        {.name = "memory", .kind = ARGS_SIZE, .value = "SIZE", .least = 1, .help = "for example 4G"},        \
    {                                                                                                        \
        .name = "firmware", .kind = ARGS_CHOICE, .value = "bios|efi", .help = "what the machine starts with" \
    }

#define DISK_OPTIONS                                                                                         \
    {.name = "disk",                                                                                         \
     .kind = ARGS_TEXT,                                                                                      \
     .value = "ID=FORMAT:PATH",                                                                              \
     .repeat = true,                                                                                         \
     .help =                                                                                                 \
         "an image: a name for the disk, qcow2 or raw, and its file; split at the first '=' and the first "  \
         "':', so the path may hold anything"},                                                              \
        {.name = "backing",                                                                                  \
         .kind = ARGS_TEXT,                                                                                  \
         .value = "ID=FORMAT:PATH",                                                                          \
         .repeat = true,                                                                                     \
         .help = "a file that the disk's image is an overlay of (a template); nearest first; files that "    \
                 "are not "                                                                                  \
                 "named are never read"},                                                                    \
    {                                                                                                        \
        .name = "raw-content", .kind = ARGS_TEXT, .value = "ID", .repeat = true,                             \
        .help = "a raw file of this disk that begins like a qcow2, vmdk ... image is what the guest's disk " \
                "holds"                                                                                      \
    }

#define WITHOUT_OPTION                                                                                       \
    {                                                                                                        \
        .name = "without", .kind = ARGS_TEXT, .value = "ID", .repeat = true,                                 \
        .help = "leave this disk of the definition out of every point; each record says so"                  \
    }

static const struct args_option add_options[] = {
    DISK_OPTIONS,
    SETTING_OPTIONS,
    {.name = "network",
     .kind = ARGS_TEXT,
     .value = "NAME",
     .repeat = true,
     .help = "a network adapter on this network or bridge"},
    {.name = "domain-xml",
     .kind = ARGS_TEXT,
     .value = "FILE",
     .help = "take everything from a libvirt definition (virsh dumpxml --inactive NAME)"},
    WITHOUT_OPTION,
};
static const struct args_option set_options[] = {
    {.name = "name", .kind = ARGS_TEXT, .value = "NAME", .help = "its new name"},
    SETTING_OPTIONS,
    DISK_OPTIONS,
    {.name = "domain-xml",
     .kind = ARGS_TEXT,
     .value = "FILE",
     .help = "its definition from now on: the disks that it has are checked, new ones added, those that it "
             "has no "
             "more are named and in no further point"},
    WITHOUT_OPTION,
};
static const struct args_operand existing[] = {{.name = "MACHINE", .help = "its name, id or id's beginning"}};
static const struct args_operand new_name[] = {
    {.name = "NAME",
     .help = "what the machine is to be called; with --domain-xml the definition's name unless given",
     .optional = true}};

static const struct cli_command commands[] = {
    {.noun = "machine",
     .verb = "list",
     .summary = "list the machines and their disks",
     .purpose =
         "Lists the machines of the host, a line for each disk. With --json one line for each machine: id, "
         "name, disks[{id, path, format, virtual_size, uuid, backing[]}], cpus, memory, firmware, "
         "architecture, machine_type, adapters[].",
     .run = run_list},
    {.noun = "machine",
     .verb = "add",
     .summary = "add a machine: its disk images, or a definition",
     .purpose =
         "Makes a machine known to the store: by hand with its disks, or from a libvirt definition. The "
         "images are "
         "looked at and not changed. An image that is an overlay of another file needs that file named with "
         "--backing.",
     .options = add_options,
     .option_count = ARRAY_LENGTH(add_options),
     .operands = new_name,
     .operand_count = ARRAY_LENGTH(new_name),
     .examples =
         "  refpoint machine add web01 --disk vda=qcow2:/srv/vm/web01.qcow2 --cpus 2 --memory 4G\n"
         "  refpoint machine add db01 --disk vda=qcow2:db01.qcow2 --backing vda=qcow2:template.qcow2\n"
         "  refpoint machine add --domain-xml web01.xml\n",
     .run = run_add},
    {.noun = "machine",
     .verb = "set",
     .summary = "change a machine, add disks, take a newer definition",
     .purpose = "Changes what is known of a machine; points that exist keep what they recorded. --disk adds "
                "a disk, which the next point holds; the disks that it has stay as they are.",
     .options = set_options,
     .option_count = ARRAY_LENGTH(set_options),
     .operands = existing,
     .operand_count = ARRAY_LENGTH(existing),
     .run = run_set},
    {.noun = "machine",
     .verb = "definition",
     .summary = "print the definition that is kept, put right",
     .purpose =
         "Prints the machine's libvirt definition with what would keep it from seeing its points put right: "
         "no "
         "chain of backing files of its own, each disk's format and path as they are. Give it to \"virsh "
         "define\", and back with machine set --domain-xml. With --json: id, name, definition, notes[].",
     .operands = existing,
     .operand_count = ARRAY_LENGTH(existing),
     .examples = "  refpoint machine definition web01 >web01.xml && virsh define web01.xml\n"
                 "  refpoint machine set web01 --domain-xml web01.xml\n",
     .run = run_definition},
    {.noun = "machine",
     .verb = "move",
     .summary = "move its images and layers, keep its points",
     .purpose =
         "Moves a machine's images and all their layers into another directory, on this file system or "
         "another; templates stay where they are. Copies are read back and compared before anything is "
         "changed, and the originals go last; Ctrl-C, a crash or a full disk leave the machine where it "
         "was. Every point stays exportable, and a base. The machine must be off. What to change in its "
         "definition is said. With --moved nothing is moved: the files are in DIR already, and the records "
         "follow once they are proved to be what was frozen. With --json: return_value, id, name, "
         "directory, disks[{disk, from, to}], files, copied, unproven, definition_kept, notes[].",
     .options = move_options,
     .option_count = MOVE_OPTIONS,
     .operands = existing,
     .operand_count = ARRAY_LENGTH(existing),
     .examples = "  refpoint machine move web01 --to /srv/fast/vm\n"
                 "  refpoint machine move web01 --to /mnt/restored --moved --unproven\n",
     .run = move_run},
    {.noun = "machine",
     .verb = "remove",
     .summary = "forget a machine; its images stay",
     .purpose =
         "Takes a machine out of the store. Its images stay as they are. One that is in a collection is "
         "refused.",
     .operands = existing,
     .operand_count = ARRAY_LENGTH(existing),
     .run = run_remove},
};

const struct cli_noun cli_machine_noun = {.commands = commands, .count = ARRAY_LENGTH(commands)};
