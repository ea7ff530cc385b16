/* The parts of definition_rewrite, each for one concern of a definition; in the order in which they act. What
 * exists once in a definition has been found to exist once. Threads: one at a time. */
#ifndef REFPOINT_DEFINITION_REWRITE_PARTS_H
#define REFPOINT_DEFINITION_REWRITE_PARTS_H

#include "core/base/error.h"
#include "core/definition/rewrite/change.h"
#include "core/definition/rewrite/edit.h"

void rewrite_running(struct edit *edit);
bool rewrite_disks(struct edit *edit, const struct definition_change *change, struct error *err) WARN_UNUSED;
void rewrite_files(struct edit *edit, const struct definition_change *change);
void rewrite_identity(struct edit *edit, const struct definition_change *change);
bool rewrite_cpus(struct edit *edit, const struct definition_change *change, struct error *err) WARN_UNUSED;
bool rewrite_memory(struct edit *edit, const struct definition_change *change, struct error *err) WARN_UNUSED;
void rewrite_firmware(struct edit *edit, const char *firmware);

#endif
