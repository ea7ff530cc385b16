/* The frozen layers that the store's points know, and the chains in which they really lie on disk.
 *
 * A chain is what the headers say, from a file down to the bottom, and every file of it must be known: the
 * machine's active image, a layer of a point, or a template that the operator registered. Ranges, children
 * and pins follow the chain, never the collection: a machine may be in two (design.md).
 *
 * Ownership: X_clear. A chain's links borrow from the layers it was read with. Threads: any. */
#ifndef REFPOINT_HOST_LAYERS_LAYERS_H
#define REFPOINT_HOST_LAYERS_LAYERS_H

#include <sys/stat.h>

#include "core/base/error.h"
#include "core/host/layers/frozen.h"
#include "core/host/store/store.h"
#include "core/image/image.h"

/* One disk of one point; all borrowed from the points below. */
struct layer {
    struct reference_point *point;
    struct member_point *member;
    struct disk_point *disk;
};

struct layers {
    struct reference_point_list points; /* of all collections that were read; without domain_xml */
    struct layer *items;                /* in the order of points, machines and disks */
    size_t count;
    struct layer *by_path; /* the same ones, for layers_find */
};

/* Points of the collections in which one of these machines is (machine_count 0: of all collections). A point
 * or collection that cannot be read is a finding, and its layers are not known. */
bool layers_load(const struct store *store, const struct guid *machines, size_t machine_count,
                 struct layers *layers, struct findings *findings, struct error *err) WARN_UNUSED;
void layers_clear(struct layers *layers);
/* One more, of a point that is in no list any more; borrowed too. One that is known stays as it is. */
void layers_add(struct layers *layers, const struct layer *layer);
/* After paths of layers have changed. */
void layers_reindex(struct layers *layers);
/* The layer with this path; NULL when no point has it. */
const struct layer *layers_find(const struct layers *layers, const char *path);

/* A template at the time of a point; false: it is not what the point recorded (which older points did not).
 */
bool template_is_unchanged(const struct backing_file *record, const struct stat *status);
bool template_is_same(const struct backing_file *one, const struct backing_file *other);
void template_take_identity(struct backing_file *record, const struct stat *status);

/* Bytes that the point's layers hold on disk. */
uint64_t layers_space_of(const struct reference_point *point);

enum chain_kind { CHAIN_IMAGE, CHAIN_LAYER, CHAIN_TEMPLATE };

struct chain_link {
    enum chain_kind kind;
    char *path;
    enum disk_format format;
    struct image_info info;
    struct stat status;
    const struct layer *layer; /* CHAIN_LAYER only */
};

struct chain {
    struct chain_link *links; /* [0] = where it was started */
    size_t count;
};

/* More than QEMU opens comfortably; each point adds one. */
#define CHAIN_LIMIT 200

/* A disk of a machine for chain_read. */
struct chain_source {
    const char *path; /* of the file to start at: the disk's image, or a layer */
    enum disk_format format;
    const char *disk_id; /* for messages and the --backing option they name */
    const struct backing_file *backing;
    size_t backing_count;
};

/* At the disk's active image. */
struct chain_source chain_source_of(const struct disk *disk);

/* 32770 for what cannot be used: not a regular file, a link, encrypted, external data, damaged, not closed
 * cleanly, internal snapshots, a backing file that is neither a layer nor registered. 32779 for what is not
 * there. 32775 for a layer whose file is not the one that was frozen. Nothing is left open. */
bool chain_read(const struct chain_source *source, const struct layers *layers, struct chain *chain,
                struct error *err) WARN_UNUSED;
void chain_clear(struct chain *chain);
/* Each layer of a disk leads to an earlier state of it: files that have changed names are found out. 32775.
 */
bool chain_check_order(const struct chain *chain, struct error *err) WARN_UNUSED;
/* SIZE_MAX when no link is this file. */
size_t chain_find(const struct chain *chain, const char *path);

/* The directory of a path and the name in it; the caller's, and borrowed. */
char *path_directory(const char *path);
const char *path_name(const char *path);
/* What a header's backing name leads to, from the file that has it; the caller's. */
char *path_resolve(const char *of, const char *name);

/* A layer or a temporary file of ours, by its name (core/image/layer_name.h). */
bool path_is_layer(const char *path);
/* A new one in the directory of `beside`, an image or a layer; the caller's. */
char *path_new_layer(const char *beside, enum disk_format format);
char *path_new_temporary(const char *beside); /* qcow2 */

/* For a file that must be the named one and a regular file, which fstat then tells. */
#define LAYER_OPEN_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

#endif
