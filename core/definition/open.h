/* A libvirt definition opened: decoded, parsed, and seen to be a <domain>. Part of domain_xml and faults.
 * Threads: any. */
#ifndef REFPOINT_DEFINITION_OPEN_H
#define REFPOINT_DEFINITION_OPEN_H

#include <libxml/tree.h>

#include "core/base/error.h"

struct definition {
    char *text; /* UTF-8, under a declaration that is true */
    xmlDoc *document;
    const xmlNode *domain; /* its root */
};

/* Error 32773, with line and what to do next. Closed in any case. */
bool definition_open(struct definition *definition, const char *text, struct error *err) WARN_UNUSED;
void definition_close(struct definition *definition);
#define CLEANUP_DEFINITION __attribute__((cleanup(definition_close)))

/* 32773 "the domain XML: line 3: <vcpu> WHY"; false. */
bool definition_invalid(const xmlNode *element, const char *why, struct error *err);

#endif
