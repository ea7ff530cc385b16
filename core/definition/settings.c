#include "core/definition/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/definition/open.h"
#include "core/definition/rewrite/amount.h"
#include "core/syntax/xml.h"

static bool read_memory(const xmlNode *domain, struct machine_settings *settings, struct error *err)
{
    const xmlNode *element;
    if (!xml_only_child(domain, "memory", &element, err))
        return false;
    if (!element)
        return true;
    CLEANUP_FREE char *text = xml_text(element);
    CLEANUP_FREE char *unit = xml_attribute(element, "unit");
    const char *wrong = amount_parse_bytes(text, unit, &settings->memory);
    if (wrong)
        return definition_invalid(element, wrong, err);
    return true;
}

static bool read_number(const char *text, uint32_t least, uint32_t most, uint32_t *number)
{
    uint64_t value;
    if (!amount_parse_whole(text, &value) || value < least || value > most)
        return false;
    *number = (uint32_t)value;
    return true;
}

/* A list of single processors says which of them are there; libvirt then asks nothing else. */
static bool count_enabled(const xmlNode *domain, uint32_t most, uint32_t *cpus, struct error *err)
{
    const xmlNode *list;
    if (!xml_only_child(domain, "vcpus", &list, err))
        return false;
    if (!list || !xml_child(list, "vcpu"))
        return true;
    *cpus = 0;
    for (const xmlNode *cpu = xml_first(list); cpu; cpu = xml_next(cpu))
        *cpus += xml_is(cpu, "vcpu") && xml_attribute_is(cpu, "enabled", "yes");
    return (*cpus > 0 && *cpus <= most) ||
           definition_invalid(list, "enables none of the processors, or more than there are", err);
}

static bool read_cpus(const xmlNode *domain, struct machine_settings *settings, struct error *err)
{
    const xmlNode *element;
    uint32_t most = 1; /* libvirt's default */
    if (!xml_only_child(domain, "vcpu", &element, err))
        return false;
    CLEANUP_FREE char *text = element ? xml_text(element) : NULL;
    CLEANUP_FREE char *current = element ? xml_attribute(element, "current") : NULL;
    if (text && !read_number(text, 1, UINT32_MAX, &most))
        return definition_invalid(element, "is not a number of processors", err);
    settings->cpus = most;
    if (current && !read_number(current, 1, most, &settings->cpus))
        return definition_invalid(element, "has a current number of processors that cannot be", err);
    if (!count_enabled(domain, most, &settings->cpus, err))
        return false;
    settings->cpus_ceiling = settings->cpus == most ? 0 : most;
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

bool definition_read_settings(const xmlNode *domain, struct machine_settings *settings, struct error *err)
{
    return read_cpus(domain, settings, err) && read_memory(domain, settings, err) &&
           read_os(domain, settings, err);
}
