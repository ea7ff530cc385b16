/* The number of processors, and what must agree with it. libvirt refuses a topology whose product is not the
 * ceiling, and NUMA cells or scheduling of processors that are none; it takes the number in use from a list
 * of processors where there is one, whatever `current` says. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/definition/rewrite/amount.h"
#include "core/definition/rewrite/cpu_list.h"
#include "core/definition/rewrite/parts.h"
#include "core/syntax/xml.h"

#define LEVELS 5
#define LEVEL_LIMIT 4096U /* of one level: libvirt has fewer processors in a machine */

struct cpus {
    uint64_t in_use;
    uint64_t ceiling;
};

static bool invalid(const xmlNode *element, struct error *err)
{
    error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.invalid",
              "the domain XML: line %ld: <%s> is not a number of processors", xmlGetLineNo(element),
              xml_name(element));
    return error_next(err, "Take the definition as \"virsh dumpxml --inactive\" prints it.");
}

static uint64_t count_enabled(const xmlNode *list)
{
    uint64_t count = 0;
    for (const xmlNode *cpu = edit_first(list); cpu; cpu = edit_next(cpu))
        count += edit_is(cpu, "vcpu") && xml_attribute_is(cpu, "enabled", "yes");
    return count;
}

static bool is_number_of_cpus(const char *text, uint64_t *number)
{
    return amount_parse_whole(text, number) && *number > 0 && *number <= UINT32_MAX;
}

static bool read_cpus(const struct edit *edit, const xmlNode *vcpu, struct cpus *cpus, struct error *err)
{
    const xmlNode *list = edit_child(edit->domain, "vcpus");
    *cpus = (struct cpus){.in_use = 1, .ceiling = 1}; /* libvirt's default */
    if (vcpu) {
        CLEANUP_FREE char *text = xml_text(vcpu);
        CLEANUP_FREE char *current = xml_attribute(vcpu, "current");
        if (!is_number_of_cpus(text, &cpus->ceiling))
            return invalid(vcpu, err);
        cpus->in_use = cpus->ceiling;
        if (current && (!is_number_of_cpus(current, &cpus->in_use) || cpus->in_use > cpus->ceiling))
            return invalid(vcpu, err);
    }
    if (list && count_enabled(list) > 0)
        cpus->in_use = count_enabled(list);
    return true;
}

/* Who has no room for more processors has none afterwards, whatever the number. */
static struct cpus wanted_cpus(const struct definition_change *change, const struct cpus *is)
{
    struct cpus wanted = *is;
    if (change->cpus > 0)
        wanted.in_use = change->cpus;
    if (change->cpus_ceiling > 0)
        wanted.ceiling = change->cpus_ceiling;
    else if (is->in_use == is->ceiling)
        wanted.ceiling = wanted.in_use;
    if (wanted.in_use > wanted.ceiling && change->cpus > 0)
        wanted.ceiling = wanted.in_use;
    if (wanted.in_use > wanted.ceiling)
        wanted.in_use = wanted.ceiling;
    return wanted;
}

static void put_cpus(struct edit *edit, xmlNode *vcpu, const struct cpus *wanted)
{
    CLEANUP_FREE char *in_use = mem_format("%" PRIu64, wanted->in_use);
    CLEANUP_FREE char *ceiling = mem_format("%" PRIu64, wanted->ceiling);
    if (!vcpu)
        vcpu = edit_append(edit, edit->domain, "vcpu");
    edit_set(edit, vcpu, "current", wanted->in_use < wanted->ceiling ? in_use : NULL);
    edit_set_text(edit, vcpu, ceiling);
    if (edit_remove_children(edit, edit->domain, "vcpus"))
        edit_note(
            edit,
            "The list of the processors that are plugged in was taken out: libvirt plugs in the lowest %s.",
            in_use);
}

static const char *const level_names[LEVELS] = {"sockets", "dies", "clusters", "cores", "threads"};

/* Levels that are not said count once. */
static bool read_levels(const xmlNode *topology, uint64_t levels[LEVELS])
{
    for (size_t i = 0; i < LEVELS; i++) {
        CLEANUP_FREE char *text = xml_attribute(topology, level_names[i]);
        levels[i] = 1;
        if (text && (!amount_parse_whole(text, &levels[i]) || levels[i] == 0 || levels[i] > LEVEL_LIMIT))
            return false;
    }
    return true;
}

static bool fit_level(uint64_t levels[LEVELS], size_t level, uint64_t ceiling)
{
    uint64_t others = 1;
    for (size_t i = 0; i < LEVELS; i++)
        others *= i == level ? 1 : levels[i];
    if (ceiling % others != 0 || ceiling / others > LEVEL_LIMIT)
        return false;
    levels[level] = ceiling / others;
    return true;
}

/* One socket stays one where that is possible: systems are licensed by sockets. */
static bool fit_levels(uint64_t levels[LEVELS], uint64_t ceiling)
{
    enum { SOCKETS = 0, CORES = 3 };
    size_t first = levels[SOCKETS] == 1 ? CORES : SOCKETS;
    size_t second = levels[SOCKETS] == 1 ? SOCKETS : CORES;
    return fit_level(levels, first, ceiling) || fit_level(levels, second, ceiling);
}

static void drop_topology(struct edit *edit, xmlNode *cpu, uint64_t ceiling)
{
    edit_remove_children(edit, cpu, "topology");
    edit_note(edit,
              "The topology of sockets, cores and threads does not fit the number of processors (%" PRIu64
              ") and was taken out.",
              ceiling);
    if (!edit_first(cpu) && !cpu->properties)
        edit_remove(edit, cpu);
}

static void put_topology(struct edit *edit, xmlNode *cpu, uint64_t ceiling)
{
    xmlNode *topology = edit_child(cpu, "topology");
    uint64_t levels[LEVELS];
    uint64_t product = 1;
    if (!topology)
        return;
    if (!read_levels(topology, levels)) {
        drop_topology(edit, cpu, ceiling);
        return;
    }
    for (size_t i = 0; i < LEVELS; i++)
        product *= levels[i];
    if (product == ceiling)
        return;
    if (!fit_levels(levels, ceiling)) {
        drop_topology(edit, cpu, ceiling);
        return;
    }
    for (size_t i = 0; i < LEVELS; i++) {
        CLEANUP_FREE char *text = mem_format("%" PRIu64, levels[i]);
        if (xmlHasProp(topology, (const xmlChar *)level_names[i]) || levels[i] > 1)
            edit_set(edit, topology, level_names[i], text);
    }
    edit_note(edit, "The topology is sockets=%" PRIu64 ", cores=%" PRIu64 ", threads=%" PRIu64 " now.",
              levels[0], levels[3], levels[4]);
}

static size_t count_cells(const xmlNode *numa)
{
    size_t count = 0;
    for (const xmlNode *cell = edit_child(numa, "cell"); cell; cell = edit_next(cell))
        count += edit_is(cell, "cell");
    return count;
}

/* What is more goes to the cells in equal shares, what is less is cut: each processor stays where it is. */
static bool put_cell(struct edit *edit, xmlNode *cell, const struct cpus *is, const struct cpus *share)
{
    CLEANUP_FREE char *list = xml_attribute(cell, "cpus");
    CLEANUP_FREE char *cut = list ? cpu_list_cut(list, is->ceiling) : mem_strdup("");
    if (!cut)
        return false;
    if (share->in_use < share->ceiling) {
        CLEANUP_FREE char *more = cpu_list_extend(cut, share->in_use, share->ceiling - 1);
        edit_set(edit, cell, "cpus", more);
        return true;
    }
    if (list && !*cut)
        edit_set(edit, cell, "cpus", NULL);
    else if (list)
        edit_set(edit, cell, "cpus", cut);
    return true;
}

static void put_cells(struct edit *edit, const xmlNode *cpu, const struct cpus *is, uint64_t ceiling)
{
    const xmlNode *numa = edit_child(cpu, "numa");
    uint64_t count = count_cells(numa);
    uint64_t more = ceiling > is->ceiling ? ceiling - is->ceiling : 0;
    struct cpus kept = {.ceiling = ceiling < is->ceiling ? ceiling : is->ceiling};
    uint64_t number = 0;
    if (count == 0 || ceiling == is->ceiling)
        return;
    for (xmlNode *cell = edit_child(numa, "cell"); cell; cell = edit_next(cell)) {
        if (!edit_is(cell, "cell"))
            continue;
        struct cpus share = {.in_use = is->ceiling + more * number / count,
                             .ceiling = is->ceiling + more * (number + 1) / count};
        if (!put_cell(edit, cell, &kept, &share))
            edit_note(edit,
                      "NUMA cell %" PRIu64 ": its list of processors could not be read and is as it was.",
                      number);
        number++;
    }
    edit_note(edit, "The NUMA cells have the processors below number %" PRIu64 " between them now.", ceiling);
}

/* Pins of processors that are none are passed over by libvirt, their scheduling is refused. */
static void put_tuning(struct edit *edit, const xmlNode *tuning, uint64_t ceiling)
{
    bool changed = false;
    for (xmlNode *item = tuning ? edit_first(tuning) : NULL, *next; item; item = next) {
        const char *name = edit_is(item, "vcpupin") ? "vcpu" : edit_is(item, "vcpusched") ? "vcpus" : NULL;
        CLEANUP_FREE char *list = name ? xml_attribute(item, name) : NULL;
        CLEANUP_FREE char *cut = list ? cpu_list_cut(list, ceiling) : NULL;
        next = edit_next(item);
        if (!cut || strcmp(cut, list) == 0)
            continue;
        changed = true;
        if (*cut)
            edit_set(edit, item, name, cut);
        else
            edit_remove(edit, item);
    }
    if (changed)
        edit_note(edit, "What was said of the tuning of processors that are no more was taken out.");
}

bool rewrite_cpus(struct edit *edit, const struct definition_change *change, struct error *err)
{
    xmlNode *vcpu = edit_child(edit->domain, "vcpu");
    struct cpus is;
    if (change->cpus == 0 && change->cpus_ceiling == 0)
        return true;
    if (!read_cpus(edit, vcpu, &is, err))
        return false;
    struct cpus wanted = wanted_cpus(change, &is);
    if (wanted.in_use == is.in_use && wanted.ceiling == is.ceiling)
        return true;
    put_cpus(edit, vcpu, &wanted);
    xmlNode *cpu = edit_child(edit->domain, "cpu");
    if (cpu) {
        put_cells(edit, cpu, &is, wanted.ceiling);
        put_topology(edit, cpu, wanted.ceiling);
    }
    put_tuning(edit, edit_child(edit->domain, "cputune"), wanted.ceiling);
    if (change->cpus_ceiling == 0 && is.in_use < is.ceiling && wanted.ceiling > is.ceiling)
        edit_note(edit,
                  "Up to %" PRIu64 " processors could be plugged in; there are %" PRIu64 " now, and no "
                  "room for more.",
                  is.ceiling, wanted.in_use);
    else if (change->cpus_ceiling > 0 && wanted.ceiling > change->cpus_ceiling)
        edit_note(edit,
                  "No room for more than %" PRIu64 " processors was asked for: fewer than the machine is "
                  "to have.",
                  (uint64_t)change->cpus_ceiling);
    return true;
}
