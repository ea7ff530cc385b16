/* A list of places against an array of them, in every order of asking. */
#include "core/export/source/place_list.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/mem.h"

static void add(struct place_list *list, uint64_t offset, uint64_t length, uint64_t host, uint32_t layer)
{
    struct place place = {.offset = offset, .length = length, .host = host, .layer = layer};
    struct error err = {0};
    assert_true(place_list_add(list, &place, &err));
}

static struct place find(struct place_reader *reader, uint64_t offset)
{
    struct place place;
    struct error err = {0};
    assert_true(place_reader_find(reader, offset, &place, &err));
    assert_int_equal(place.offset, offset);
    return place;
}

static void test_neighbours_are_joined(void **state)
{
    (void)state;
    struct place_list list;
    struct place_reader reader;
    struct error err = {0};
    assert_true(place_list_open(&list, AT_FDCWD, &err));
    add(&list, 0, 10, 100, 1);
    add(&list, 10, 10, 110, 1);
    add(&list, 20, 10, 120, 0);
    add(&list, 30, 10, 140, 0);
    add(&list, 50, 10, 160, 0);
    add(&list, 60, 5, 7, PLACE_ZERO);
    add(&list, 65, 5, 9, PLACE_ZERO);
    assert_true(
        place_list_add(&list, &(struct place){.offset = 70, .length = 20, .host = 500, .padding = 15}, &err));
    add(&list, 90, 1, 520, 0);
    assert_int_equal(list.count, 7);
    assert_true(place_list_finish(&list, &err));
    place_reader_open(&reader, &list);
    struct place place = find(&reader, 5);
    assert_true(place.length == 15 && place.host == 105 && place.layer == 1);
    assert_int_equal(find(&reader, 40).layer, PLACE_NONE);
    assert_int_equal(find(&reader, 45).length, 5);
    assert_int_equal(find(&reader, 61).length, 9);
    assert_int_equal(find(&reader, 71).padding, 15);
    assert_int_equal(find(&reader, 80).padding, 10);
    assert_int_equal(find(&reader, 91).layer, PLACE_NONE);
    assert_int_equal(find(&reader, 91).length, UINT64_MAX - 91);
    place_reader_close(&reader);
    place_list_close(&list);
}

static void test_none(void **state)
{
    (void)state;
    struct place_list list;
    struct place_reader reader;
    struct error err = {0};
    assert_true(place_list_open(&list, AT_FDCWD, &err));
    assert_true(place_list_finish(&list, &err));
    place_reader_open(&reader, &list);
    assert_int_equal(find(&reader, 0).layer, PLACE_NONE);
    place_reader_close(&reader);
    place_list_close(&list);
    place_list_close(&list);
    struct place_list zeroed = {0};
    place_list_close(&zeroed);
}

#define PLACES 5000U /* many buffers; place i holds [3i+1, 3i+3) */

static void assert_found(struct place_reader *reader, uint64_t offset)
{
    struct place place = find(reader, offset);
    if (offset % 3 == 0 || offset >= UINT64_C(3) * PLACES) {
        assert_int_equal(place.layer, PLACE_NONE);
        assert_true(offset >= UINT64_C(3) * PLACES || place.length == 1);
        return;
    }
    assert_int_equal(place.layer, offset / 3 % 7);
    assert_int_equal(place.host, 1000 + offset);
    assert_int_equal(place.length, 3 - offset % 3);
}

static void test_any_order(void **state)
{
    (void)state;
    struct place_list list;
    struct place_reader reader;
    struct error err = {0};
    assert_true(place_list_open(&list, AT_FDCWD, &err));
    for (uint32_t i = 0; i < PLACES; i++)
        add(&list, UINT64_C(3) * i + 1, 2, 1001 + UINT64_C(3) * i, i % 7);
    assert_int_equal(list.count, PLACES);
    assert_true(place_list_finish(&list, &err));
    place_reader_open(&reader, &list);
    for (uint64_t at = 0; at < UINT64_C(3) * PLACES + 5; at++)
        assert_found(&reader, at);
    for (uint64_t at = UINT64_C(3) * PLACES + 5; at-- > 0;)
        assert_found(&reader, at);
    for (uint64_t step = 2; step < 6000; step += 97) {
        for (uint64_t at = step % 5; at < UINT64_C(3) * PLACES; at += step)
            assert_found(&reader, at);
    }
    uint64_t dice = 1;
    for (int i = 0; i < 20000; i++) {
        dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
        assert_found(&reader, (dice >> 33) % (UINT64_C(3) * PLACES + 9));
    }
    place_reader_close(&reader);
    place_list_close(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_neighbours_are_joined),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
