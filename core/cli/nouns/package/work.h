/* package verify, import and consolidate, which read a whole package, and package prune, which removes them
 * (prune.c). package_run_* return the exit status. Threads: the main one. Private to core/cli. */
#ifndef REFPOINT_CLI_NOUNS_PACKAGE_WORK_H
#define REFPOINT_CLI_NOUNS_PACKAGE_WORK_H

#include "core/cli/line/args.h"
#include "core/cli/line/context.h"

int package_run_verify(struct cli *cli, const struct args *args);
int package_run_import(struct cli *cli, const struct args *args);
int package_run_prune(struct cli *cli, const struct args *args);
int package_run_consolidate(struct cli *cli, const struct args *args);

/* Runs it on a thread of its own; progress on a terminal only: what these commands print is one object. */
bool package_work_do(struct cli *cli, struct job *job, void (*run)(void *context), void *context,
                     struct error *err) WARN_UNUSED;
int package_say_cancelled(struct cli *cli, const char *path);

#endif
