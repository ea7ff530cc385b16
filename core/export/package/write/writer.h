/* Making a package: nothing has its final name before everything in it is complete, on the disk, and as
 * proven as the caller says (traps.md 5, 10).
 *
 * begin makes `.NAME.partial` in the export directory; the caller fills the disks' files through descriptors;
 * finish writes the settings, the record, SHA256SUMS and its signature, makes files 0400, syncs everything
 * bottom-up and renames. Everything is done beneath descriptors kept since begin, never following a link. A
 * kill at any moment leaves a dot-partial and nothing else: the directory is flocked while its writer lives,
 * and the next begin in that export directory removes those whose lock is free (partial.h).
 *
 * The partial lies beside the final package, so relative backing names lead to the base from both: verify
 * through package_writer_disk_path before finish.
 *
 * Threads: one at a time; finish hashes what nobody has hashed on threads of its own, which it joins.
 * Ownership: the task, and the base, must outlive the writer. */
#ifndef REFPOINT_EXPORT_PACKAGE_WRITE_WRITER_H
#define REFPOINT_EXPORT_PACKAGE_WRITE_WRITER_H

#include <sys/stat.h>

#include "core/base/error.h"
#include "core/export/package/write/layout.h"
#include "core/export/package/write/ledger.h"
#include "core/job/job.h"
#include "core/system/read_at.h"

struct package_writer;

/* base: NULL = full. Fails with nothing left behind. */
bool package_writer_begin(const struct export_task *task, const struct base_package *base,
                          struct package_writer **writer, struct error *err) WARN_UNUSED;
/* Goes on with the partial of this name, which the same export has begun: what it holds but the disks' files
 * is removed, and made again by finish. Fails with everything left as it is (package_partial_resume). */
bool package_writer_resume(const struct export_task *task, const struct base_package *base,
                           const char *partial, struct package_writer **writer,
                           struct error *err) WARN_UNUSED;
bool package_writer_is_resumed(const struct package_writer *writer);
/* From here on somebody can go on with it, for as long as the keeper is there (ledger.h). Before any spool.
 * Of one that was resumed the ledger is the old one. The package's id is filled into terms. */
bool package_writer_keep(struct package_writer *writer, const char *keeper,
                         struct package_ledger_terms *terms, struct error *err) WARN_UNUSED;
/* What is to be remembered of a disk: kept in the ledger where there is one, else in a file without a name.
 */
bool package_writer_spool(const struct package_writer *writer, size_t disk, const char *what,
                          size_t record_size, struct spool *spool, struct error *err) WARN_UNUSED;
/* Files and backing names, as package_layout_make gave them; borrowed. */
const struct package_layout *package_writer_layout(const struct package_writer *writer);
/* Creates the file of task->disks[disk] (new, empty, 0600) with its directories; *fd is open for reading and
 * writing and the caller's. Once per disk. Of a writer that was resumed it may be there: *there (NULL: it was
 * not). */
bool package_writer_create_disk(struct package_writer *writer, size_t disk, int *fd, bool *there,
                                struct error *err) WARN_UNUSED;
/* Opens a disk's file again for reading. */
bool package_writer_open_disk(struct package_writer *writer, size_t disk, int *fd,
                              struct error *err) WARN_UNUSED;
/* Absolute path of a disk's file while it is partial; the caller's. */
char *package_writer_disk_path(const struct package_writer *writer, size_t disk);
/* The export directory; borrowed, open as long as the writer. For fstatvfs. */
int package_writer_directory(const struct package_writer *writer);

/* Whoever makes files and directories waits where there is no room for them. Borrowed. */
void package_writer_be_patient(struct package_writer *writer, const struct write_patience *patience);
/* Who is asked, right before the package gets its name, whether it can: in place of package_writer_stands,
 * and with patience. */
struct package_footing {
    bool (*stands)(void *context, struct error *err);
    void *context;
};
void package_writer_ask_for_footing(struct package_writer *writer, const struct package_footing *footing);
/* The export directory, the base and what was made are what they were. differential: a disk has a base. */
bool package_writer_stands(const struct package_writer *writer, bool differential,
                           struct error *err) WARN_UNUSED;
/* Bytes on the disk of the disks' files so far. Threads: any. */
uint64_t package_writer_written(const struct package_writer *writer);

/* What has been made so far is still there (package_partial_is_whole). */
bool package_writer_is_whole(const struct package_writer *writer, struct error *err) WARN_UNUSED;

struct package_writer_result { /* of one disk, as it was written; everything borrowed */
    bool differential;         /* its image has the layout's backing name */
    const char *reason;        /* why it is full although differential was asked; NULL */
    const char *data_xxh3;     /* 32 hexadecimal digits: see struct package_disk; NULL */
    uint64_t virtual_size;     /* true size: a raw image may have an odd one */
    const char *sha256;        /* of the file, which was this one then; NULL = finish hashes it */
    struct stat as_read;
};

struct package_finished {  /* the caller's */
    char *path;            /* absolute */
    char *sum;             /* SHA-256 of its SHA256SUMS */
    char *key_fingerprint; /* of the key that signed it; NULL = not signed */
};
void package_finished_clear(struct package_finished *finished);

/* results: one per task->disks, all of whose files have been created. job may be NULL: cancellation ends it
 * with an error (package.cancelled), progress is reported as phase progress. With
 * task->options.sign_key it is signed, or fails ("export.sign"). After a failure: package_writer_free removes
 * what there is. */
bool package_writer_finish(struct package_writer *writer, const struct package_writer_result *results,
                           bool verified, struct job *job, struct package_finished *finished,
                           struct error *err) WARN_UNUSED;

/* Releases; removes the partial completely unless finish has succeeded. NULL is allowed. */
void package_writer_free(struct package_writer *writer);

#endif
