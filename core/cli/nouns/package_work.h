/* package verify and package import, the commands that read a whole package (package_work.c), and package
 * prune, which removes them (package_prune.c). Return the exit status. Threads: the main one. Private to
 * core/cli. */
#ifndef REFPOINT_CLI_NOUNS_PACKAGE_WORK_H
#define REFPOINT_CLI_NOUNS_PACKAGE_WORK_H

#include "core/cli/line/args.h"
#include "core/cli/line/context.h"

int package_run_verify(struct cli *cli, const struct args *args);
int package_run_import(struct cli *cli, const struct args *args);
int package_run_prune(struct cli *cli, const struct args *args);

#endif
