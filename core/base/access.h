/* What helps an account that may not use a file: the group to join, or the command that gives the right.
 * Threads: any. Returned strings are the caller's. */
#ifndef REFPOINT_BASE_ACCESS_H
#define REFPOINT_BASE_ACCESS_H

/* One or two sentences that are true of this path: what on the way to it refuses whom, who may, and what
 * helps. `number` is the system's (EACCES, EPERM). NULL: nothing of the path refuses; then something else
 * does (SELinux, AppArmor, a lock of the file). */
char *access_advice(const char *path, int number);

/* The same for a directory in which names are to be made and removed. */
char *access_advice_to_change(const char *directory, int number);
char *access_advice_to_change_fd(int directory, int number);

/* The same for the first absolute path in a message that refuses. A path may hold blanks: the longest one
 * that is there is meant. */
char *access_advice_in(const char *message, int number);

#endif
