#include "core/host/definition/domain_xml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/host/definition/domain_disk.h"
#include "core/syntax/xml.h"

static bool invalid(const xmlNode *element, const char *why, struct error *err)
{
    error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.invalid", "the domain XML: line %ld: <%s> %s",
              xmlGetLineNo(element), xml_name(element), why);
    return error_next(err, "Take the definition as \"virsh dumpxml --inactive\" prints it.");
}

static bool parse_whole(const char *text, uint64_t *number, const char **rest)
{
    char *end = NULL;
    while (*text && strchr(" \t\r\n", *text))
        text++;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *number = strtoull(text, &end, 10);
    *rest = end + strspn(end, " \t\r\n");
    return errno == 0;
}

/* libvirt's units: "k" and "KiB" are 1024, "KB" is 1000, whatever the case; KiB where none is given. */
static bool unit_factor(const char *unit, uint64_t *factor)
{
    static const char letters[] = "kmgtpe";
    static const char *const bytes[] = {"b", "byte", "bytes"};
    for (size_t i = 0; i < ARRAY_LENGTH(bytes); i++) {
        if (strcasecmp(unit, bytes[i]) == 0) {
            *factor = 1;
            return true;
        }
    }
    const char *rest = *unit ? unit + 1 : unit;
    bool decimal = strcasecmp(rest, "b") == 0;
    if (*rest && !decimal && strcasecmp(rest, "ib") != 0)
        return false;
    *factor = 1;
    for (const char *letter = letters; *letter; letter++) {
        *factor *= decimal ? 1000 : 1024;
        if (*unit == *letter || *unit == *letter - 'a' + 'A')
            return true;
    }
    return false;
}

static bool read_memory(const xmlNode *domain, struct machine_settings *settings, struct error *err)
{
    const xmlNode *element;
    const char *rest;
    uint64_t number;
    uint64_t factor;
    if (!xml_only_child(domain, "memory", &element, err))
        return false;
    if (!element)
        return true;
    CLEANUP_FREE char *text = xml_text(element);
    CLEANUP_FREE char *unit = xml_attribute(element, "unit");
    if (!parse_whole(text, &number, &rest) || *rest)
        return invalid(element, "is not a whole number", err);
    if (!unit_factor(unit ? unit : "KiB", &factor))
        return invalid(element, "has a unit that is not known", err);
    if (number > (uint64_t)INT64_MAX / factor)
        return invalid(element, "is larger than 8 EiB", err);
    settings->memory = number * factor;
    return true;
}

static bool read_cpus(const xmlNode *domain, struct machine_settings *settings, struct error *err)
{
    const xmlNode *element;
    const char *rest;
    uint64_t number = 1; /* libvirt's default */
    if (!xml_only_child(domain, "vcpu", &element, err))
        return false;
    if (element) {
        CLEANUP_FREE char *text = xml_text(element);
        if (!parse_whole(text, &number, &rest) || *rest || number == 0 || number > UINT32_MAX)
            return invalid(element, "is not a number of processors", err);
    }
    settings->cpus = (uint32_t)number;
    return true;
}

/* What the firmware is: said, or to be seen from the loader; a PC without either has a BIOS. */
static const char *firmware_word(const xmlNode *os, const xmlNode *loader, const char *architecture)
{
    if (xml_attribute_is(os, "firmware", "efi") || (loader && xml_attribute_is(loader, "type", "pflash")))
        return "efi";
    bool is_pc = architecture && (strcmp(architecture, "x86_64") == 0 || strcmp(architecture, "i686") == 0);
    if (xml_attribute_is(os, "firmware", "bios") || (is_pc && !loader))
        return "bios";
    return NULL;
}

static bool read_os(const xmlNode *domain, struct machine_settings *settings, struct error *err)
{
    const xmlNode *os;
    const xmlNode *type;
    const xmlNode *loader;
    if (!xml_only_child(domain, "os", &os, err))
        return false;
    if (!os)
        return true;
    if (!xml_only_child(os, "type", &type, err) || !xml_only_child(os, "loader", &loader, err))
        return false;
    if (type) {
        settings->architecture = xml_attribute(type, "arch");
        settings->machine_type = xml_attribute(type, "machine");
    }
    mem_replace(&settings->firmware, firmware_word(os, loader, settings->architecture));
    return true;
}

static bool read_identity(const xmlNode *domain, struct machine *machine, struct error *err)
{
    const xmlNode *name;
    const xmlNode *uuid;
    if (!xml_only_child(domain, "name", &name, err) || !xml_only_child(domain, "uuid", &uuid, err))
        return false;
    if (!name)
        return invalid(domain, "has no <name>", err);
    machine->name = xml_text(name);
    if (*machine->name == '\0')
        return invalid(name, "is empty", err);
    if (!uuid)
        return true;
    CLEANUP_FREE char *text = xml_text(uuid);
    return guid_parse(&machine->id, text) || invalid(uuid, "is not a UUID", err);
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
    return !adapter->mac || is_mac(adapter->mac) || invalid(mac, "is not a hardware address", err);
}

static bool read_devices(const xmlNode *domain, struct machine *machine, struct error *err)
{
    const xmlNode *devices;
    if (!xml_only_child(domain, "devices", &devices, err))
        return false;
    for (const xmlNode *device = devices ? xml_first(devices) : NULL; device; device = xml_next(device)) {
        if (xml_is(device, "disk") && !domain_disk_add(machine, device, err))
            return false;
        if (xml_is(device, "interface") && !read_adapter(device, machine, err))
            return false;
    }
    return true;
}

bool domain_xml_read(struct machine *machine, const char *text, struct error *err)
{
    CLEANUP_XML xmlDoc *document = NULL;
    *machine = (struct machine){0};
    if (!xml_parse(text, "the domain XML", &document, err))
        return false;
    const xmlNode *domain = xmlDocGetRootElement(document);
    if (!xml_is(domain, "domain"))
        return invalid(domain, "is where <domain> should be", err);
    bool ok = read_identity(domain, machine, err) && read_cpus(domain, &machine->settings, err) &&
              read_memory(domain, &machine->settings, err) && read_os(domain, &machine->settings, err) &&
              read_devices(domain, machine, err);
    if (ok)
        machine->domain_xml = mem_strdup(text);
    else
        machine_clear(machine);
    return ok;
}

bool domain_xml_read_without(struct machine *machine, const char *text, const char *const *without,
                             size_t without_count, struct error *err)
{
    (void)without;
    (void)without_count;
    return domain_xml_read(machine, text, err);
}
