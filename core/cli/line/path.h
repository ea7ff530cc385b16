/* Paths as they are typed. Threads: any. Private to core/cli. */
#ifndef REFPOINT_CLI_LINE_PATH_H
#define REFPOINT_CLI_LINE_PATH_H

/* An absolute path without resolving links: what was typed, behind the current directory where it is
 * relative. The caller's. */
char *cli_absolute_path(const char *path);

#endif
