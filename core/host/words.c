/* A word is taken only when resolve.h finds exactly the same object by it, so that what is copied and pasted
 * selects the same; otherwise the id is used. */
#include "core/host/words.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/resolve.h"

static bool can_be_operand(const char *word)
{
    return *word && *word != '-';
}

char *word_for_collection(const struct collection_list *collections, const struct guid *id, const char *name)
{
    struct error err = {0};
    const struct collection *found =
        name && can_be_operand(name) ? resolve_collection(collections, name, &err) : NULL;
    return mem_strdup(found && guid_equal(&found->id, id) ? name : id->text);
}

static bool finds_point(const struct reference_point_list *points, const char *word,
                        const struct reference_point *point)
{
    struct error err = {0};
    const struct reference_point *found = can_be_operand(word) ? resolve_point(points, word, &err) : NULL;
    return found && guid_equal(&found->id, &point->id);
}

/* "2026-09-24T02:00+02:00" where one point was made in that minute, the same with seconds, its name, its id.
 * The minute may not be over yet, and the next point may have the same name. */
char *word_for_point(const struct reference_point_list *points, const struct reference_point *point,
                     bool lasting)
{
    char offset[16];
    char words[2][64];
    moment_format_offset(point->created, offset, sizeof offset);
    for (int i = lasting ? 1 : 0; i < 2; i++) {
        char local[40];
        moment_format_list(point->created, i == 1, local, sizeof local);
        local[10] = 'T';
        text_copy_cut(words[i], sizeof words[i], local);
        text_copy_cut(words[i] + strlen(local), sizeof words[i] - strlen(local), offset);
        if (finds_point(points, words[i], point))
            return mem_strdup(words[i]);
    }
    if (point->name && !lasting && finds_point(points, point->name, point))
        return mem_strdup(point->name);
    return mem_strdup(point->id.text);
}

/* With a slash in any name MACHINE/DISK could be read in two ways: then all go by their ids. */
static bool can_go_by_names(const struct machine_list *machines)
{
    for (size_t i = 0; i < machines->count; i++) {
        const char *name = machines->items[i].name;
        if (name && strchr(name, '/'))
            return false;
    }
    return true;
}

char *word_for_machine(const struct machine_list *machines, const struct machine *machine)
{
    struct error err = {0};
    const char *name = machine->name ? machine->name : "";
    const struct machine *found =
        can_be_operand(name) && can_go_by_names(machines) ? resolve_machine(machines, name, &err) : NULL;
    return mem_strdup(found && guid_equal(&found->id, &machine->id) ? name : machine->id.text);
}

#define RATE_SUPPOSED (200 * MIB) /* a second, where nothing was verified yet: reading and two digests */

static char *time_for(uint64_t bytes, uint64_t rate)
{
    uint64_t seconds = bytes / (rate > 0 ? rate : RATE_SUPPOSED);
    if (seconds < 60)
        return mem_strdup("less than a minute");
    if (seconds < 7200)
        return mem_format("about %llu min", (unsigned long long)((seconds + 59) / 60));
    return mem_format("about %llu h", (unsigned long long)((seconds + 3599) / 3600));
}

char *words_for_base(const struct export_base_estimate *base, enum base_check check)
{
    char all[16];
    char first[16];
    char ago[32];
    size_format(base->bytes, all, sizeof all);
    size_format(base->bytes_first, first, sizeof first);
    moment_format_ago(base->verified, moment_now(), ago, sizeof ago);
    bool is_known = base->verified.seconds != 0;
    const char *why = base->touched ? "touched since it was verified here" : "not verified here yet";
    CLEANUP_FREE char *time = time_for(base->bytes_first > 0 ? base->bytes_first : base->bytes, base->rate);
    if (base->bytes_first > 0)
        return is_known ? mem_format("last verified %s; %s are read again first, %s", ago, first, time)
                        : mem_format("%s; %s are read first, %s", why, first, time);
    if (is_known)
        return mem_format("last verified %s; again: %s, %s", ago, all, time);
    if (check == BASE_CHECK_NEVER)
        return mem_format("%s; the package will say verified = no (to verify: %s, %s)", why, all, time);
    return mem_strdup("of no disk that is to be exported");
}
