#include "core/host/libvirt/connection/domain.h"

#include <libvirt/virterror.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/host/libvirt/connection/library.h"

void domain_release(virDomainPtr *domain)
{
    if (*domain)
        libvirt()->virDomainFree(*domain);
    *domain = NULL;
}

virDomainPtr domain_find(virConnectPtr connect, const struct guid *id, const char *name, struct error *err)
{
    virDomainPtr domain = libvirt()->virDomainLookupByUUIDString(connect, id->text);
    if (domain)
        return domain;
    if (libvirt()->virGetLastErrorCode() != VIR_ERR_NO_DOMAIN) {
        library_error(err, "machine.find", "cannot ask the host for the machine %s", name);
        return NULL;
    }
    libvirt()->virResetLastError();
    error_set(err, RETURN_INVALID_STATE, "machine.gone", "the machine %s (%s) is gone from the host", name,
              id->text);
    error_cause(err, "it has been undefined, or migrated to another host");
    error_next(err,
               "Define it again with this UUID (its definition is in the store and in every package), or "
               "take another collection.");
    return NULL;
}

bool domain_error(virDomainPtr domain, struct error *err, const char *key, const char *what)
{
    library_error(err, key, "%s", what);
    return error_context(err, "machine %s", libvirt()->virDomainGetName(domain));
}

bool domain_id(virDomainPtr domain, struct guid *id, struct error *err)
{
    char text[VIR_UUID_STRING_BUFLEN];
    if (libvirt()->virDomainGetUUIDString(domain, text) != 0)
        return library_error(err, "machine.find", "cannot read the UUID of a machine");
    return guid_parse(id, text) ||
           error_set(err, RETURN_INCORRECT_DATA_TYPE, "machine.find", "the host gave %s for a UUID", text);
}

bool domain_state(virDomainPtr domain, enum machine_state *state, struct error *err)
{
    int number = 0;
    if (libvirt()->virDomainGetState(domain, &number, NULL, 0) != 0)
        return domain_error(domain, err, "machine.state", "cannot read its state");
    switch (number) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
    case VIR_DOMAIN_SHUTDOWN:
        *state = MACHINE_STATE_RUNNING;
        break;
    case VIR_DOMAIN_PAUSED:
    case VIR_DOMAIN_CRASHED:
        *state = MACHINE_STATE_PAUSED;
        break;
    case VIR_DOMAIN_PMSUSPENDED:
        *state = MACHINE_STATE_ASLEEP;
        break;
    case VIR_DOMAIN_SHUTOFF:
        *state = MACHINE_STATE_OFF;
        break;
    default:
        *state = MACHINE_STATE_UNKNOWN;
        break;
    }
    /* One that has crashed may be kept for a look, or be gone. */
    if (number == VIR_DOMAIN_CRASHED && libvirt()->virDomainIsActive(domain) == 0)
        *state = MACHINE_STATE_OFF;
    return true;
}

bool domain_state_is_active(enum machine_state state)
{
    return state == MACHINE_STATE_RUNNING || state == MACHINE_STATE_PAUSED || state == MACHINE_STATE_ASLEEP;
}

bool domain_check_not_saved(virDomainPtr domain, const char *name, struct error *err)
{
    int saved = libvirt()->virDomainHasManagedSaveImage(domain, 0);
    if (saved < 0)
        return domain_error(domain, err, "machine.saved", "it cannot be seen whether its memory is saved");
    if (saved == 0)
        return true;
    CLEANUP_FREE char *quoted = text_shell_quote(name);
    error_set(err, RETURN_INVALID_STATE, "machine.saved", "the machine %s is off, and its memory is saved",
              name);
    error_cause(err, "it will go on with the disks that it had then, under the names that they had");
    return error_next(
        err,
        "Start it, and shut it down if it is to be off; or give up what was in its memory: virsh "
        "managedsave-remove %s.",
        quoted);
}

bool domain_read(virDomainPtr domain, enum domain_text which, char **text, struct error *err)
{
    static const unsigned flags[] = {
        [DOMAIN_TEXT_NOW] = 0,
        [DOMAIN_TEXT_NEXT] = VIR_DOMAIN_XML_INACTIVE,
        [DOMAIN_TEXT_REDEFINE] = VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE,
    };
    char *given = libvirt()->virDomainGetXMLDesc(domain, flags[which]);
    if (!given)
        return domain_error(domain, err, "machine.definition", "cannot read its definition");
    *text = given;
    return true;
}

bool domain_define(virConnectPtr connect, const char *text, const char *name, struct error *err)
{
    CLEANUP_DOMAIN virDomainPtr defined = libvirt()->virDomainDefineXMLFlags(connect, text, 0);
    return defined ||
           library_error(err, "machine.define", "cannot change the definition of the machine %s", name);
}

bool domain_list(virConnectPtr connect, virDomainPtr **domains, size_t *count, struct error *err)
{
    int found = libvirt()->virConnectListAllDomains(connect, domains, 0);
    if (found < 0)
        return library_error(err, "machine.list", "cannot list the machines of the host");
    *count = (size_t)found;
    return true;
}

void domain_list_release(virDomainPtr *domains, size_t count)
{
    for (size_t i = 0; i < count; i++)
        domain_release(&domains[i]);
    free(domains);
}
