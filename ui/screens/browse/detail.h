/* What stands beneath, or beside, the lists: the selected collection with its machines, or the selected point
 * with its chain, its packages and its machines. What a list knows is there at once; what only the whole
 * record of a point has is read ahead by a worker. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_DETAIL_H
#define REFPOINT_UI_SCREENS_BROWSE_DETAIL_H

#include "ui/screens/browse/state.h"

/* The lines, as of now. */
void browse_detail_make(struct browse *browse);
/* Asks for the whole of the selected point, unless it is there or on its way. */
void browse_detail_ask(struct browse *browse);
void browse_detail_forget(struct browse *browse); /* it may have changed */
void browse_detail_clear(struct browse_detail *detail);

#endif
