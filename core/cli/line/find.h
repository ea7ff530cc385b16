/* From what a person typed (a name, an id or its beginning) to an object of the host.
 *
 * The host must be open, but for cli_find_point_path, which opens it. Ownership: the result is the caller's.
 * Threads: the main one. Errors: those of the host and of resolve.h. Private to core/cli. */
#ifndef REFPOINT_CLI_LINE_FIND_H
#define REFPOINT_CLI_LINE_FIND_H

#include "core/cli/line/context.h"

bool cli_find_collection(struct cli *cli, const char *text, struct collection *found,
                         struct error *err) WARN_UNUSED;
bool cli_find_machine(struct cli *cli, const char *text, struct machine *found,
                      struct error *err) WARN_UNUSED;
/* Without members; host->read_point gives them. */
bool cli_find_point(struct cli *cli, const struct collection *collection, const char *text,
                    struct reference_point *found, struct error *err) WARN_UNUSED;
/* Both operands at once. */
bool cli_find_point_path(struct cli *cli, const char *collection, const char *point, struct object_path *path,
                         struct error *err) WARN_UNUSED;

#endif
