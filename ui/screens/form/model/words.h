/* Words by which the command line finds the same object (resolve.h), unquoted; the caller's. Threads: any. */
#ifndef REFPOINT_UI_SCREENS_FORM_MODEL_WORDS_H
#define REFPOINT_UI_SCREENS_FORM_MODEL_WORDS_H

#include "core/model/model.h"

/* name: NULL where it is not known. */
char *form_word_collection(const struct collection_list *collections, const struct guid *id,
                           const char *name);
/* lasting: no point that is made from now on can go by the same word. */
char *form_word_point(const struct reference_point_list *points, const struct reference_point *point,
                      bool lasting);
/* Of one of these, which are all that it is looked for in. */
char *form_word_machine(const struct machine_list *machines, const struct machine *machine);

#endif
