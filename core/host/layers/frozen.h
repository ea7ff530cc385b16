/* Is the file of a layer still the one that was frozen, as its record has it?
 *
 * Three things can be told without reading it: it is another file (inode), or was written to (size, time of
 * modification); or something was done to it that leaves these as they were, which the time of its last
 * change alone shows (core/system/touch.h): what, nobody can tell but a digest. The device number is left
 * out: it may differ after the next boot. What is done to a layer by ourselves is recorded again when it is
 * done.
 *
 * Threads: any. Paths are for messages, and to look at the file's label. */
#ifndef REFPOINT_HOST_LAYERS_FROZEN_H
#define REFPOINT_HOST_LAYERS_FROZEN_H

#include <sys/stat.h>

#include "core/base/error.h"
#include "core/model/model.h"

enum layer_state { LAYER_UNCHANGED, LAYER_TOUCHED, LAYER_ANOTHER };
/* path: where the file is, which need not be where the record has it. */
enum layer_state layer_state(const struct disk_point *record, const struct stat *status, const char *path);
/* At the record's own path. */
bool layer_is_unchanged(const struct disk_point *record, const struct stat *status);
/* 32775 with this key for what is not unchanged: why, and the way out. */
bool layer_check(const struct disk_point *record, const struct stat *status, const char *key,
                 struct error *err) WARN_UNUSED;

/* From now on it is this file; what was known of the other one's content is forgotten. */
void layer_take_identity(struct disk_point *record, const struct stat *status);
/* It is the same file, to which something was done that is known to be harmless. false: the record says so
 * already, or it is not the same. */
bool layer_take_touch(struct disk_point *record, const struct stat *status);
/* The disk rests on something that nothing proves. What is known to be so stays so, since the first time. */
void layer_doubt(struct disk_point *record, struct moment since);

/* What leads on from a layer that is not the file that was frozen. */
#define LAYER_WAYS_OUT                                                                                       \
    "Bring the frozen file back; if this is a copy of it, \"refpoint store adopt\" takes it once that is "   \
    "proved; \"refpoint point forget\" gives the point up and leaves every file."
/* From one to which something was done, with a digest and without. */
#define LAYER_TOUCHED_DIGEST                                                                                 \
    "\"refpoint store check --deep\" compares its content with the digest that the store keeps, and takes "  \
    "it "                                                                                                    \
    "when it is the same."
#define LAYER_TOUCHED_NO_DIGEST                                                                              \
    "The store keeps no digest of it, so that nothing can tell. If you know what was done to it (chmod, a "  \
    "link, a label, a backup tool), \"refpoint store adopt --unproven\" takes it by your word, and the "     \
    "records say so; else export another point."

#endif
