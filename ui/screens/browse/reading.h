/* What the browse screen asks of its host, on workers, and what becomes of the answers. At most one request
 * for points is waited for: while the selection moves, the next one is asked for when the last has answered,
 * or when it is so late that the host may be stalled. Threads: the one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_READING_H
#define REFPOINT_UI_SCREENS_BROWSE_READING_H

#include "ui/screens/browse/state.h"

/* After the rows or a filter changed; after the order did. */
void browse_update_collections(struct browse *browse);
void browse_update_points(struct browse *browse);
void browse_resort_collections(struct browse *browse);
void browse_resort_points(struct browse *browse);
void browse_clear_points(struct browse *browse);

/* Those of the selected collection; again: also where they are there, or were given up. */
void browse_ask_for_points(struct browse *browse, bool again);
void browse_read_again(struct browse *browse);
/* Also what is not shown: whether it is damaged is told in the title. */
void browse_read_all_again(struct browse *browse);
void browse_read_exports(struct browse *browse);

#endif
