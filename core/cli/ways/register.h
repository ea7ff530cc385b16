/* What package import --register does beside the import: it asks the host before anything is copied, and
 * hands over what came of it. Threads: the main one. Private to core/cli. */
#ifndef REFPOINT_CLI_WAYS_REGISTER_H
#define REFPOINT_CLI_WAYS_REGISTER_H

#include "core/cli/line/context.h"
#include "core/model/imported.h"

/* Opens the host. point: the package's; NULL: its machines will get new ids, and come without it. */
bool register_may(struct cli *cli, const struct reference_point *point, struct error *err) WARN_UNUSED;
/* On failure the error tells how to go on with the import, which is whole. */
bool register_do(struct cli *cli, const struct imported *imported, const char *to,
                 struct error *err) WARN_UNUSED;
/* The member "registered": what is in the store now; and the same in text. */
void register_say(struct cli *cli, const struct imported *imported, json_t *more);

#endif
