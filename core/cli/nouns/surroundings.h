/* What stands around the disks of machines, as every noun shows it: the files that belong to a machine, and
 * what is in none of its points. Threads: the main one. Private to core/cli. */
#ifndef REFPOINT_CLI_NOUNS_SURROUNDINGS_H
#define REFPOINT_CLI_NOUNS_SURROUNDINGS_H

#include "core/cli/line/context.h"
#include "core/model/model.h"

/* "files" and "left_out": arrays, empty where there is nothing. */
void surroundings_put_json(json_t *object, const struct machine *machine);
/* A line each, for people: on standard error, since it is no part of what was asked for. */
void surroundings_warn(struct cli *cli, const struct machine *machine);

#endif
