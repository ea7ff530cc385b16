/* A point in words. Pure. Threads: any. */
#ifndef REFPOINT_UI_SCREENS_POINT_FACTS_H
#define REFPOINT_UI_SCREENS_POINT_FACTS_H

#include "core/model/model.h"
#include "ui/widgets/facts.h"

/* Each adds to facts. point: whole, with members. collection: its name. now: for its age. */
void point_facts_properties(struct facts *facts, const char *collection, const struct reference_point *point,
                            struct moment now);
/* all: the points of the collection. */
void point_facts_chain(struct facts *facts, const struct reference_point *point,
                       const struct reference_point_list *all);
void point_facts_machines(struct facts *facts, const struct reference_point *point);

#endif
