/* What partial.c, leavings.c and ledger.c share; nobody else's. */
#ifndef REFPOINT_EXPORT_PACKAGE_WRITE_PARTIAL_STATE_H
#define REFPOINT_EXPORT_PACKAGE_WRITE_PARTIAL_STATE_H

#include <stdbool.h>
#include <stddef.h>

#define PARTIAL_ATTEMPTS 16
#define PARTIAL_SHORT_ID ((size_t)8)

enum partial_lock { LOCK_TAKEN, LOCK_HELD_ELSEWHERE, LOCK_IMPOSSIBLE };
enum partial_lock partial_try_lock(int fd);
bool partial_exists(int parent, const char *name);
/* Still the directory of that name, not one that a cleaner has removed meanwhile. */
bool partial_is_current(int parent, const char *name, int fd);
/* ".STEM-xxxxxxxx" and the ending. */
bool partial_has_form(const char *name, const char *ending);
/* At the top: "machines" or a machine's directory, and the few files that we write there. */
bool partial_holds_only_ours(int fd);
/* rename(2) without replacing anything. */
int partial_rename_new(int parent, const char *from, const char *to);

#endif
