#include "core/model/imported.h"

#include <stdlib.h>

void imported_clear(struct imported *imported)
{
    for (size_t i = 0; i < imported->machine_count; i++)
        machine_clear(&imported->machines[i]);
    for (size_t i = 0; i < imported->image_count; i++)
        free(imported->images[i].path);
    free(imported->machines);
    free(imported->images);
    reference_point_clear(&imported->point);
    *imported = (struct imported){0};
}
