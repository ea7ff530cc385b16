/* What of a libvirt domain can hold data of the machine and is neither a disk nor a file that belongs to it:
 * every such thing becomes an item of machine->left_out, and so does every element whose kind is not known.
 * Part of domain_xml.
 *
 * Source: libvirt's formatdomain and schemas/domaincommon.rng of 9.0, with the elements that versions up to
 * 11 have added. Threads: any. */
#ifndef REFPOINT_DEFINITION_SURROUNDINGS_LEFT_OUT_H
#define REFPOINT_DEFINITION_SURROUNDINGS_LEFT_OUT_H

#include <libxml/tree.h>

#include "core/model/model.h"

/* Of all but the disks and the files: those two lists are made before. */
void definition_read_left_out(const xmlNode *domain, struct machine *machine);

#endif
