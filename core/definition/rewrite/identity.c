/* Name, UUID and what repeats the UUID, hardware addresses. libvirt refuses a definition whose <sysinfo> has
 * another UUID than the machine, and takes the one there where the machine has none. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/definition/rewrite/parts.h"
#include "core/syntax/xml.h"

static void rewrite_name(struct edit *edit, const char *name)
{
    xmlNode *element = edit_child(edit->domain, "name");
    if (!name)
        return;
    if (!element)
        element = edit_insert_first(edit, edit->domain, "name");
    edit_set_text(edit, element, name);
}

/* libvirt reads hyphens and white space in a UUID as if they were not there. */
static bool same_uuid(const char *left, const char *right)
{
    for (;;) {
        left += strspn(left, "- \t\n");
        right += strspn(right, "- \t\n");
        if (!*left || !*right)
            return *left == *right;
        if (strncasecmp(left++, right++, 1) != 0)
            return false;
    }
}

struct follower {
    const char *old;         /* the UUID that was; NULL: there was none */
    const struct guid *uuid; /* that is */
    bool serial;             /* whether a serial number followed */
};

static void follow_entry(struct edit *edit, xmlNode *entry, bool is_uuid, struct follower *follower)
{
    CLEANUP_FREE char *text = xml_text(entry);
    if (!is_uuid && (!follower->old || !*follower->old || !same_uuid(text, follower->old)))
        return;
    if (!is_uuid)
        follower->serial = true;
    if (guid_is_none(follower->uuid))
        edit_remove(edit, entry);
    else if (!same_uuid(text, follower->uuid->text))
        edit_set_text(edit, entry, follower->uuid->text);
}

/* <sysinfo type='smbios'> has sections of entries; that of firmware configuration has entries only. */
static void follow_section(struct edit *edit, const xmlNode *section, struct follower *follower)
{
    for (xmlNode *entry = edit_first(section), *next; entry; entry = next) {
        next = edit_next(entry);
        bool is_uuid = edit_is(section, "system") && xml_attribute_is(entry, "name", "uuid");
        if (edit_is(entry, "entry"))
            follow_entry(edit, entry, is_uuid, follower);
    }
}

static char *old_uuid(const struct edit *edit, const xmlNode *uuid)
{
    const xmlNode *sysinfo = edit_child(edit->domain, "sysinfo");
    if (uuid)
        return xml_text(uuid);
    for (; sysinfo; sysinfo = edit_next(sysinfo)) {
        const xmlNode *system = edit_is(sysinfo, "sysinfo") ? edit_child(sysinfo, "system") : NULL;
        for (const xmlNode *entry = edit_child(system, "entry"); entry; entry = edit_next(entry)) {
            if (xml_attribute_is(entry, "name", "uuid"))
                return xml_text(entry);
        }
    }
    return NULL;
}

static void follow_uuid(struct edit *edit, struct follower *follower)
{
    for (xmlNode *sysinfo = edit_child(edit->domain, "sysinfo"); sysinfo; sysinfo = edit_next(sysinfo)) {
        for (xmlNode *section = edit_is(sysinfo, "sysinfo") ? edit_first(sysinfo) : NULL; section;
             section = edit_next(section))
            follow_section(edit, section, follower);
    }
    if (follower->serial)
        edit_note(edit, "The serial number in <sysinfo> was the machine's UUID: %s.",
                  guid_is_none(follower->uuid) ? "it went with it" : "it is the new one now");
}

/* libvirt keeps it in a directory of that name, unless the definition names one (since 10.10). */
static void note_tpm(struct edit *edit)
{
    const xmlNode *devices = edit_child(edit->domain, "devices");
    for (const xmlNode *tpm = edit_child(devices, "tpm"); tpm; tpm = edit_next(tpm)) {
        const xmlNode *backend = edit_is(tpm, "tpm") ? edit_child(tpm, "backend") : NULL;
        if (backend && xml_attribute_is(backend, "type", "emulator") && !edit_child(backend, "source"))
            edit_note(edit, "The state of the emulated TPM is found by the machine's UUID: under another one "
                            "the TPM is empty until its state is put there.");
    }
}

static void rewrite_uuid(struct edit *edit, const struct guid *uuid)
{
    xmlNode *element = edit_child(edit->domain, "uuid");
    if (!uuid)
        return;
    CLEANUP_FREE char *old = old_uuid(edit, element);
    struct follower follower = {.old = old, .uuid = uuid};
    bool same = old && !guid_is_none(uuid) && same_uuid(old, uuid->text);
    if (guid_is_none(uuid)) {
        edit_remove_children(edit, edit->domain, "uuid");
    } else if (!element) {
        xmlNode *name = edit_child(edit->domain, "name");
        element =
            name ? edit_insert_after(edit, name, "uuid") : edit_insert_first(edit, edit->domain, "uuid");
        edit_set_text(edit, element, uuid->text);
    } else if (!same) {
        edit_set_text(edit, element, uuid->text);
    }
    if (same)
        return;
    follow_uuid(edit, &follower);
    if (old)
        note_tpm(edit);
}

static void draw_addresses(struct edit *edit, xmlNode *interface)
{
    xmlNode *port = edit_child(interface, "virtualport");
    xmlNode *parameters = edit_child(port, "parameters");
    edit_remove_children(edit, interface, "mac");
    if (!parameters || !xml_attribute_is(port, "type", "openvswitch"))
        return;
    CLEANUP_FREE char *id = xml_attribute(parameters, "interfaceid");
    edit_set(edit, parameters, "interfaceid", NULL);
    if (id)
        edit_note(edit,
                  "The Open vSwitch port %s stays with the machine that the definition was of; "
                  "libvirt draws another id.",
                  id);
}

void rewrite_identity(struct edit *edit, const struct definition_change *change)
{
    const xmlNode *devices = edit_child(edit->domain, "devices");
    xmlNode *generation = edit_child(edit->domain, "genid");
    rewrite_name(edit, change->name);
    rewrite_uuid(edit, change->uuid);
    if (!change->new_macs)
        return;
    if (generation)
        edit_set_text(edit, generation, ""); /* libvirt draws one; without the element there were none */
    for (xmlNode *device = devices ? edit_first(devices) : NULL; device; device = edit_next(device)) {
        if (edit_is(device, "interface"))
            draw_addresses(edit, device);
    }
}
