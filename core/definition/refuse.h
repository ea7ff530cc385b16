/* A disk of a libvirt domain that cannot be a member, and the way that fits its kind. Part of domain_disk.
 * Everything borrowed. Threads: any. */
#ifndef REFPOINT_DEFINITION_REFUSE_H
#define REFPOINT_DEFINITION_REFUSE_H

#include <libxml/tree.h>

#include "core/base/error.h"

/* What is known of a <disk> so far. */
struct disk_element {
    const char *id;         /* its target; NULL (for a contradiction only): it has none */
    const char *path;       /* of its image; NULL: it is in no file */
    const xmlNode *element; /* the <disk>, or a <backingStore> of it */
};

/* All set the error and return false. 32773: the definition contradicts itself. */
bool disk_contradiction(const struct disk_element *disk, const char *why, struct error *err);
/* 32770, "disk vda WHY". What to do is to leave it out, or otherwise; NULL: to make it a raw or qcow2 file.
 */
bool disk_not_supported(const struct disk_element *disk, const char *why, const char *otherwise,
                        struct error *err);
/* 32770: another type than a file (type), or another format than ours. */
bool disk_other_type(const struct disk_element *disk, const char *what, const char *type, struct error *err);
bool disk_other_format(const struct disk_element *disk, const char *format, struct error *err);

#endif
