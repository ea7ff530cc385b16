/* A machine from libvirt's definition of it (`virsh dumpxml NAME`), read by us: libvirt is not needed.
 *
 * Source: libvirt's formatdomain (element and attribute names, units, defaults). Taken: name, uuid, cpus,
 * memory, architecture, machine type, firmware, disks with their chains, network adapters; the whole text is
 * kept beside it, in UTF-8. Formats are never guessed: a disk without an explicit driver type, and a link of
 * its chain without a format, is refused. Hostile text: see syntax/xml.h. Threads: any. */
#ifndef REFPOINT_DEFINITION_DOMAIN_XML_H
#define REFPOINT_DEFINITION_DOMAIN_XML_H

#include "core/base/error.h"
#include "core/model/model.h"

/* Fills an empty machine; machine->id is the domain's uuid (none where it has none), disks have neither uuid
 * nor size yet. What can hold the machine's data and is not a disk of it is in its lists: files that belong
 * to it in files (role and path), everything else in left_out. Errors: 32773 no such text or one that
 * contradicts itself; 32770 a disk that cannot be a machine's here (a device, network or pool volume,
 * encrypted, shared, another format), naming it and the way; 32775 a block job runs on it. The machine is
 * then empty. */
bool domain_xml_read(struct machine *machine, const char *text, struct error *err) WARN_UNUSED;
/* The same without the disks of these targets, whatever they are: each is in left_out, by_operator. A target
 * that no disk has is refused (32773). Borrowed. */
bool domain_xml_read_without(struct machine *machine, const char *text, const char *const *without,
                             size_t without_count, struct error *err) WARN_UNUSED;
/* Targets of everything that is called a disk there, removable drives and all; the caller's. having: only of
 * those with such an element ("readonly", "transient"); NULL: of all. */
bool domain_xml_disk_ids(const char *text, const char *having, char ***ids, size_t *count,
                         struct error *err) WARN_UNUSED;
/* What a running machine's disk is being copied into or committed to by a block job; NULL: nothing. The
 * caller's. */
bool domain_xml_mirror(const char *text, const char *disk, char **path, struct error *err) WARN_UNUSED;

#endif
