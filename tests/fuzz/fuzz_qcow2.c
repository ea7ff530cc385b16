/* The writers of qcow2 images, given plans of any kind. One that breaks the rules is refused by both; what
 * they make of any other is what was planned, and sound by the tests' own reader. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/qcow2/front.h"
#include "tests/unit/qcow2/packed.h"

#define EXTENTS_LIMIT 200
#define DATA_LIMIT 400 /* clusters: an input is to take milliseconds */
#define SIZE_LIMIT ((uint64_t)5 << 30)

struct input {
    const uint8_t *data;
    size_t left;
};

static uint64_t take(struct input *input, unsigned bytes)
{
    uint64_t value = 0;
    for (; bytes > 0 && input->left > 0; bytes--, input->left--)
        value = value << 8 | *input->data++;
    return value;
}

/* Mostly behind the one before; with the high bits of `how`, anything. */
static struct qcow2_extent take_extent(struct input *input, const struct plan *plan, uint64_t end)
{
    uint8_t how = (uint8_t)take(input, 1);
    uint64_t gap = take(input, how & 2 ? 2 : 1);
    uint64_t count = take(input, how & 4 ? 2 : 1);
    struct qcow2_extent extent = {.offset = end + (how & 8 ? 0 : gap * PLAN_CLUSTER),
                                  .length = count * PLAN_CLUSTER,
                                  .kind = how & 1 ? QCOW2_ZERO : QCOW2_DATA};
    if ((how & 0x70) == 0x70)
        extent = (struct qcow2_extent){take(input, 8), take(input, 8), extent.kind};
    else if ((how & 0x70) == 0x30 && gap * PLAN_CLUSTER <= end) /* back: into what was there before */
        extent.offset = end - gap * PLAN_CLUSTER;
    else if (extent.offset < plan->virtual_size && extent.length > plan->virtual_size - extent.offset)
        extent.length = plan->virtual_size - extent.offset;
    return extent;
}

static bool follows(const struct qcow2_extent *extent, uint64_t end, uint64_t size)
{
    if (extent->offset < end || extent->offset % PLAN_CLUSTER || extent->offset >= size)
        return false;
    uint64_t left = size - extent->offset;
    return extent->length <= left && (extent->length % PLAN_CLUSTER == 0 || extent->length == left);
}

/* Whether it keeps to the rules is returned; an extent of no length ends it. */
static bool take_plan(struct input *input, struct plan *plan)
{
    uint64_t end = 0;
    uint64_t data = 0;
    bool good = true;
    *plan = (struct plan){.virtual_size = take(input, 4) % (SIZE_LIMIT / 512 + 1) * 512};
    while (input->left > 0 && plan->count < EXTENTS_LIMIT && good) {
        struct qcow2_extent extent = take_extent(input, plan, end);
        if (extent.length == 0)
            break;
        good = follows(&extent, end, plan->virtual_size);
        end = extent.offset + extent.length;
        data += good && extent.kind == QCOW2_DATA ? (extent.length + PLAN_CLUSTER - 1) / PLAN_CLUSTER : 0;
        if (data > DATA_LIMIT)
            break;
        *ARRAY_APPEND(plan->extents, plan->count) = extent;
        end = (end + PLAN_CLUSTER - 1) / PLAN_CLUSTER * PLAN_CLUSTER;
    }
    return good;
}

static void check_front(struct plan *plan, bool good, int fd)
{
    struct error err = {0};
    struct qcow2_layout layout;
    struct qcow2_extents extents = plan_stream(plan);
    struct qcow2_image image = {.virtual_size = plan->virtual_size};
    struct qcow2_file file = {.fd = fd, .path = "image"};
    bool made = qcow2_layout_make(&image, &extents, &layout, &err);
    FUZZ_PROMISE(made == good);
    if (!made) {
        fuzz_check_refusal(&err);
        return;
    }
    FUZZ_PROMISE(qcow2_front_write(&layout, &extents, &file, &err));
    FUZZ_PROMISE(!front_check(plan, &layout, fd));
}

/* Lengths of frames are the input's bytes again, so that a few decide about many. */
static size_t length_of(const void *context, uint64_t cluster)
{
    const struct input *whole = context;
    uint8_t byte = whole->data[cluster % whole->left];
    return byte < 40     ? 0
           : byte < 120  ? (size_t)byte - 39
           : byte == 255 ? QCOW2_FRAME_LIMIT
                         : (size_t)(byte - 119) * 481;
}

static void check_pack(const struct plan *plan, bool good, const struct input *whole, int fd)
{
    struct error err = {0};
    bool made = packed_write(plan, length_of, whole, fd, &err);
    FUZZ_PROMISE(made || !good);
    if (!made)
        fuzz_check_refusal(&err);
    else if (good)
        FUZZ_PROMISE(!packed_check(plan, length_of, whole, fd));
}

/* In a plan that breaks the rules an extent can be of any length, and is handed over cluster by cluster. */
static bool is_short(const struct plan *plan)
{
    return plan->count == 0 || plan->extents[plan->count - 1].length <= DATA_LIMIT * PLAN_CLUSTER ||
           plan->extents[plan->count - 1].kind == QCOW2_ZERO;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plan plan;
    struct input whole = {data, size};
    struct input input = whole;
    int fd = memfd_create("image", MFD_CLOEXEC);
    FUZZ_PROMISE(fd >= 0);
    bool good = take_plan(&input, &plan);
    check_front(&plan, good, fd);
    if (size > 0 && is_short(&plan))
        check_pack(&plan, good, &whole, fd);
    plan_clear(&plan);
    close(fd);
    return 0;
}
