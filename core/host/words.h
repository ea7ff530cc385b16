/* Words by which the command line finds the same object (resolve.h), unquoted; and what command line and
 * screen say alike. The caller's. Threads: any. */
#ifndef REFPOINT_HOST_WORDS_H
#define REFPOINT_HOST_WORDS_H

#include "core/export/export.h"
#include "core/model/model.h"

/* What an estimate tells of the base's packages, and what will be done about them, as one clause: "last
 * verified 3 days ago; again: 183.0 GiB, about 10 min". The caller's. */
char *words_for_base(const struct export_base_estimate *base, enum base_check check);

/* name: NULL where it is not known. */
char *word_for_collection(const struct collection_list *collections, const struct guid *id, const char *name);
/* lasting: no point that is made from now on can go by the same word. */
char *word_for_point(const struct reference_point_list *points, const struct reference_point *point,
                     bool lasting);
/* Of one of these, which are all that it is looked for in. */
char *word_for_machine(const struct machine_list *machines, const struct machine *machine);

#endif
