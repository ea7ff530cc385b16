/* The disks and drives of a definition that is being changed, by their targets. Ownership: clear releases the
 * table; elements belong to the edit. Threads: one at a time. */
#ifndef REFPOINT_DEFINITION_REWRITE_DISK_TABLE_H
#define REFPOINT_DEFINITION_REWRITE_DISK_TABLE_H

#include <stdint.h>

#include "core/definition/rewrite/edit.h"

struct disk_entry {
    xmlNode *element;
    char *target; /* "vda"; NULL: it has none */
    char *path;   /* of its image file; NULL */
    bool drive;   /* a CD-ROM or floppy drive */
    bool member;  /* device='disk', which is also what a missing device means */
    bool asked;   /* it is one of the disks of the change */
};

struct disk_table {
    struct disk_entry *items;
    size_t count;
};

void disk_table_read(struct disk_table *table, const struct edit *edit);
void disk_table_clear(struct disk_table *table);
bool disk_table_has_target(const struct disk_table *table, const char *target);

/* Names that a target can have: vda, sdb, hdc, xvdd. libvirt knows more, none of them for a new disk. */
bool disk_target_is_name(const char *id);
/* "hdc" on a machine of a type that has no IDE. */
bool disk_target_is_impossible(const struct edit *edit, const char *target);
/* Of names that begin as `like` does, vda, vdb ..., the one with that number. */
char *disk_target_numbered(const char *like, uint32_t number);
/* The bus for a new disk of that name: that of others whose names begin alike, or what the machine's type
 * has. */
const char *disk_table_bus(const struct disk_table *table, const struct edit *edit, const char *target);

#endif
