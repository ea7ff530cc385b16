/* refpoint collection ... */
#include "core/cli/nouns/collection.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/cli/line/args.h"
#include "core/cli/line/context.h"
#include "core/cli/line/find.h"
#include "core/cli/line/report.h"
#include "core/cli/ways/forget.h"
#include "core/host/known.h"
#include "core/host/resolve.h"

static const struct machine *machine_by_id(const struct machine_list *machines, const struct guid *id)
{
    for (size_t i = 0; i < machines->count; i++) {
        if (guid_equal(&machines->items[i].id, id))
            return &machines->items[i];
    }
    return NULL;
}

/* A member that the host does not list is shown by its id. */
static const char *member_name(const struct machine_list *machines, const struct guid *id)
{
    const struct machine *machine = machine_by_id(machines, id);
    return machine ? machine->name : id->text;
}

static json_t *collection_json(const struct collection *collection, const struct machine_list *machines)
{
    json_t *object = json_object();
    json_t *names = json_array();
    json_t *members = json_array();
    for (size_t i = 0; i < collection->member_count; i++) {
        const struct guid *id = &collection->members[i];
        json_t *member = json_object();
        json_put_text(member, "id", id->text);
        json_put_text(member, "name", member_name(machines, id));
        json_array_append_new(members, member);
        json_array_append_new(names, json_text(member_name(machines, id)));
    }
    json_put_text(object, "id", collection->id.text);
    json_put_text(object, "name", collection->name);
    json_put(object, "machines", names);
    json_put(object, "members", members);
    return object;
}

static json_t *damaged_json(const struct damaged_record *damaged)
{
    json_t *object = json_object();
    json_put_text(object, "id", damaged->id.text);
    json_put_text(object, "name", damaged->name);
    json_put(object, "machines", json_null());
    json_put(object, "members", json_null());
    cli_put_damaged(object, damaged);
    return object;
}

static void show_collections(struct cli *cli, const struct collection *items, size_t count,
                             const struct left_out *damaged, const struct machine_list *machines)
{
    static const char *const headings[] = {"NAME", "MACHINES", "ID"};
    struct table table;
    table_begin(&table, headings, ARRAY_LENGTH(headings));
    for (size_t i = 0; i < count; i++) {
        CLEANUP_STRBUF struct strbuf names = {0};
        for (size_t k = 0; k < items[i].member_count; k++)
            strbuf_addf(&names, "%s%s", k ? ", " : "", member_name(machines, &items[i].members[k]));
        table_add(&table, items[i].name);
        table_add(&table, names.data);
        table_add(&table, items[i].id.text);
        output_json(&cli->out, collection_json(&items[i], machines));
    }
    for (size_t i = 0; damaged && i < damaged->count; i++) {
        table_add(&table, damaged->items[i].name);
        table_add(&table, "damaged");
        table_add(&table, damaged->items[i].id.text);
        output_json(&cli->out, damaged_json(&damaged->items[i]));
    }
    table_end(&table, &cli->out);
}

static int run_list(struct cli *cli, const struct args *args)
{
    (void)args;
    struct error err = {0};
    struct machine_list machines = {0};
    struct collection_list collections = {0};
    struct error unreached = {0};
    bool ok = cli_open(cli, &err) && host_machines(cli->host, &machines, &unreached, &err) &&
              cli->host->ops->list_collections(cli->host, &collections, &err);
    if (ok) {
        show_collections(cli, collections.items, collections.count, &collections.left_out, &machines);
        cli_warn_left_out(cli, "collection", &collections.left_out);
        cli_warn_left_out(cli, "machine", &machines.left_out);
        cli_warn_unreached(cli, &unreached);
    }
    collection_list_clear(&collections);
    machine_list_clear(&machines);
    return ok ? CLI_DONE : cli_refuse(cli, &err);
}

static bool find_members(const struct args *args, const struct machine_list *machines, struct guid **members,
                         size_t *count, struct error *err)
{
    const char *text;
    for (size_t i = 0; (text = args_nth(args, "member", i)); i++) {
        const struct machine *machine = resolve_machine(machines, text, err);
        if (!machine)
            return false;
        *ARRAY_APPEND(*members, *count) = machine->id;
    }
    return true;
}

static int run_define(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct machine_list machines = {0};
    struct collection made = {0};
    struct guid *members = NULL;
    size_t count = 0;
    bool ok = cli_open(cli, &err) &&
              cli_host_can(cli, cli->host->ops->define_collection != NULL, "define collections", &err) &&
              cli->host->ops->list_machines(cli->host, &machines, &err) &&
              find_members(args, &machines, &members, &count, &err) &&
              cli->host->ops->define_collection(cli->host, args->operands[0], members, count, &made, &err);
    if (ok)
        show_collections(cli, &made, 1, NULL, &machines);
    collection_clear(&made);
    machine_list_clear(&machines);
    free(members);
    return ok ? CLI_DONE : cli_refuse(cli, &err);
}

static int run_delete(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct collection collection = {0};
    bool ok = cli_open(cli, &err) &&
              cli_host_can(cli, cli->host->ops->delete_collection != NULL, "delete collections", &err) &&
              cli_find_collection(cli, args->operands[0], &collection, &err) &&
              cli->host->ops->delete_collection(cli->host, &collection.id, &err);
    if (ok) {
        json_t *more = json_object();
        json_put_text(more, "id", collection.id.text);
        json_put_text(more, "name", collection.name);
        cli_report_done(cli, more);
        output_line(&cli->out, "collection %s is deleted; its machines and images are as they were",
                    collection.name);
    }
    collection_clear(&collection);
    return ok ? CLI_DONE : cli_refuse(cli, &err);
}

static const struct args_operand new_name[] = {
    {.name = "NAME", .help = "what the collection is to be called"}};
static const struct args_operand existing[] = {
    {.name = "COLLECTION", .help = "its name, id or id's beginning"}};
static const struct args_option define_options[] = {
    {.name = "member",
     .kind = ARGS_TEXT,
     .value = "MACHINE",
     .required = true,
     .repeat = true,
     .help = "a machine, by name or id"},
};

static const struct cli_command commands[] = {
    {.noun = "collection",
     .verb = "list",
     .summary = "list the collections and their machines",
     .purpose = "Lists the collections of the host. With --json one line each: id, name, machines (names), "
                "members (id and name).",
     .run = run_list},
    {.noun = "collection",
     .verb = "define",
     .summary = "make a collection of machines",
     .purpose =
         "Makes a collection: machines whose disks are frozen together, at one moment. A machine may be "
         "in more than one. Prints the collection as its list shows it.",
     .options = define_options,
     .option_count = ARRAY_LENGTH(define_options),
     .operands = new_name,
     .operand_count = ARRAY_LENGTH(new_name),
     .examples = "  refpoint collection define shop --member web01 --member db01\n",
     .run = run_define},
    {.noun = "collection",
     .verb = "delete",
     .summary = "delete a collection that has no points",
     .purpose =
         "Deletes a collection. Its machines and their images stay as they are. One that still has points "
         "is refused: destroy them first.",
     .operands = existing,
     .operand_count = ARRAY_LENGTH(existing),
     .run = run_delete},
    {.noun = "collection",
     .verb = "forget",
     .summary = "drop a collection and its points; every file stays",
     .purpose =
         "Drops the records of a collection and of all its points and leaves every file as it is: the "
         "machines go on with their images, which are still based on the layers. For each layer it is said "
         "what needs it, and with which commands the machine becomes free of it. With --json: "
         "return_value, id, name, layers[] as refpoint point forget tells them.",
     .operands = existing,
     .operand_count = ARRAY_LENGTH(existing),
     .run = forget_run_collection},
};

const struct cli_noun cli_collection_noun = {.commands = commands, .count = ARRAY_LENGTH(commands)};
