#include "core/host/libvirt/rct/checkpoint.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/host/libvirt/connection/domain.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/host/libvirt/connection/library.h"
#include "core/host/libvirt/rct/marks.h"
#include "core/syntax/xml.h"

char *checkpoint_name(const struct guid *point)
{
    return mem_format("refpoint-%s", point->text);
}

static bool is_among(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

char *checkpoint_describe(const char *name, char *const *all, size_t all_count, const char *const *disks,
                          size_t disk_count)
{
    struct strbuf text = {0};
    strbuf_addf(&text, "<domaincheckpoint><name>%s</name><disks>", name);
    for (size_t i = 0; i < all_count; i++) {
        CLEANUP_FREE char *id = xml_escape(all[i]);
        strbuf_addf(&text, "<disk name=\"%s\" checkpoint=\"%s\"/>", id,
                    is_among(disks, disk_count, all[i]) ? "bitmap" : "no");
    }
    strbuf_add(&text, "</disks></domaincheckpoint>");
    return strbuf_take(&text);
}

/* The disk's own element of the checkpoint's description. */
static bool read_disk(const char *text, const char *disk, struct checkpoint_disk *found, struct error *err)
{
    CLEANUP_XML xmlDoc *document = NULL;
    if (!xml_parse(text, "the checkpoint", &document, err))
        return false;
    const xmlNode *disks = xml_child(xmlDocGetRootElement(document), "disks");
    for (const xmlNode *item = disks ? xml_first(disks) : NULL; item; item = xml_next(item)) {
        CLEANUP_FREE char *size = xml_attribute(item, "size");
        if (!xml_attribute_is(item, "name", disk) || !xml_attribute_is(item, "checkpoint", "bitmap"))
            continue;
        found->usable = size != NULL;
        found->dirty = size ? strtoull(size, NULL, 10) : 0;
    }
    if (!found->usable)
        found->why = mem_strdup("QEMU has not marked its changes since the base");
    return true;
}

/* Lost by a QEMU that was killed, or by a file that somebody put into the chain. */
static bool not_usable(struct checkpoint_disk *found, const char *what)
{
    virErrorPtr said = libvirt()->virGetLastError();
    found->why = mem_format("%s: libvirt says: %s", what, said && said->message ? said->message : "nothing");
    libvirt()->virResetLastError();
    return true;
}

bool checkpoint_look(virDomainPtr domain, const char *name, const char *disk, struct checkpoint_disk *found,
                     struct error *err)
{
    *found = (struct checkpoint_disk){0};
    virDomainCheckpointPtr checkpoint = libvirt()->virDomainCheckpointLookupByName(domain, name, 0);
    if (!checkpoint && libvirt()->virGetLastErrorCode() != VIR_ERR_NO_DOMAIN_CHECKPOINT)
        return domain_error(domain, err, "point.checkpoint", "cannot look for a checkpoint");
    if (!checkpoint)
        return not_usable(found, "the base's checkpoint is gone");
    CLEANUP_FREE char *text = libvirt()->virDomainCheckpointGetXMLDesc(
        checkpoint, VIR_DOMAIN_CHECKPOINT_XML_SIZE | VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN);
    libvirt()->virDomainCheckpointFree(checkpoint);
    return text ? read_disk(text, disk, found, err)
                : not_usable(found, "the marks since the base are not whole");
}

/* What was made last: the one that the next follows. NULL: there is none. */
static virDomainCheckpointPtr newest(virDomainPtr domain)
{
    virDomainCheckpointPtr *all = NULL;
    virDomainCheckpointPtr found = NULL;
    int count = libvirt()->virDomainListAllCheckpoints(
        domain, &all, VIR_DOMAIN_CHECKPOINT_LIST_LEAVES | VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL);
    for (int i = 0; i < count; i++) {
        if (i + 1 == count)
            found = all[i];
        else
            libvirt()->virDomainCheckpointFree(all[i]);
    }
    free(all);
    return found;
}

bool checkpoint_adopt(virDomainPtr domain, const char *name, const char *const *disks, size_t disk_count,
                      struct error *err)
{
    CLEANUP_STRBUF struct strbuf text = {0};
    strbuf_addf(&text, "<domaincheckpoint><name>%s</name><creationTime>%lld</creationTime>", name,
                (long long)moment_now().seconds);
    virDomainCheckpointPtr parent = newest(domain);
    if (parent) {
        CLEANUP_FREE char *before = xml_escape(libvirt()->virDomainCheckpointGetName(parent));
        strbuf_addf(&text, "<parent><name>%s</name></parent>", before);
        libvirt()->virDomainCheckpointFree(parent);
    }
    strbuf_add(&text, "<disks>");
    for (size_t i = 0; i < disk_count; i++) {
        CLEANUP_FREE char *id = xml_escape(disks[i]);
        strbuf_addf(&text, "<disk name=\"%s\" checkpoint=\"bitmap\"/>", id);
    }
    strbuf_add(&text, "</disks></domaincheckpoint>");
    virDomainCheckpointPtr made =
        libvirt()->virDomainCheckpointCreateXML(domain, text.data, VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE);
    if (!made)
        return domain_error(domain, err, "point.checkpoint", "a checkpoint cannot be made known to libvirt");
    libvirt()->virDomainCheckpointFree(made);
    return true;
}

static bool forget(virDomainPtr domain, virDomainCheckpointPtr checkpoint, struct error *err)
{
    return libvirt()->virDomainCheckpointDelete(checkpoint, 0) == 0 ||
           libvirt()->virDomainCheckpointDelete(checkpoint, VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY) ==
               0 ||
           domain_error(domain, err, "point.checkpoint", "a checkpoint cannot be deleted");
}

bool checkpoint_delete(virDomainPtr domain, const char *name, struct error *err)
{
    enum machine_state state;
    virDomainCheckpointPtr checkpoint = libvirt()->virDomainCheckpointLookupByName(domain, name, 0);
    bool absent = !checkpoint && libvirt()->virGetLastErrorCode() == VIR_ERR_NO_DOMAIN_CHECKPOINT;
    libvirt()->virResetLastError();
    if (!checkpoint && !absent)
        return library_error(err, "point.checkpoint", "cannot look for the checkpoint %s", name);
    bool ok = domain_state(domain, &state, err) &&
              (domain_state_is_active(state) || marks_remove(domain, name, err)) &&
              (!checkpoint || forget(domain, checkpoint, err));
    if (checkpoint)
        libvirt()->virDomainCheckpointFree(checkpoint);
    return ok;
}
