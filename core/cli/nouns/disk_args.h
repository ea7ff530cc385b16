/* `--disk ID=FORMAT:PATH`, `--backing ID=FORMAT:PATH` and what is said about them: split at the first '=' and
 * the first ':', so that a path may hold anything. Threads: any. */
#ifndef REFPOINT_CLI_NOUNS_DISK_ARGS_H
#define REFPOINT_CLI_NOUNS_DISK_ARGS_H

#include "core/cli/line/args.h"
#include "core/model/model.h"

/* Appends a disk; a relative path is put behind the current directory, links unresolved. */
bool disk_args_add_disk(struct machine *machine, const char *text, struct error *err) WARN_UNUSED;
/* Registers a backing file, nearest first. A relative path is one below the current directory, or, where
 * there is no such file, beside the image. The disk must be there already, but for a machine with a
 * definition (domain_xml), which has it: the entry made then holds the backing file alone. */
bool disk_args_add_backing(struct machine *machine, const char *text, struct error *err) WARN_UNUSED;
/* `--raw-content ID`: a raw file of this disk may begin like another format. The disk as for backing files.
 */
bool disk_args_vouch(struct machine *machine, const char *id, struct error *err) WARN_UNUSED;

#endif
