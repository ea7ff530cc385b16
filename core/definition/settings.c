#include "core/definition/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/definition/open.h"
#include "core/syntax/xml.h"

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
        return definition_invalid(element, "is not a whole number", err);
    if (!unit_factor(unit ? unit : "KiB", &factor))
        return definition_invalid(element, "has a unit that is not known", err);
    if (number > (uint64_t)INT64_MAX / factor)
        return definition_invalid(element, "is larger than 8 EiB", err);
    settings->memory = number * factor;
    return true;
}

static bool read_number(const char *text, uint32_t least, uint32_t most, uint32_t *number)
{
    const char *rest;
    uint64_t value;
    if (!parse_whole(text, &value, &rest) || *rest || value < least || value > most)
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
