#include "core/definition/surroundings/source.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/syntax/xml.h"

/* NULL also where it is empty. */
static char *filled_attribute(const xmlNode *element, const char *name)
{
    char *value = element ? xml_attribute(element, name) : NULL;
    if (value && *value == '\0') {
        free(value);
        value = NULL;
    }
    return value;
}

static unsigned long number(const xmlNode *element, const char *name)
{
    CLEANUP_FREE char *text = xml_attribute(element, name);
    return text ? strtoul(text, NULL, 0) : 0;
}

static char *pci_text(const xmlNode *address)
{
    if (!address)
        return NULL;
    return mem_format("%04lx:%02lx:%02lx.%lx", number(address, "domain"), number(address, "bus"),
                      number(address, "slot"), number(address, "function"));
}

/* An NBD server's export may have no name: the server is all there is to say. */
static char *server_text(const xmlNode *source)
{
    const xmlNode *host = xml_child(source, "host");
    CLEANUP_FREE char *name = filled_attribute(host, "name");
    CLEANUP_FREE char *port = filled_attribute(host, "port");
    if (name && port)
        return mem_format("%s:%s", name, port);
    return name ? mem_strdup(name) : filled_attribute(host, "socket");
}

static char *network_text(const xmlNode *source, const char *protocol)
{
    CLEANUP_FREE char *name = filled_attribute(source, "name");
    if (!name)
        name = server_text(source);
    return name ? mem_format("%s:%s", protocol, name) : mem_strdup(protocol);
}

char *definition_source_text(const xmlNode *source)
{
    static const char *const plain[] = {"file", "dev", "dir", "path", "socket"};
    char *text = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(plain) && !text; i++)
        text = filled_attribute(source, plain[i]);
    if (text || !source)
        return text;
    CLEANUP_FREE char *pool = filled_attribute(source, "pool");
    CLEANUP_FREE char *volume = filled_attribute(source, "volume");
    if (pool || volume)
        return mem_format("%s/%s", pool ? pool : "", volume ? volume : "");
    CLEANUP_FREE char *protocol = filled_attribute(source, "protocol");
    if (protocol)
        return network_text(source, protocol);
    CLEANUP_FREE char *pci = pci_text(xml_child(source, "address"));
    CLEANUP_FREE char *space = filled_attribute(source, "namespace");
    if (pci)
        return mem_format("nvme:%s%s%s", pci, space ? "/" : "", space ? space : "");
    return filled_attribute(source, "name");
}

static char *usb_text(const xmlNode *source)
{
    const xmlNode *vendor = xml_child(source, "vendor");
    const xmlNode *product = xml_child(source, "product");
    const xmlNode *address = xml_child(source, "address");
    CLEANUP_FREE char *vendor_id = filled_attribute(vendor, "id");
    CLEANUP_FREE char *product_id = filled_attribute(product, "id");
    if (vendor_id && product_id)
        return mem_format("%s:%s", vendor_id, product_id);
    return address ? mem_format("bus %lu device %lu", number(address, "bus"), number(address, "device"))
                   : NULL;
}

static char *scsi_text(const xmlNode *source)
{
    const xmlNode *address = xml_child(source, "address");
    CLEANUP_FREE char *adapter = filled_attribute(xml_child(source, "adapter"), "name");
    if (!address)
        return definition_source_text(source); /* iscsi */
    return mem_format("%s:%lu:%lu:%lu", adapter ? adapter : "scsi", number(address, "bus"),
                      number(address, "target"), number(address, "unit"));
}

/* mode='capabilities': the device by its file or its name. */
static char *capability_text(const xmlNode *source)
{
    const xmlNode *named = xml_first(source);
    CLEANUP_FREE char *text = named ? xml_trimmed(named) : NULL;
    return text && *text ? mem_strdup(text) : NULL;
}

char *definition_host_device_text(const xmlNode *hostdev)
{
    const xmlNode *source = xml_child(hostdev, "source");
    if (!source)
        return NULL;
    if (xml_attribute_is(hostdev, "mode", "capabilities"))
        return capability_text(source);
    if (xml_attribute_is(hostdev, "type", "usb"))
        return usb_text(source);
    if (xml_attribute_is(hostdev, "type", "scsi"))
        return scsi_text(source);
    if (xml_attribute_is(hostdev, "type", "scsi_host"))
        return filled_attribute(source, "wwpn");
    if (xml_attribute_is(hostdev, "type", "mdev"))
        return filled_attribute(xml_child(source, "address"), "uuid");
    return pci_text(xml_child(source, "address"));
}

char *definition_any_path(const xmlNode *element)
{
    char *path = NULL;
    for (const xmlAttr *attribute = element->properties; attribute; attribute = attribute->next) {
        const xmlNode *value = attribute->children;
        if (value && value->content && *value->content == '/')
            return mem_strdup((const char *)value->content);
    }
    CLEANUP_FREE char *text = xml_trimmed(element);
    if (*text == '/')
        return mem_strdup(text);
    for (const xmlNode *child = xml_first(element); child && !path; child = xml_next(child))
        path = definition_any_path(child);
    return path;
}
