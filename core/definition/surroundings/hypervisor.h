/* What a libvirt domain hands to QEMU past libvirt: <qemu:commandline>, <qemu:override>. Part of
 * left_out.
 *
 * Source: libvirt's drvqemu ("Pass-through of arbitrary QEMU commands") and QEMU's invocation. Threads: any.
 */
#ifndef REFPOINT_DEFINITION_SURROUNDINGS_HYPERVISOR_H
#define REFPOINT_DEFINITION_SURROUNDINGS_HYPERVISOR_H

#include <libxml/tree.h>

#include "core/model/model.h"

/* Each option that opens a file or a device of the host becomes an item of machine->left_out. */
void definition_read_command_line(const xmlNode *command_line, struct machine *machine);
void definition_read_override(const xmlNode *override, struct machine *machine);

#endif
