/* Where the bytes of a disk's data lie in the files of its chain, as far as that is known.
 *
 * Places come in rising order and do not overlap; what continues its neighbour in the same file is joined to
 * it. A range without a place has to be asked of QEMU. 32 bytes each, in a spool, so that a badly fragmented
 * disk costs no memory; a reader finds any offset, fastest behind the one before. Threads: the writer one,
 * each reader one; several readers at once. Units: bytes. */
#ifndef REFPOINT_EXPORT_SOURCE_PLACE_LIST_H
#define REFPOINT_EXPORT_SOURCE_PLACE_LIST_H

#include "core/base/error.h"
#include "core/system/spool.h"

#define PLACE_ZERO UINT32_MAX       /* in place of a layer: reads zero, whatever the files hold */
#define PLACE_NONE (UINT32_MAX - 1) /* in what is found: there is no place */

struct place {
    uint64_t offset; /* in the disk */
    uint64_t length;
    uint64_t host;    /* in the layer's file */
    uint32_t layer;   /* index in the chain, 0 = the top */
    uint32_t padding; /* so many bytes at the end lie behind the end of the file and read zero */
};

struct place_list {
    struct spool spool;
    uint64_t count;        /* of what is in the spool and in the buffer */
    struct place *pending; /* not yet in the spool */
    size_t pending_count;
    /* Data that is to be read and has no place; told by who makes the list, at its end. 0: nobody needs
     * QEMU to read this disk. */
    uint64_t bytes_elsewhere;
};

/* directory: where its temporary file may lie, see spool_open. */
bool place_list_open(struct place_list *list, int directory, struct error *err) WARN_UNUSED;
bool place_list_add(struct place_list *list, const struct place *place, struct error *err) WARN_UNUSED;
/* After the last place, before the first reader. */
bool place_list_finish(struct place_list *list, struct error *err) WARN_UNUSED;
/* A zeroed list is closed. */
void place_list_close(struct place_list *list);

struct place_reader {
    const struct place_list *list;
    struct place *buffer;
    uint64_t first; /* index of the first place in the buffer */
    size_t count;
};
void place_reader_open(struct place_reader *reader, const struct place_list *list);
/* What is known of the bytes from offset on: a place that begins there; or, with layer PLACE_NONE, how far it
 * is to the next one. */
bool place_reader_find(struct place_reader *reader, uint64_t offset, struct place *place,
                       struct error *err) WARN_UNUSED;
void place_reader_close(struct place_reader *reader);

#endif
