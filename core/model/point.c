#include "core/base/mem.h"
#include "core/model/model.h"

const struct reference_point *reference_point_before(const struct reference_point_list *list,
                                                     uint64_t sequence)
{
    const struct reference_point *found = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct reference_point *other = &list->items[i];
        if (other->sequence < sequence && (!found || other->sequence > found->sequence))
            found = other;
    }
    return found;
}

const struct reference_point *reference_point_after(const struct reference_point_list *list,
                                                    uint64_t sequence)
{
    const struct reference_point *found = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct reference_point *other = &list->items[i];
        if (other->sequence > sequence && (!found || other->sequence < found->sequence))
            found = other;
    }
    return found;
}

uint32_t member_point_reached(const struct reference_point *point, const struct member_point *member)
{
    return member->consistency_level ? member->consistency_level : point->consistency_level;
}

char *member_point_instant(const struct reference_point *point, const struct member_point *member)
{
    const char *state = machine_state_word(member->machine.state);
    const char *level = consistency_level_word(member_point_reached(point, member));
    if (!state)
        return NULL;
    if (!member->paused)
        return mem_format("was %s, %s consistent", state, level);
    return mem_format("was %s, %s consistent, stood still for %.0f ms", state, level,
                      (double)member->paused / 1000);
}
