/* The journal of unfinished work on disk images: one libconfig file per operation, store/journal/ID.cfg.
 *
 * It is written before the first file is touched and removed when all is done, so that after a crash recovery
 * knows what to finish or undo. Every entry begins with the same head; the rest is its operation's. A file
 * that cannot be read blocks all changes: nobody knows what it is about. Threads: any; under the store's
 * lock.
 */
#ifndef REFPOINT_HOST_LAYERS_WORK_JOURNAL_H
#define REFPOINT_HOST_LAYERS_WORK_JOURNAL_H

#include "core/base/error.h"
#include "core/host/store/store.h"
#include "core/syntax/cfg.h"

/* LIVE: of a host whose machines may run; nobody but that host can finish it. */
enum work_operation {
    WORK_CREATE,
    WORK_REMOVE_DATA,
    WORK_DESTROY,
    WORK_MOVE,
    WORK_CREATE_LIVE,
    WORK_REMOVE_DATA_LIVE,
    WORK_DESTROY_LIVE,
    WORK_EXPORT_LIVE,
};

struct work_head {
    enum work_operation operation;
    struct object_path point; /* WORK_MOVE is about no point: an id of its own, no collection */
    struct guid *machines;    /* whose disks are being worked on */
    size_t machine_count;
};

void work_head_clear(struct work_head *head);
void work_head_set_machines(struct work_head *head, const struct reference_point *point);
void work_head_to_cfg(const struct work_head *head, config_setting_t *root);
bool work_head_from_cfg(struct work_head *head, const config_setting_t *root, struct error *err) WARN_UNUSED;

/* Entries are named by their point: a point is the object of one operation at a time; those without a point
 * by an id of their own. */
bool work_journal_write(const struct store *store, const struct guid *point, const config_t *config,
                        struct error *err) WARN_UNUSED;
bool work_journal_read(const struct store *store, const struct guid *point, config_t *config,
                       struct error *err) WARN_UNUSED;
bool work_journal_remove(const struct store *store, const struct guid *point, struct error *err) WARN_UNUSED;
/* Ids of the entries; the caller's. */
bool work_journal_list(const struct store *store, struct guid **points, size_t *count,
                       struct error *err) WARN_UNUSED;
/* The same of another directory of the store with files ID.cfg; none where there is no such directory. */
bool work_journal_ids(const struct store *store, const char *directory, struct guid **ids, size_t *count,
                      struct error *err) WARN_UNUSED;
/* For reading: to be locked by whoever is at work. The caller's. */
bool work_journal_open(const struct store *store, const struct guid *point, int *fd,
                       struct error *err) WARN_UNUSED;
/* The whole path, for messages. */
char *work_journal_path(const struct store *store, const struct guid *point);

/* 32775 when an unfinished operation is on this collection or on one of these machines. */
bool work_journal_check_free(const struct store *store, const struct guid *collection,
                             const struct guid *machines, size_t machine_count,
                             struct error *err) WARN_UNUSED;

#endif
