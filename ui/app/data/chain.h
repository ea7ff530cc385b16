/* The place of a point among the points of its collection, drawn: "installed - [monday] - tuesday". One
 * stands on the one before it. Threads: any; pure. */
#ifndef REFPOINT_UI_APP_DATA_CHAIN_H
#define REFPOINT_UI_APP_DATA_CHAIN_H

#include "core/model/model.h"

/* The point with its nearest neighbours, oldest first; ".." where there are more. point: one of the list's
 * collection; NULL: the machines as they are now, behind all points. Unescaped; the caller's. */
char *chain_text(const struct reference_point_list *points, const struct reference_point *point);

#endif
