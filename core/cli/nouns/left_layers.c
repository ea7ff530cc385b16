#include "core/cli/nouns/left_layers.h"

json_t *left_layers_json(const struct left_layers *layers)
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

void left_layers_show(struct output *out, const struct left_layers *layers)
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
