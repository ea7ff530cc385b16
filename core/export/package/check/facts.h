/* The facts of a record that stand in it twice, or follow from others: each has to say the same both times,
 * so that an edit of one place is seen even where the checksums were made anew. What stands once only (the
 * name of a point, its time) no checksum of the package's own can vouch for. Threads: any. */
#ifndef REFPOINT_EXPORT_PACKAGE_CHECK_FACTS_H
#define REFPOINT_EXPORT_PACKAGE_CHECK_FACTS_H

#include "core/export/package/package.h"
#include "core/export/package/problems.h"

/* Packages of the first version: their machine.cfg lists every disk of the machine, in the format that its
 * image had, and their record leaves some of this out. */
bool package_is_of_first_version(const struct package *package);

/* label goes in front of every sentence. */
void package_facts_check(const struct package *package, const char *label, struct package_problems *problems);

#endif
