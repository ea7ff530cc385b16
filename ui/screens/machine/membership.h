/* In which collections each machine is, as names in a line. Takes as long as there are members, whatever the
 * number of machines; for workers all the same. Threads: any. */
#ifndef REFPOINT_UI_SCREENS_MACHINE_MEMBERSHIP_H
#define REFPOINT_UI_SCREENS_MACHINE_MEMBERSHIP_H

#include "core/model/model.h"

/* A text for each machine, "web-prod, web-test", "" for none; the caller's: membership_free. */
char **membership_texts(const struct machine_list *machines, const struct collection_list *collections);
void membership_free(char **texts, size_t count); /* NULL is allowed */

#endif
