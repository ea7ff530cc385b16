/* A full package of a differential one and of those that it is based on: the same point, which the chain of
 * packages is read for as an export reads a store's layers.
 *
 * First the whole chain is verified, every byte of it (as package_verify does, signatures that do not fit
 * included); then the engine exports (export.h), with all that it promises: nothing has its final name before
 * it is complete, proven and on the disk; a kill leaves a dot-partial; files that change meanwhile end it.
 * The packages of the chain are only read. The new one is of the same point, so that exports find it as their
 * base, and says in its record of which packages it was made.
 *
 * Threads: starts children, which die with the thread that called. Ownership: what is asked for is borrowed;
 * consolidated_clear, also after a failure. */
#ifndef REFPOINT_EXPORT_CONSOLIDATE_CONSOLIDATE_H
#define REFPOINT_EXPORT_CONSOLIDATE_CONSOLIDATE_H

#include "core/base/error.h"
#include "core/export/export.h"
#include "core/job/job.h"

struct consolidation {             /* what is asked for */
    const char *path;              /* of the differential package */
    const char *directory;         /* where the new one goes: absolute, exists */
    char *const *base_directories; /* in which base packages are looked for, besides beside the package */
    size_t base_directory_count;
    bool keeps_compression; /* that of the package itself, its level too; the next two are not looked at */
    enum compression compression;
    unsigned zstd_level;  /* as in struct export_options */
    const char *sign_key; /* as in struct export_options; NULL = it is not signed */
    const char *memory;   /* of what this machine has verified (proof.h); NULL = none */
};

struct consolidated {
    struct export_result made;
    char **from; /* paths of the packages that it is made of: the one that was named, then its base, and so on
                  */
    size_t from_count;
    char **left_out; /* what it does not hold of its machines, a sentence each, as the package before */
    size_t left_out_count;
    char *warning; /* NULL */
};
void consolidated_clear(struct consolidated *consolidated);

/* false: cancelled, refused, or, with err->begun, failed; nothing is left of it then. Refused are a package
 * that is full ("consolidate.full") and one that cannot be read, whose bases are not all there, or of whose
 * chain a file is damaged ("consolidate.damaged"); and what an export refuses: directory, room, key. Files of
 * the chain that change meanwhile are "consolidate.changed". job may not be NULL. */
bool consolidate_package(const struct consolidation *asked, struct job *job, struct consolidated *result,
                         struct error *err) WARN_UNUSED;

#endif
