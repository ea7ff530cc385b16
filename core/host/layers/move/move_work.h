/* The work of moving a machine's files into another directory: what it is about, its journal, and its steps.
 * Planned by ways/move.c, finished or undone after a crash by move_recover.c.
 *
 *   prepared: copies (links, on one file system) get temporary names in the directory. Undone after a crash.
 *   placed:   all of them are there, verified and synced; they get their own names. Undone.
 *   commit:   the records are changed, then the originals go, images first. Forward, unless an original has
 *             been written to meanwhile: then back.
 *   abort:    back: the records as they were, the new files gone.
 * The only name of a file that holds a machine's data is never removed.
 *
 * Threads: one at a time, under the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_MOVE_MOVE_WORK_H
#define REFPOINT_HOST_LAYERS_MOVE_MOVE_WORK_H

#include "core/base/error.h"
#include "core/base/watch.h"
#include "core/host/layers/file/identity.h"
#include "core/host/layers/layers.h"
#include "core/host/layers/step_hook.h"
#include "core/host/layers/work_journal.h"

/* Temporary names in the new directory begin so. */
#define MOVE_PREFIX ".refpoint-move-"

enum move_state { MOVE_PREPARED, MOVE_PLACED, MOVE_COMMIT, MOVE_ABORT };

struct move_file {
    char *from; /* absolute; the same name in another directory */
    char *to;
    char *temporary; /* beside `to`; NULL: somebody else has put the file there already */
    enum disk_format format;
    bool is_image;
    bool linked; /* a second name of the same file, no copy */
    /* What the header must say, where it is another name than now: the copy's is rewritten. NULL = as it is
     */
    char *backing;
    enum disk_format backing_format;
    struct file_identity was; /* the original; none where somebody else has moved it */
    struct file_identity is;  /* none before PLACED */
    char *sha256;             /* of the content at `to`; NULL: it was not read */
    char *promised;           /* the digest that the record keeps of the original; NULL = none */
    bool unproven;            /* taken by the operator's word */
    struct moment unproven_since;
    int fd; /* the original, claimed; -1 while not open */
};

struct move_work {
    const struct store *store;
    const struct step_hook *hook;
    struct watch *watch;
    struct guid id; /* of the journal's entry */
    struct guid machine;
    char *machine_name;
    char *directory;
    enum move_state state;
    struct move_file *files;
    size_t count;
    int directory_fd; /* -1 while not open */
};

void move_work_clear(struct move_work *work);
struct move_file *move_work_add(struct move_work *work, const char *from, enum disk_format format);
struct move_file *move_work_find(const struct move_work *work, const char *from);
bool move_open_directory(struct move_work *work, struct error *err) WARN_UNUSED;

bool move_journal_write(const struct move_work *work, struct error *err) WARN_UNUSED;
bool move_journal_read(struct move_work *work, const config_setting_t *root, struct error *err) WARN_UNUSED;

/* Copies or links every file under its temporary name: verified, synced. */
bool move_place(struct move_work *work, struct error *err) WARN_UNUSED;
/* PLACED and COMMIT, each in the journal first; the records; the originals. What fails before the originals
 * go is undone by the caller with move_undo. */
bool move_commit(struct move_work *work, struct error *err) WARN_UNUSED;
/* Everything as it was; ends the journal. Repeatable. */
bool move_undo(struct move_work *work, struct error *err) WARN_UNUSED;
/* Originals that are still what they were go, images first; what cannot go is a finding. Ends the journal. */
bool move_finish(struct move_work *work, struct findings *findings, struct error *err) WARN_UNUSED;

/* The records of the machine and of its points, of every collection: where the files are now, or (not
 * forward) were. Repeatable. */
bool move_records(struct move_work *work, bool forward, struct error *err) WARN_UNUSED;

/* What the moved layers' files (not forward: the originals) have been through since, into the records of the
 * points: names were given and taken. Last before the journal ends. Repeatable. */
bool move_take_touches(struct move_work *work, bool forward, struct error *err) WARN_UNUSED;

/* After a crash, under the lock. */
bool move_recover(const struct store *store, const struct guid *id, const config_setting_t *root,
                  const struct step_hook *hook, struct findings *findings, struct error *err) WARN_UNUSED;

#endif
