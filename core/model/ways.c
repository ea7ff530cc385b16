#include "core/model/ways.h"

#include <stdlib.h>

const char *layer_rest_word(enum layer_rest rest)
{
    static const char *const words[] = {[LAYER_REST_IMAGE] = "image",
                                        [LAYER_REST_POINT] = "point",
                                        [LAYER_REST_FREE] = "free",
                                        [LAYER_REST_GONE] = "gone",
                                        [LAYER_REST_UNCLEAR] = "unclear"};
    return words[rest];
}

void left_layers_clear(struct left_layers *layers)
{
    for (size_t i = 0; i < layers->count; i++) {
        struct left_layer *layer = &layers->items[i];
        free(layer->point);
        free(layer->machine);
        free(layer->disk);
        free(layer->path);
        free(layer->needed_by);
        for (size_t j = 0; j < layer->command_count; j++)
            free(layer->commands[j]);
        free(layer->commands);
    }
    free(layers->items);
    *layers = (struct left_layers){0};
}

void adopted_files_clear(struct adopted_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        struct adopted_file *file = &files->items[i];
        free(file->path);
        free(file->point);
        free(file->machine);
        free(file->disk);
        free(file->reason);
    }
    free(files->items);
    *files = (struct adopted_files){0};
}

void moved_machine_clear(struct moved_machine *moved)
{
    for (size_t i = 0; i < moved->disk_count; i++) {
        free(moved->disks[i].disk);
        free(moved->disks[i].from);
        free(moved->disks[i].to);
    }
    free(moved->disks);
    for (size_t i = 0; i < moved->note_count; i++)
        free(moved->notes[i]);
    free(moved->notes);
    *moved = (struct moved_machine){0};
}

void store_report_clear(struct store_report *report)
{
    for (size_t i = 0; i < report->finding_count; i++)
        free(report->findings[i]);
    free(report->findings);
    for (size_t i = 0; i < report->note_count; i++)
        free(report->notes[i]);
    free(report->notes);
    *report = (struct store_report){0};
}
