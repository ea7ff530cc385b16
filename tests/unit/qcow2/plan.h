/* Plans of disks for tests: drawn by a seed, handed to the writers as streams, and asked what a cluster is to
 * be. Everything static. */
#ifndef REFPOINT_TESTS_UNIT_QCOW2_PLAN_H
#define REFPOINT_TESTS_UNIT_QCOW2_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/qcow2/extents.h"

#define PLAN_CLUSTER ((uint64_t)65536)

struct random {
    uint64_t state;
};

static inline uint64_t next_random(struct random *random, uint64_t limit)
{
    random->state = random->state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (random->state >> 33) % limit;
}

struct plan {
    uint64_t virtual_size;
    struct qcow2_extent *extents;
    size_t count;
    size_t at;
    unsigned passes;
};

static inline void plan_clear(struct plan *plan)
{
    free(plan->extents);
    *plan = (struct plan){0};
}

static inline bool plan_rewind(void *context, struct error *err)
{
    struct plan *plan = context;
    (void)err;
    plan->at = 0;
    plan->passes++;
    return true;
}

static inline bool plan_next(void *context, struct qcow2_extent *extent, struct error *err)
{
    struct plan *plan = context;
    (void)err;
    *extent = (struct qcow2_extent){0};
    if (plan->at < plan->count)
        *extent = plan->extents[plan->at++];
    return true;
}

static inline struct qcow2_extents plan_stream(struct plan *plan)
{
    return (struct qcow2_extents){plan_rewind, plan_next, plan};
}

/* In clusters; cut at the end of the disk. */
static inline void plan_add(struct plan *plan, enum qcow2_kind kind, uint64_t cluster, uint64_t count)
{
    uint64_t offset = cluster * PLAN_CLUSTER;
    if (offset >= plan->virtual_size || count == 0)
        return;
    uint64_t length = count * PLAN_CLUSTER;
    if (length > plan->virtual_size - offset)
        length = plan->virtual_size - offset;
    *ARRAY_APPEND(plan->extents, plan->count) = (struct qcow2_extent){offset, length, kind};
}

static inline uint64_t plan_clusters(const struct plan *plan)
{
    return (plan->virtual_size + PLAN_CLUSTER - 1) / PLAN_CLUSTER;
}

/* Runs of a few clusters, with gaps that are short, or long enough to leave whole tables out. */
static inline void plan_draw(struct plan *plan, struct random *random, uint64_t most_clusters)
{
    *plan = (struct plan){.virtual_size = next_random(random, most_clusters * 128 + 1) * 512};
    uint64_t at = 0;
    uint64_t runs = next_random(random, 30);
    uint64_t longest = 1 + next_random(random, 40);
    for (uint64_t i = 0; i < runs; i++) {
        if (next_random(random, 3) > 0)
            at += next_random(random, next_random(random, 4) == 0 ? most_clusters / 4 + 1 : 8);
        uint64_t count = 1 + next_random(random, longest);
        plan_add(plan, next_random(random, 3) == 0 ? QCOW2_ZERO : QCOW2_DATA, at, count);
        at += count;
    }
    if (next_random(random, 3) == 0 && at < plan_clusters(plan)) /* up to the end */
        plan_add(plan, QCOW2_DATA, plan_clusters(plan) - 1, 1);
}

/* What each cluster of the disk is planned to be: 0 nothing, 1 + enum qcow2_kind otherwise. The caller's. */
static inline uint8_t *plan_kinds(const struct plan *plan)
{
    uint8_t *kinds = mem_alloc(plan_clusters(plan) + 1);
    for (size_t i = 0; i < plan->count; i++) {
        const struct qcow2_extent *extent = &plan->extents[i];
        uint64_t count = (extent->length + PLAN_CLUSTER - 1) / PLAN_CLUSTER;
        memset(kinds + extent->offset / PLAN_CLUSTER, 1 + (int)extent->kind, count);
    }
    return kinds;
}

/* What is in a cluster of data: some compress well, some badly, some not at all, and some are zero. */
static inline void plan_content(uint64_t seed, uint64_t cluster, uint8_t *bytes)
{
    struct random random = {seed * 1000003 + cluster};
    uint64_t way = next_random(&random, 5);
    uint64_t noise = way == 4 ? PLAN_CLUSTER : next_random(&random, 3000) * way * way;
    memset(bytes, way == 0 ? 0 : (int)next_random(&random, 256), PLAN_CLUSTER);
    for (uint64_t i = 0; i < noise && i < PLAN_CLUSTER; i++)
        bytes[i] = (uint8_t)next_random(&random, 256);
}

#endif
