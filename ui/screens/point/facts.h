/* A point in words. Pure. Threads: any. */
#ifndef REFPOINT_UI_SCREENS_POINT_FACTS_H
#define REFPOINT_UI_SCREENS_POINT_FACTS_H

#include "core/model/model.h"
#include "ui/widgets/facts.h"

/* point: whole, with members. collection: its name. all: the points of that, for its place in the chain. Adds
 * to facts. */
void point_facts_make(struct facts *facts, const char *collection, const struct reference_point *point,
                      const struct reference_point_list *all);

#endif
