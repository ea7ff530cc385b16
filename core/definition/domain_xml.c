#include "core/definition/domain_xml.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/definition/domain_disk.h"
#include "core/definition/open.h"
#include "core/definition/settings.h"
#include "core/definition/surroundings/files.h"
#include "core/definition/surroundings/left_out.h"
#include "core/syntax/xml.h"

static bool read_identity(const xmlNode *domain, struct machine *machine, struct error *err)
{
    const xmlNode *name;
    const xmlNode *uuid;
    if (!xml_only_child(domain, "name", &name, err) || !xml_only_child(domain, "uuid", &uuid, err))
        return false;
    if (!name)
        return definition_invalid(domain, "has no <name>", err);
    machine->name = xml_trimmed(name);
    if (*machine->name == '\0')
        return definition_invalid(name, "is empty", err);
    if (!uuid)
        return true;
    CLEANUP_FREE char *text = xml_text(uuid);
    return guid_parse(&machine->id, text) || guid_parse_digits(&machine->id, text) ||
           definition_invalid(uuid, "is not a UUID", err);
}

static bool is_mac(const char *text)
{
    for (int i = 0; i < 17; i++) {
        bool colon = i % 3 == 2;
        if (colon ? text[i] != ':' : !text[i] || !strchr("0123456789abcdefABCDEF", text[i]))
            return false;
    }
    return text[17] == '\0';
}

static bool read_adapter(const xmlNode *element, struct machine *machine, struct error *err)
{
    static const char *const names[] = {"network", "bridge", "dev"};
    const xmlNode *mac;
    const xmlNode *source;
    const xmlNode *model;
    if (!xml_only_child(element, "mac", &mac, err) || !xml_only_child(element, "source", &source, err) ||
        !xml_only_child(element, "model", &model, err))
        return false;
    struct network_adapter *adapter = ARRAY_APPEND(machine->adapters, machine->adapter_count);
    adapter->mac = mac ? xml_attribute(mac, "address") : NULL;
    adapter->model = model ? xml_attribute(model, "type") : NULL;
    for (size_t i = 0; source && !adapter->network && i < ARRAY_LENGTH(names); i++)
        adapter->network = xml_attribute(source, names[i]);
    return !adapter->mac || is_mac(adapter->mac) || definition_invalid(mac, "is not a hardware address", err);
}

static bool read_devices(const xmlNode *domain, struct machine *machine,
                         const struct definition_without *without, struct error *err)
{
    const xmlNode *devices;
    if (!xml_only_child(domain, "devices", &devices, err))
        return false;
    for (const xmlNode *device = devices ? xml_first(devices) : NULL; device; device = xml_next(device)) {
        if (xml_is(device, "disk") && !xml_namespace(device) &&
            !domain_disk_add(machine, device, without, err))
            return false;
        if (xml_is(device, "interface") && !xml_namespace(device) && !read_adapter(device, machine, err))
            return false;
    }
    return domain_disk_check_without(machine, without, err);
}

bool domain_xml_read(struct machine *machine, const char *text, struct error *err)
{
    return domain_xml_read_without(machine, text, NULL, 0, err);
}

bool domain_xml_read_without(struct machine *machine, const char *text, const char *const *without,
                             size_t without_count, struct error *err)
{
    const struct definition_without left = {.names = without, .count = without_count};
    CLEANUP_DEFINITION struct definition definition = {0};
    *machine = (struct machine){0};
    if (!definition_open(&definition, text, err))
        return false;
    const xmlNode *domain = definition.domain;
    bool ok = read_identity(domain, machine, err) &&
              definition_read_settings(domain, &machine->settings, err) &&
              read_devices(domain, machine, &left, err) && definition_read_files(domain, machine, err);
    if (!ok) {
        machine_clear(machine);
        return false;
    }
    definition_read_left_out(domain, machine);
    machine->domain_xml = mem_strdup(definition.text);
    return true;
}

static char *target_of(const xmlNode *device)
{
    const xmlNode *target =
        xml_is(device, "disk") && !xml_namespace(device) ? xml_child(device, "target") : NULL;
    return target ? xml_attribute(target, "dev") : NULL;
}

bool domain_xml_disk_ids(const char *text, const char *having, char ***ids, size_t *count, struct error *err)
{
    CLEANUP_DEFINITION struct definition definition = {0};
    const xmlNode *devices;
    *ids = NULL;
    *count = 0;
    if (!definition_open(&definition, text, err) ||
        !xml_only_child(definition.domain, "devices", &devices, err))
        return false;
    for (const xmlNode *device = devices ? xml_first(devices) : NULL; device; device = xml_next(device)) {
        char *id = target_of(device);
        if (id && (!having || xml_child(device, having)))
            *ARRAY_APPEND(*ids, *count) = id;
        else
            free(id);
    }
    return true;
}

bool domain_xml_mirror(const char *text, const char *disk, char **path, struct error *err)
{
    CLEANUP_DEFINITION struct definition definition = {0};
    const xmlNode *devices;
    *path = NULL;
    if (!definition_open(&definition, text, err) ||
        !xml_only_child(definition.domain, "devices", &devices, err))
        return false;
    for (const xmlNode *device = devices ? xml_first(devices) : NULL; device; device = xml_next(device)) {
        CLEANUP_FREE char *id = target_of(device);
        const xmlNode *mirror = id && strcmp(id, disk) == 0 ? xml_child(device, "mirror") : NULL;
        const xmlNode *source = mirror ? xml_child(mirror, "source") : NULL;
        if (!mirror)
            continue;
        *path = source ? xml_attribute(source, "file") : NULL;
        if (!*path)
            *path = mem_strdup("");
        return true;
    }
    return true;
}
