/* What a libvirt domain is: processors, memory, firmware, architecture. Part of domain_xml. */
#ifndef REFPOINT_DEFINITION_SETTINGS_H
#define REFPOINT_DEFINITION_SETTINGS_H

#include <libxml/tree.h>

#include "core/base/error.h"
#include "core/model/model.h"

/* Processors are those that the guest has: <vcpu current=...>, or as many as <vcpus> enables. */
bool definition_read_settings(const xmlNode *domain, struct machine_settings *settings,
                              struct error *err) WARN_UNUSED;

#endif
