/* The machines of a libvirt host, which it calls domains: found by UUID, and what they are just now.
 *
 * Source: libvirt-domain (states, flags of virDomainGetXMLDesc). Ownership: X_release, X_clear. Threads: any.
 */
#ifndef REFPOINT_HOST_LIBVIRT_CONNECTION_DOMAIN_H
#define REFPOINT_HOST_LIBVIRT_CONNECTION_DOMAIN_H

#include <libvirt/libvirt.h>

#include "core/base/error.h"
#include "core/base/guid.h"
#include "core/model/model.h"

void domain_release(virDomainPtr *domain);
#define CLEANUP_DOMAIN __attribute__((cleanup(domain_release)))

/* NULL: 32775, key "machine.gone", when the host has no such machine any more. name: for messages. */
virDomainPtr domain_find(virConnectPtr connect, const struct guid *id, const char *name, struct error *err);
/* As library_error, about this machine, whose name is put in front: to ask for a name forgets what libvirt
 * said. Returns false. */
bool domain_error(virDomainPtr domain, struct error *err, const char *key, const char *what);
bool domain_id(virDomainPtr domain, struct guid *id, struct error *err) WARN_UNUSED;

bool domain_state(virDomainPtr domain, enum machine_state *state, struct error *err) WARN_UNUSED;
/* Has a QEMU process, whatever that does just now. */
bool domain_state_is_active(enum machine_state state);

enum domain_text {
    DOMAIN_TEXT_NOW,      /* of the running machine; of one that is off, its definition */
    DOMAIN_TEXT_NEXT,     /* by which it starts the next time, without its secrets */
    DOMAIN_TEXT_REDEFINE, /* the same with them: for domain_define, never to be kept */
};
/* 32775 where it is off and its memory is saved: it would go on with the disks that it had then, by their
 * names, whatever its definition says. */
bool domain_check_not_saved(virDomainPtr domain, const char *name, struct error *err) WARN_UNUSED;
/* The caller's. */
bool domain_read(virDomainPtr domain, enum domain_text which, char **text, struct error *err) WARN_UNUSED;
/* What it is defined as from its next start on; a running machine goes on. */
bool domain_define(virConnectPtr connect, const char *text, const char *name, struct error *err) WARN_UNUSED;

/* All of the host; each is released, then the array freed. */
bool domain_list(virConnectPtr connect, virDomainPtr **domains, size_t *count, struct error *err) WARN_UNUSED;
void domain_list_release(virDomainPtr *domains, size_t count);

#endif
