/* Devices of a libvirt domain that are no disks, and what they are kept in; part of left_out. Threads:
 * any.
 */
#ifndef REFPOINT_DEFINITION_SURROUNDINGS_DEVICES_H
#define REFPOINT_DEFINITION_SURROUNDINGS_DEVICES_H

#include <libxml/tree.h>

#include "core/model/model.h"

/* Notes what the device may hold, if anything; false: it is of no kind that is known here. */
bool definition_read_device(const xmlNode *device, struct machine *machine);

#endif
