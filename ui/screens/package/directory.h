/* The directory whose packages were shown last: what the list proposes the next time. Kept in the state
 * directory as `packages.cfg`; one that cannot be read is as good as none. Blocks: worker threads. */
#ifndef REFPOINT_UI_SCREENS_PACKAGE_DIRECTORY_H
#define REFPOINT_UI_SCREENS_PACKAGE_DIRECTORY_H

#define PACKAGES_FILE "packages.cfg"

/* The caller's; NULL: none is remembered. state_directory: NULL = the usual one. */
char *package_directory_recall(const char *state_directory);
/* Where it cannot be kept the next list proposes another: no reason to trouble anybody. */
void package_directory_remember(const char *state_directory, const char *directory);

#endif
