/* What a part of a libvirt definition points at, as one text for people: a file, a device, a volume, an image
 * on the network. Source: libvirt's formatdomain (disk <source>, <hostdev>). Returned text is the caller's.
 * Threads: any. */
#ifndef REFPOINT_DEFINITION_SURROUNDINGS_SOURCE_H
#define REFPOINT_DEFINITION_SURROUNDINGS_SOURCE_H

#include <libxml/tree.h>

/* Of a <source>: "/a.iso", "/dev/sr0", "pool/volume", "rbd:pool/image", "nvme:0000:01:00.0/1"; NULL: it is
 * not there (NULL allowed) or names nothing, as an empty drive's. */
char *definition_source_text(const xmlNode *source);
/* Of a <hostdev>: "0000:01:00.0", "0x1234:0xbeef", "scsi_host0:0:0:0", an mdev's UUID; NULL: it says nothing
 * that is known. */
char *definition_host_device_text(const xmlNode *hostdev);
/* The first absolute path in an element and all beneath it, whatever it means there; NULL: none. */
char *definition_any_path(const xmlNode *element);

#endif
