/* Answers of several contexts that split a range differently and end early, against a map of single units. */
#include "core/image/nbd/extents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNITS 200
#define CASES 20000

struct random {
    uint64_t state;
};

static uint64_t next(struct random *random, uint64_t limit)
{
    random->state = random->state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (random->state >> 33) % limit;
}

struct map { /* flags of each unit in each context */
    uint32_t flags[NBD_CONTEXTS][UNITS];
    uint64_t said[NBD_CONTEXTS]; /* how far each context speaks */
};

/* Neighbours of one kind may come in several pairs, and a pair may be empty. */
static void answer(struct random *random, struct map *map, enum nbd_context context,
                   struct nbd_answers *answers)
{
    uint32_t pairs[2 * 2 * UNITS];
    size_t count = 0;
    uint64_t end = next(random, 3) ? UNITS : 1 + next(random, UNITS);
    uint64_t at = 0;
    while (at < end) {
        uint64_t length = next(random, 4) ? 1 + next(random, 12) : next(random, 2) * 60;
        uint32_t flags = (uint32_t)next(random, 4);
        pairs[count++] = (uint32_t)length;
        pairs[count++] = flags;
        for (uint64_t i = at; i < at + length && i < UNITS; i++)
            map->flags[context][i] = flags;
        at += length;
        if (count == sizeof pairs / sizeof *pairs)
            break;
    }
    map->said[context] = at;
    answers->of[context].asked = true;
    nbd_answers_take(answers, context, pairs, count);
}

static void assert_extent(const struct map *map, const struct nbd_answers *answers,
                          const struct nbd_extent *extent, uint64_t unit)
{
    const struct nbd_answer *of = answers->of;
    bool zero = of[NBD_CONTEXT_ALLOCATION].asked && map->flags[NBD_CONTEXT_ALLOCATION][unit] & 2;
    bool changed = of[NBD_CONTEXT_CHANGES].asked && map->flags[NBD_CONTEXT_CHANGES][unit] & 1;
    uint32_t depth = of[NBD_CONTEXT_DEPTH].asked ? map->flags[NBD_CONTEXT_DEPTH][unit] : 0;
    assert_int_equal(extent->zero, zero);
    assert_int_equal(extent->changed, changed);
    assert_int_equal(extent->depth, depth);
}

static void assert_merged(const struct map *map, const struct nbd_answers *answers, uint64_t limit)
{
    struct nbd_extents extents = {0};
    uint64_t end = limit;
    for (size_t i = 0; i < NBD_CONTEXTS; i++)
        end = answers->of[i].asked && map->said[i] < end ? map->said[i] : end;
    nbd_answers_merge(answers, limit, &extents);
    uint64_t at = 0;
    for (size_t i = 0; i < extents.count; i++) {
        const struct nbd_extent *extent = &extents.items[i];
        assert_true(extent->length > 0);
        if (i > 0)
            assert_false(extent[-1].zero == extent->zero && extent[-1].changed == extent->changed &&
                         extent[-1].depth == extent->depth);
        for (uint64_t k = 0; k < extent->length; k++)
            assert_extent(map, answers, extent, at++);
    }
    assert_int_equal(at, end);
    nbd_extents_clear(&extents);
}

static void test_random_answers(void **state)
{
    (void)state;
    struct random random = {.state = 1};
    struct map map;
    for (int i = 0; i < CASES; i++) {
        struct nbd_answers answers = {0};
        answer(&random, &map, NBD_CONTEXT_ALLOCATION, &answers);
        if (next(&random, 2))
            answer(&random, &map, NBD_CONTEXT_CHANGES, &answers);
        if (next(&random, 3) == 0)
            answer(&random, &map, NBD_CONTEXT_DEPTH, &answers);
        assert_merged(&map, &answers, 1 + next(&random, UNITS));
        nbd_answers_clear(&answers);
    }
}

/* A context that was asked for and does not answer leaves nothing: never "not changed". */
static void test_silence_is_no_answer(void **state)
{
    (void)state;
    const uint32_t whole[] = {4096, 0};
    const uint32_t nothing[] = {0, 1, 0, 0};
    struct nbd_answers answers = {0};
    struct nbd_extents extents = {0};
    answers.of[NBD_CONTEXT_ALLOCATION].asked = answers.of[NBD_CONTEXT_CHANGES].asked = true;
    nbd_answers_take(&answers, NBD_CONTEXT_ALLOCATION, whole, 2);
    nbd_answers_merge(&answers, 4096, &extents);
    assert_int_equal(extents.count, 0);
    nbd_answers_take(&answers, NBD_CONTEXT_CHANGES, nothing, 4);
    nbd_answers_merge(&answers, 4096, &extents);
    assert_int_equal(extents.count, 0);
    nbd_answers_take(&answers, NBD_CONTEXT_CHANGES, whole, 2);
    nbd_answers_merge(&answers, 4096, &extents);
    assert_int_equal(extents.count, 1);
    nbd_answers_forget(&answers);
    nbd_answers_merge(&answers, 4096, &extents);
    assert_int_equal(extents.count, 0);
    nbd_answers_clear(&answers);
    nbd_extents_clear(&extents);
}

/* Lengths of 32 bits, whose sum is none. */
static void test_large_lengths(void **state)
{
    (void)state;
    const uint32_t pairs[] = {UINT32_MAX, 1, UINT32_MAX, 1, UINT32_MAX, 0};
    struct nbd_answers answers = {0};
    struct nbd_extents extents = {0};
    answers.of[NBD_CONTEXT_CHANGES].asked = true;
    nbd_answers_take(&answers, NBD_CONTEXT_CHANGES, pairs, 6);
    nbd_answers_merge(&answers, UINT64_MAX, &extents);
    assert_int_equal(extents.count, 2);
    assert_int_equal(extents.items[0].length, 2ULL * UINT32_MAX);
    assert_int_equal(extents.items[1].length, UINT32_MAX);
    nbd_answers_clear(&answers);
    nbd_extents_clear(&extents);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_answers),
        cmocka_unit_test(test_silence_is_no_answer),
        cmocka_unit_test(test_large_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
