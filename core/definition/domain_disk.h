/* The disks of a libvirt domain; part of domain_xml. */
#ifndef REFPOINT_DEFINITION_DOMAIN_DISK_H
#define REFPOINT_DEFINITION_DOMAIN_DISK_H

#include <libxml/tree.h>

#include "core/base/error.h"
#include "core/model/model.h"

/* Targets of disks that the operator leaves out; borrowed. */
struct definition_without {
    const char *const *names;
    size_t count;
};

/* Appends the disk that a <disk> element describes. One that is left out, and a CD-ROM or floppy drive with
 * something in it, is appended to what the machine leaves out. */
bool domain_disk_add(struct machine *machine, const xmlNode *element,
                     const struct definition_without *without, struct error *err) WARN_UNUSED;
/* Whether each name was that of a disk, once all are added; error 32773 names the disks that there are. */
bool domain_disk_check_without(const struct machine *machine, const struct definition_without *without,
                               struct error *err) WARN_UNUSED;
#endif
