/* The disks of a libvirt domain; part of domain_xml. */
#ifndef REFPOINT_HOST_DEFINITION_DOMAIN_DISK_H
#define REFPOINT_HOST_DEFINITION_DOMAIN_DISK_H

#include <libxml/tree.h>

#include "core/base/error.h"
#include "core/model/model.h"

/* Appends the disk that a <disk> element describes; a CD-ROM or floppy drive adds nothing. */
bool domain_disk_add(struct machine *machine, const xmlNode *element, struct error *err) WARN_UNUSED;

#endif
