/* What stands where once points were forgotten, in text and as JSON. Threads: the main one. */
#ifndef REFPOINT_CLI_NOUNS_LEFT_LAYERS_H
#define REFPOINT_CLI_NOUNS_LEFT_LAYERS_H

#include "core/cli/line/output.h"
#include "core/model/ways.h"

json_t *left_layers_json(const struct left_layers *layers);
void left_layers_show(struct output *out, const struct left_layers *layers);

#endif
