/* Points as the commands show them: rows, one whole, and one that was just made; each for people and as JSON.
 * Threads: the main one. */
#ifndef REFPOINT_CLI_NOUNS_POINT_SHOW_H
#define REFPOINT_CLI_NOUNS_POINT_SHOW_H

#include "core/cli/line/context.h"
#include "core/model/model.h"

json_t *point_show_json(const struct reference_point *point);
/* The same fields, as far as they are known: of the collection that it was looked for in. */
json_t *point_show_damaged_json(const struct damaged_record *damaged, const struct collection *collection);
/* damaged: NULL, or what is shown beneath them. */
void point_show_rows(struct cli *cli, const struct reference_point *items, size_t count,
                     const struct left_out *damaged);
void point_show_whole(struct cli *cli, const struct reference_point *point, const struct object_path *path);
void point_show_made(struct cli *cli, const struct reference_point *point,
                     const struct point_remarks *remarks);

#endif
