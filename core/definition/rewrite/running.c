/* What "virsh dumpxml" prints of a running machine and does not belong to its definition. Source: what
 * libvirt 9.0 passes over with VIR_DOMAIN_DEF_PARSE_INACTIVE; chains of backing files it does not pass over,
 * and they would fix what it had only looked up. */
#include <ctype.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/definition/rewrite/parts.h"
#include "core/syntax/xml.h"

/* Names that a person gave begin with "ua-" and stay. */
static void drop_alias(struct edit *edit, xmlNode *device)
{
    xmlNode *alias = edit_child(device, "alias");
    CLEANUP_FREE char *name = alias ? xml_attribute(alias, "name") : NULL;
    if (alias && (!name || strncmp(name, "ua-", 3) != 0))
        edit_remove(edit, alias);
}

static void drop_of_disk(struct edit *edit, xmlNode *disk)
{
    xmlNode *source = edit_child(disk, "source");
    edit_remove_children(edit, disk, "backingStore");
    edit_remove_children(edit, disk, "mirror");
    if (source)
        edit_set(edit, source, "index", NULL);
}

static void drop_of_interface(struct edit *edit, xmlNode *interface)
{
    xmlNode *source = edit_child(interface, "source");
    xmlNode *target = edit_child(interface, "target");
    CLEANUP_FREE char *device = target ? xml_attribute(target, "dev") : NULL;
    if (source && xml_attribute_is(interface, "type", "network")) {
        edit_set(edit, source, "portid", NULL);
        edit_set(edit, source, "bridge", NULL);
    }
    if (!device || strncmp(device, "vnet", 4) != 0 || !isdigit((unsigned char)device[4]))
        return;
    edit_set(edit, target, "dev", NULL);
    if (!target->properties && !edit_first(target))
        edit_remove(edit, target);
}

static void drop_of_terminal(struct edit *edit, xmlNode *device)
{
    if (!xml_attribute_is(device, "type", "pty"))
        return;
    edit_remove_children(edit, device, "source");
    edit_set(edit, device, "tty", NULL);
}

/* Labels that were drawn at start; those that a person wrote have no "dynamic" or a <baselabel>. */
static void drop_labels(struct edit *edit)
{
    for (xmlNode *label = edit_first(edit->domain), *next; label; label = next) {
        next = edit_next(label);
        if (!edit_is(label, "seclabel") || !xml_attribute_is(label, "type", "dynamic"))
            continue;
        bool had_label = edit_remove_children(edit, label, "label");
        bool had_image_label = edit_remove_children(edit, label, "imagelabel");
        if ((had_label || had_image_label) && !edit_first(label) && !xml_attribute_is(label, "relabel", "no"))
            edit_remove(edit, label);
    }
}

void rewrite_running(struct edit *edit)
{
    CLEANUP_FREE char *id = xml_attribute(edit->domain, "id");
    xmlNode *devices = edit_child(edit->domain, "devices");
    if (!id)
        return;
    edit_set(edit, edit->domain, "id", NULL);
    for (xmlNode *device = devices ? edit_first(devices) : NULL; device; device = edit_next(device)) {
        drop_alias(edit, device);
        if (edit_is(device, "disk"))
            drop_of_disk(edit, device);
        else if (edit_is(device, "interface"))
            drop_of_interface(edit, device);
        else if (edit_is(device, "serial") || edit_is(device, "console") || edit_is(device, "parallel") ||
                 edit_is(device, "channel"))
            drop_of_terminal(edit, device);
    }
    drop_labels(edit);
    edit_note(edit, "The definition was that of the running machine; what only a running one has was taken "
                    "out. \"virsh dumpxml --inactive\" prints the one that it will be started with.");
}
