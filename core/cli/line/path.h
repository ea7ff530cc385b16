/* Paths as they are typed. Threads: any. Private to core/cli. */
#ifndef REFPOINT_CLI_LINE_PATH_H
#define REFPOINT_CLI_LINE_PATH_H

/* Every path of a command line goes through this, so that messages, JSON and other processes have the same:
 * fs_absolute_path. The caller's. */
char *cli_absolute_path(const char *path);

#endif
