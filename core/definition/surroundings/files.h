/* The files beside the disks without which a libvirt domain is not whole: firmware with its variables, kernel
 * and what is handed to it, an emulated TPM's state. Part of domain_xml.
 *
 * Source: libvirt's formatdomain (os, sysinfo, tpm), and where libvirt keeps an emulated TPM's state
 * (LOCALSTATEDIR/lib/libvirt/swtpm/UUID). Threads: any. */
#ifndef REFPOINT_DEFINITION_SURROUNDINGS_FILES_H
#define REFPOINT_DEFINITION_SURROUNDINGS_FILES_H

#include <libxml/tree.h>

#include "core/base/error.h"
#include "core/model/model.h"

/* The machine has its id and settings already. */
bool definition_read_files(const xmlNode *domain, struct machine *machine, struct error *err) WARN_UNUSED;

#endif
