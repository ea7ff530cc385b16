/* A package and the packages under it, open, for verifying and importing.
 *
 * Threads: package_stack_check starts children, which die with the thread that called. Ownership:
 * package_stack_close, also after a failure. */
#ifndef REFPOINT_EXPORT_PACKAGE_CHECK_STACK_H
#define REFPOINT_EXPORT_PACKAGE_CHECK_STACK_H

#include "core/base/error.h"
#include "core/export/package/chain.h"
#include "core/export/package/image.h"
#include "core/export/package/proof/proof.h"
#include "core/job/job.h"

struct package_stack { /* [0] = the package itself, then its base, and so on down */
    struct package_link *links;
    size_t count; /* 0: its record cannot be read, which is among the problems */
};

/* Bases are looked for beside the package and in base_directories. A package that cannot be read, or whose
 * bases are not all there, is a problem (then the stack holds what could be read); false only when the
 * directory itself cannot be looked at, or somebody removes it just now. What is in the stack is held
 * (hold.h).
 */
bool package_stack_open(const char *path, char *const *base_directories, size_t base_directory_count,
                        struct package_stack *stack, struct package_problems *problems,
                        struct error *err) WARN_UNUSED;
/* What reading a package whole reads: each file for its SHA-256, and of the disks what QEMU is asked for. */
uint64_t package_stack_bytes(const struct package_link *link);

struct package_stack_check {
    struct job *job;    /* may be NULL */
    const char *memory; /* where the packages that are whole are remembered (proof.h); NULL = nowhere */
    /* Of each package; NULL = none: left out, since it is known to be whole. */
    const bool *skipped;
    struct package_proof *proofs; /* of each package: those that were found whole are filled in; NULL */
};
/* Everything that package_verify promises of files, and what seal.h does, on the links from then on. false:
 * cancelled or it could not be done. */
bool package_stack_check(struct package_stack *stack, const struct package_stack_check *check,
                         struct package_problems *problems, struct error *err) WARN_UNUSED;
/* Is this disk of the package itself damaged, or what it stands on? */
bool package_stack_is_damaged(const struct package_stack *stack, const struct package_problems *problems,
                              size_t disk);
/* The open files of one disk of the package itself, top first. 32773 when a layer is missing. */
bool package_stack_open_disk(const struct package_stack *stack, size_t disk, struct package_chain *chain,
                             struct error *err) WARN_UNUSED;
/* What goes in front of a sentence about stack->links[level]: "" or "base package X: "; the caller's. */
char *package_stack_label(const struct package_stack *stack, size_t level);
void package_stack_close(struct package_stack *stack);

#endif
