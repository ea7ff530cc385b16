#include "core/cli/ways/register.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/text.h"

bool register_may(struct cli *cli, const struct reference_point *point, struct error *err)
{
    if (!cli_open(cli, err))
        return false;
    const struct host_ops *ops = cli->host->ops;
    if (!cli_host_can(cli, ops->register_import != NULL, "take imported machines into its store", err))
        return error_next(
            err, "Import without --register and give its domain.xml to \"virsh define\"; or take the "
                 "machine, which must be off, into a store of the local host: --host local.");
    return !point || ops->check_register(cli->host, point, err);
}

/* The import is whole, whatever became of the rest. */
static void explain(const struct imported *imported, const char *to, struct error *err)
{
    CLEANUP_FREE char *place = text_shell_quote(to);
    CLEANUP_FREE char *before = mem_strdup(err->next);
    CLEANUP_FREE char *name = text_escape(imported->machine_count > 0 ? imported->machines[0].name : "");
    error_context(err, "imported to %s, but not registered", to);
    error_begun(err);
    error_next(
        err,
        "%s%sThe images in %s are whole: refpoint machine add --domain-xml FILE, with the domain.xml in "
        "there, adds a machine (%s) without the point.",
        before, *before ? " " : "", place, name);
}

bool register_do(struct cli *cli, const struct imported *imported, const char *to, struct error *err)
{
    if (cli->host->ops->register_import(cli->host, imported, err) == RETURN_DONE)
        return true;
    explain(imported, to, err);
    return false;
}

static json_t *machines_json(const struct imported *imported)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < imported->machine_count; i++) {
        json_t *row = json_object();
        json_put_text(row, "id", imported->machines[i].id.text);
        json_put_text(row, "name", imported->machines[i].name);
        json_array_append_new(rows, row);
    }
    return rows;
}

void register_say(struct cli *cli, const struct imported *imported, json_t *more)
{
    const struct reference_point *point = imported->renamed ? NULL : &imported->point;
    json_t *object = json_object();
    json_put(object, "machines", machines_json(imported));
    json_put_text(object, "collection_id", point ? point->collection_id.text : NULL);
    json_put_text(object, "collection", point ? point->collection_name : NULL);
    json_put_text(object, "point_id", point ? point->id.text : NULL);
    json_put_text(object, "point", point ? point->name : NULL);
    json_put(more, "registered", object);
    for (size_t i = 0; i < imported->machine_count; i++)
        output_line(&cli->out, "machine %s is in the store", imported->machines[i].name);
    if (!point) {
        output_line(&cli->out, "It is another machine than the package's, which is no base for it: its first "
                               "export is full.");
        return;
    }
    CLEANUP_FREE char *collection = text_shell_quote(point->collection_name);
    CLEANUP_FREE char *name = text_shell_quote(point->name);
    output_line(
        &cli->out,
        "point %s of %s is in the store: its layers are the imported images, read-only from now on, and "
        "overlays have their paths",
        point->name, point->collection_name);
    output_line(&cli->out,
                "The next difference, beside the package: refpoint export %s POINT --base %s --to DIR",
                collection, name);
}
