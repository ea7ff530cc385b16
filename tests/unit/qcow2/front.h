/* Images whose tables were written from a plan, looked at by the tests' own reader. Everything static. */
#ifndef REFPOINT_TESTS_UNIT_QCOW2_FRONT_H
#define REFPOINT_TESTS_UNIT_QCOW2_FRONT_H

#include "core/qcow2/layout.h"
#include "tests/unit/qcow2/plan.h"
#include "tests/unit/qcow2/reader.h"

/* Every cluster of the disk lies where the plan has it. What is wrong; NULL = nothing. */
static inline const char *front_check_places(struct reader *reader, const struct plan *plan,
                                             const struct qcow2_layout *layout)
{
    uint8_t *kinds = plan_kinds(plan);
    const char *fault = NULL;
    uint64_t rank = 0;
    for (uint64_t i = 0; i < plan_clusters(plan) && !fault; i++) {
        struct place place = reader_find(reader, i);
        enum place_kind ought = kinds[i] == 0                ? PLACE_NONE
                                : kinds[i] == 1 + QCOW2_ZERO ? PLACE_ZERO
                                                             : PLACE_PLAIN;
        if (place.kind != ought)
            fault = "a cluster is of another kind than planned";
        else if (ought == PLACE_PLAIN && place.offset != qcow2_data_offset(layout, rank++))
            fault = "a cluster lies elsewhere than planned";
    }
    free(kinds);
    return fault;
}

static inline const char *front_check(const struct plan *plan, const struct qcow2_layout *layout, int fd)
{
    struct reader reader;
    const char *fault = reader_open(&reader, fd);
    if (!fault &&
        (reader.virtual_size != plan->virtual_size || reader.size != layout->file_size || reader.zstd))
        fault = "size of disk or file, or compression";
    if (!fault)
        fault = front_check_places(&reader, plan, layout);
    reader_close(&reader);
    return fault;
}

#endif
