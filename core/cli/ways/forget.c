#include "core/cli/ways/forget.h"

#include "core/cli/line/find.h"
#include "core/cli/line/report.h"

static json_t *layers_json(const struct left_layers *layers)
{
    json_t *list = json_array();
    for (size_t i = 0; i < layers->count; i++) {
        const struct left_layer *layer = &layers->items[i];
        json_t *object = json_object();
        json_t *commands = json_array();
        for (size_t j = 0; j < layer->command_count; j++)
            json_array_append_new(commands, json_text(layer->commands[j]));
        json_put_text(object, "point", layer->point);
        json_put_text(object, "machine", layer->machine);
        json_put_text(object, "disk", layer->disk);
        json_put_text(object, "layer", layer->path);
        json_put_text(object, "needed", layer_rest_word(layer->rest));
        json_put_text(object, "needed_by", layer->needed_by);
        json_put(object, "commands", commands);
        json_array_append_new(list, object);
    }
    return list;
}

static void show_state(struct output *out, const struct left_layer *layer)
{
    switch (layer->rest) {
    case LAYER_REST_IMAGE:
        output_line(out, "%s/%s: %s stays where it is, and must: the image %s is based on it", layer->machine,
                    layer->disk, layer->path, layer->needed_by);
        break;
    case LAYER_REST_POINT:
        output_line(out, "%s/%s: %s stays where it is, and must: the reference point %s is read through it",
                    layer->machine, layer->disk, layer->path, layer->needed_by);
        break;
    case LAYER_REST_FREE:
        output_line(out, "%s/%s: %s stays where it is; nothing is based on it, so it can be deleted",
                    layer->machine, layer->disk, layer->path);
        break;
    case LAYER_REST_GONE:
        output_line(out, "%s/%s: %s is not there", layer->machine, layer->disk, layer->path);
        break;
    case LAYER_REST_UNCLEAR:
        output_line(out,
                    "%s/%s: %s stays where it is; keep it: whether something is based on it cannot be told",
                    layer->machine, layer->disk, layer->path);
        break;
    }
}

static void show_layers(struct output *out, const struct left_layers *layers)
{
    for (size_t i = 0; i < layers->count; i++) {
        const struct left_layer *layer = &layers->items[i];
        show_state(out, layer);
        if (layer->rest == LAYER_REST_IMAGE && layer->command_count)
            output_line(out, "  to be free of it, with the machine off:");
        for (size_t j = 0; j < layer->command_count; j++)
            output_line(out, "    %s", layer->commands[j]);
    }
}

/* A point whose record cannot be read has no name and is in no list: its whole id finds it. */
static bool find_to_forget(struct cli *cli, const struct args *args, struct object_path *path,
                           struct error *err)
{
    struct error unknown = {0};
    if (cli_find_point_path(cli, args->operands[0], args->operands[1], path, &unknown))
        return true;
    struct collection collection = {0};
    bool ok = cli->host && guid_parse(&path->point_id, args->operands[1]) &&
              cli_find_collection(cli, args->operands[0], &collection, &unknown);
    path->collection_id = collection.id;
    collection_clear(&collection);
    if (!ok)
        *err = unknown;
    return ok;
}

int forget_run_point(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct object_path path = {0};
    struct left_layers left = {0};
    bool ok = cli_open(cli, &err) &&
              cli_host_can(cli, cli->host->ops->forget_point != NULL, "forget points", &err) &&
              find_to_forget(cli, args, &path, &err) &&
              cli->host->ops->forget_point(cli->host, &path, &left, &err);
    if (!ok)
        return cli_refuse(cli, &err);
    json_t *more = json_object();
    json_put_text(more, "id", path.point_id.text);
    json_put_text(more, "collection_id", path.collection_id.text);
    json_put(more, "layers", layers_json(&left));
    cli_report_done(cli, more);
    output_line(&cli->out, "point %s is forgotten; every file is as it was", args->operands[1]);
    show_layers(&cli->out, &left);
    left_layers_clear(&left);
    return CLI_DONE;
}

int forget_run_collection(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct collection collection = {0};
    struct left_layers left = {0};
    bool ok = cli_open(cli, &err) &&
              cli_host_can(cli, cli->host->ops->forget_collection != NULL, "forget collections", &err) &&
              cli_find_collection(cli, args->operands[0], &collection, &err) &&
              cli->host->ops->forget_collection(cli->host, &collection.id, &left, &err);
    if (ok) {
        json_t *more = json_object();
        json_put_text(more, "id", collection.id.text);
        json_put_text(more, "name", collection.name);
        json_put(more, "layers", layers_json(&left));
        cli_report_done(cli, more);
        output_line(&cli->out,
                    "collection %s and its points are forgotten; its machines and every file are as they "
                    "were",
                    collection.name);
        show_layers(&cli->out, &left);
    }
    left_layers_clear(&left);
    collection_clear(&collection);
    return ok ? CLI_DONE : cli_refuse(cli, &err);
}
