/* libvirt's definition of a machine, rewritten: text in, text out, nothing else is touched or asked.
 *
 * Only the places that a change names become different, and what libvirt would refuse or read otherwise
 * because of them (a topology that no longer fits the number of processors, a chain of backing files that is
 * not the disks'); the rest stays as it is: comments, foreign metadata, QEMU's own options, unknown elements,
 * the order of attributes, indentation, quotes. A definition in which nothing has to change comes back byte
 * for byte. What is rewritten twice is what was rewritten once.
 *
 * The result is UTF-8 and says so where it says anything. A definition of a running machine (domain@id)
 * loses what only a running one has; with that, its chains of backing files, which libvirt had looked up.
 *
 * Source: libvirt's formatdomain; which contradictions libvirt refuses and which it resolves silently was
 * tried on libvirt 9.0. Ownership: all arguments are borrowed. Hostile text: see syntax/xml.h. Threads: any.
 */
#ifndef REFPOINT_DEFINITION_REWRITE_H
#define REFPOINT_DEFINITION_REWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/definition/rewrite/change.h"

/* The rewritten definition, and notes: sentences for the operator about what became different beyond the
 * change, or could not be made to agree with it; escaped, one line each. Text, notes and their array are the
 * caller's. Errors, with nothing returned: 32773 no definition (as domain_xml_read), one that has something
 * twice, a change that XML cannot carry or that is none (a relative path, a name that libvirt does not take,
 * a firmware of another name), a result that is larger than a definition may be. */
bool definition_rewrite(const char *text, const struct definition_change *change, char **made, char ***notes,
                        size_t *note_count, struct error *err) WARN_UNUSED;
/* Whether a machine can be called so, else 32773. Source: tried on libvirt 9.0. */
bool definition_check_name(const char *name, struct error *err) WARN_UNUSED;

#endif
