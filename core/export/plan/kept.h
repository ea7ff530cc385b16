/* The plan of all disks of an export, kept in one file without a name: what a check has found goes with its
 * estimate, and whoever exports the same takes it in place of another walk. It is a shortcut and no promise:
 * one that belongs to something else, or is damaged, is told so and not used.
 *
 * The file: a head (magic and version, the key, how many disks, a digest of the table, a digest of itself), a
 * table with a row for each disk (its totals, and of each of its lists how many records of which size are
 * where, with their digest), the records. Numbers as this machine has them: it is read by this program only,
 * on the same machine, while somebody holds it open. Digests are SHA-256.
 *
 * Nothing is believed: counts must lie within the file, digests must be right, and the runs are fed to a
 * planner again, which must come to the same list and the same totals.
 *
 * Threads: any; what was written is never changed, so several may read at once, each by the same or its own
 * descriptor. Units: bytes. Ownership: kept_plan_free. */
#ifndef REFPOINT_EXPORT_PLAN_KEPT_H
#define REFPOINT_EXPORT_PLAN_KEPT_H

#include "core/base/error.h"
#include "core/export/plan/planner.h"
#include "core/system/digest.h"

struct kept_plan;

/* What a plan belongs to: all that determines it but the files, and the files as they were while they were
 * planned. */
struct kept_key {
    char request[DIGEST_TEXT];
    char layers[DIGEST_TEXT];
};

enum kept_list_kind { KEPT_RUNS, KEPT_PLACES, KEPT_LISTS };

struct kept_list { /* records in a spool; count 0 = none, and spool may be NULL */
    const struct spool *spool;
    uint64_t count;
};

struct kept_disk {
    struct plan_totals totals;
    struct kept_list lists[KEPT_LISTS]; /* all that are there have been written out */
};

/* directory: a descriptor, see spool_open. Fails where there is no room; nothing is left then. */
bool kept_plan_write(int directory, const struct kept_key *key, const struct kept_disk *disks,
                     size_t disk_count, struct kept_plan **plan, struct error *err) WARN_UNUSED;

/* NULL: it is the plan of this; else why it is not, for a log. */
const char *kept_plan_misfit(const struct kept_plan *plan, const struct kept_key *key, size_t disk_count);
/* The runs of a disk of this size (a multiple of 512) into a list that is open and empty, finished, and their
 * totals. Of a plan that fits. NULL, or why not; the list is then to be thrown away. */
const char *kept_plan_read_runs(const struct kept_plan *plan, size_t disk, uint64_t size,
                                struct run_list *list, struct plan_totals *totals);
/* Another list of it, record by record, into a spool that is open, and how many there are. */
const char *kept_plan_read_list(const struct kept_plan *plan, size_t disk, enum kept_list_kind kind,
                                const struct spool *spool, uint64_t *count);

/* For a process that is to have it: borrowed, and the other way, taken over. */
int kept_plan_descriptor(const struct kept_plan *plan);
struct kept_plan *kept_plan_adopt(int fd);
/* The same file once more; NULL of NULL, or where no descriptor is to be had. */
struct kept_plan *kept_plan_copy(const struct kept_plan *plan);
void kept_plan_free(struct kept_plan *plan); /* NULL is allowed */

#endif
