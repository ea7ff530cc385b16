/* Text made comparable for filters: case and compatibility forms folded (NFKC_Casefold). What is no UTF-8
 * stays as it is. Threads: any. */
#ifndef REFPOINT_UI_DRAW_FOLD_H
#define REFPOINT_UI_DRAW_FOLD_H

char *fold_text(const char *text); /* the caller's */

#endif
