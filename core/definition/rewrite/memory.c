/* How much memory, and what must agree with it: when a definition with NUMA cells is defined, libvirt takes
 * the sum of the cells and of the memory devices and forgets what <memory> says. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/units.h"
#include "core/definition/rewrite/amount.h"
#include "core/definition/rewrite/parts.h"
#include "core/syntax/xml.h"

#define CELL_STEP (2 * MIB) /* a large page; libvirt rounds up to less */

static bool invalid(const xmlNode *element, struct error *err)
{
    error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.invalid",
              "the domain XML: line %ld: <%s> is not an amount of memory", xmlGetLineNo(element),
              xml_name(element));
    return error_next(err, "Take the definition as \"virsh dumpxml --inactive\" prints it.");
}

/* An element that is not there is 0. */
static bool read_element(const xmlNode *element, uint64_t *bytes, struct error *err)
{
    CLEANUP_FREE char *text = element ? xml_text(element) : NULL;
    CLEANUP_FREE char *unit = element ? xml_attribute(element, "unit") : NULL;
    *bytes = 0;
    return !element || !amount_parse_bytes(text, unit, bytes) || invalid(element, err);
}

static bool read_cell(const xmlNode *cell, uint64_t *bytes, struct error *err)
{
    CLEANUP_FREE char *text = xml_attribute(cell, "memory");
    CLEANUP_FREE char *unit = xml_attribute(cell, "unit");
    *bytes = 0;
    return !text || !amount_parse_bytes(text, unit, bytes) || invalid(cell, err);
}

/* In KiB where that is a whole number. */
static char *amount(uint64_t bytes, const char **unit)
{
    bool whole = bytes % KIB == 0;
    *unit = whole ? "KiB" : "b";
    return mem_format("%" PRIu64, whole ? bytes / KIB : bytes);
}

static void put_element(struct edit *edit, xmlNode *element, uint64_t bytes)
{
    const char *unit;
    CLEANUP_FREE char *text = amount(bytes, &unit);
    edit_set(edit, element, "unit", unit);
    edit_set_text(edit, element, text);
}

static void put_cell(struct edit *edit, xmlNode *cell, uint64_t bytes)
{
    const char *unit;
    CLEANUP_FREE char *text = amount(bytes, &unit);
    edit_set(edit, cell, "memory", text);
    edit_set(edit, cell, "unit", unit);
}

/* DIMMs and the like: they are part of what <memory> says. */
static bool read_devices(const struct edit *edit, uint64_t *sum, struct error *err)
{
    const xmlNode *devices = edit_child(edit->domain, "devices");
    *sum = 0;
    for (const xmlNode *device = edit_child(devices, "memory"); device; device = edit_next(device)) {
        uint64_t bytes;
        if (!edit_is(device, "memory"))
            continue;
        if (!read_element(edit_child(edit_child(device, "target"), "size"), &bytes, err))
            return false;
        if (bytes > (uint64_t)INT64_MAX - *sum)
            return invalid(device, err);
        *sum += bytes;
    }
    return true;
}

struct cells {
    const xmlNode *numa;
    uint64_t sum;
    uint64_t count;
};

static bool read_cells(struct cells *cells, struct error *err)
{
    for (const xmlNode *cell = edit_child(cells->numa, "cell"); cell; cell = edit_next(cell)) {
        uint64_t bytes;
        if (!edit_is(cell, "cell"))
            continue;
        if (!read_cell(cell, &bytes, err))
            return false;
        if (bytes > (uint64_t)INT64_MAX - cells->sum)
            return invalid(cell, err);
        cells->sum += bytes;
        cells->count++;
    }
    return true;
}

/* In proportion to what each cell had; the last takes what is left over. */
static bool share_out(struct edit *edit, const struct cells *cells, uint64_t memory, struct error *err)
{
    uint64_t number = 0;
    uint64_t left = memory;
    for (xmlNode *cell = edit_child(cells->numa, "cell"); cell; cell = edit_next(cell)) {
        uint64_t bytes;
        if (!edit_is(cell, "cell"))
            continue;
        if (!read_cell(cell, &bytes, err))
            return false;
        long double part = cells->sum > 0 ? (long double)bytes / (long double)cells->sum : 0;
        uint64_t share = (uint64_t)((long double)memory * part);
        share -= share % (share > CELL_STEP ? CELL_STEP : KIB);
        if (++number == cells->count || share > left)
            share = left;
        put_cell(edit, cell, share);
        left -= share;
    }
    return true;
}

static bool put_cells(struct edit *edit, uint64_t memory, struct error *err)
{
    struct cells cells = {.numa = edit_child(edit_child(edit->domain, "cpu"), "numa")};
    uint64_t devices;
    if (!read_devices(edit, &devices, err) || !read_cells(&cells, err))
        return false;
    if (devices >= memory) {
        edit_note(edit, "The memory devices of the definition alone have as much memory as the machine is to "
                        "have: libvirt will refuse it until one is taken out.");
        return true;
    }
    if (cells.count == 0 || cells.sum == memory - devices)
        return true;
    edit_note(edit,
              "The NUMA cells had %" PRIu64 " KiB between them and have %" PRIu64 " KiB now, each in "
              "proportion.",
              cells.sum / KIB, (memory - devices) / KIB);
    return share_out(edit, &cells, memory - devices, err);
}

/* Where a part had been given back (the balloon), the machine has all of it again: what it is to have was not
 * asked as a part. */
static bool put_current(struct edit *edit, uint64_t was, uint64_t memory, struct error *err)
{
    xmlNode *current = edit_child(edit->domain, "currentMemory");
    uint64_t bytes;
    if (!read_element(current, &bytes, err))
        return false;
    if (!current)
        return true;
    put_element(edit, current, memory);
    if (was > 0 && bytes < was)
        edit_note(edit, "The machine was to start with %" PRIu64 " KiB of its memory; it starts with all.",
                  bytes / KIB);
    return true;
}

static bool put_ceiling(struct edit *edit, uint64_t memory, struct error *err)
{
    xmlNode *ceiling = edit_child(edit->domain, "maxMemory");
    uint64_t bytes;
    if (!read_element(ceiling, &bytes, err))
        return false;
    if (!ceiling || bytes >= memory)
        return true;
    put_element(edit, ceiling, memory);
    edit_note(edit,
              "Memory could be plugged in up to %" PRIu64 " KiB, which is less than there is now: the "
              "limit was raised to it.",
              bytes / KIB);
    return true;
}

static xmlNode *memory_element(struct edit *edit)
{
    xmlNode *memory = edit_child(edit->domain, "memory");
    xmlNode *before = edit_child(edit->domain, "uuid");
    if (memory)
        return memory;
    if (!before)
        before = edit_child(edit->domain, "name");
    return before ? edit_insert_after(edit, before, "memory") : edit_append(edit, edit->domain, "memory");
}

bool rewrite_memory(struct edit *edit, const struct definition_change *change, struct error *err)
{
    uint64_t was;
    if (change->memory == 0)
        return true;
    if (!read_element(edit_child(edit->domain, "memory"), &was, err))
        return false;
    if (was != change->memory) {
        put_element(edit, memory_element(edit), change->memory);
        if (!put_current(edit, was, change->memory, err))
            return false;
    }
    return put_ceiling(edit, change->memory, err) && put_cells(edit, change->memory, err);
}
