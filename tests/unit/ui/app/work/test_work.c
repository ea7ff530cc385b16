/* The worker pool: order, giving up, a stalled request beside quick ones, and the end. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/app/work/work.h"

#define PATIENCE_MS 300000 /* only what hangs takes that long */

struct task {
    int opener; /* of the gate, for who gives up */
    int gate;   /* run waits until it can read a byte here; -1: does not wait */
    int begun;  /* run writes a byte here first; -1: does not */
    int ran;
    int *done;
    int *released;
};

static void run(void *argument)
{
    struct task *task = argument;
    char byte = 0;
    if (task->begun >= 0)
        assert_int_equal(write(task->begun, "b", 1), 1);
    if (task->gate >= 0)
        assert_int_equal(read(task->gate, &byte, 1), 1);
    task->ran++;
}

static unsigned done(struct screen *screen, void *argument)
{
    (void)screen;
    struct task *task = argument;
    assert_int_equal(task->ran, 1);
    ++*task->done;
    return 7;
}

static void release(void *argument)
{
    struct task *task = argument;
    ++*task->released;
    free(task);
}

static const struct work_ops ops = {.run = run, .done = done, .release = release};

static uint64_t post(struct work *work, void *screen, int gate, int *done_count, int *released)
{
    struct task *task = mem_alloc(sizeof *task);
    *task = (struct task){.gate = gate, .begun = -1, .done = done_count, .released = released};
    return work_post(work, screen, &ops, task);
}

static void deliver_until(struct work *work, size_t in_flight)
{
    struct screen *screen = NULL;
    unsigned effects = 0;
    while (work_in_flight(work) > in_flight) {
        struct pollfd wait = {.fd = work_fd(work), .events = POLLIN};
        assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
        while (work_deliver(work, &screen, &effects))
            ;
    }
}

static void test_every_request_once(void **state)
{
    (void)state;
    struct work *work = work_new();
    int finished = 0;
    int released = 0;
    uint64_t last = 0;
    for (int i = 0; i < 500; i++) {
        uint64_t ticket = post(work, NULL, -1, &finished, &released);
        assert_true(ticket > last);
        last = ticket;
    }
    deliver_until(work, 0);
    assert_int_equal(finished, 500);
    assert_int_equal(released, 500);
    assert_true(work_free(work, PATIENCE_MS));
}

static void test_a_stalled_request_holds_nothing_up(void **state)
{
    (void)state;
    struct work *work = work_new();
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    int finished = 0;
    int released = 0;
    post(work, NULL, gate[0], &finished, &released);
    for (int i = 0; i < 20; i++)
        post(work, NULL, -1, &finished, &released);
    deliver_until(work, 1);
    assert_int_equal(finished, 20);
    assert_int_equal(write(gate[1], "x", 1), 1);
    deliver_until(work, 0);
    assert_int_equal(finished, 21);
    assert_true(work_free(work, PATIENCE_MS));
    close(gate[0]);
    close(gate[1]);
}

static void test_forgotten_results_never_arrive(void **state)
{
    (void)state;
    struct work *work = work_new();
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    int finished = 0;
    int released = 0;
    char owner = 0;
    uint64_t ticket = post(work, NULL, gate[0], &finished, &released);
    post(work, &owner, gate[0], &finished, &released);
    work_forget(work, ticket);
    work_forget_screen(work, (struct screen *)(void *)&owner);
    assert_int_equal(work_in_flight(work), 2); /* their threads still wait */
    assert_int_equal(write(gate[1], "xy", 2), 2);
    deliver_until(work, 0);
    assert_int_equal(finished, 0);
    assert_int_equal(released, 2);
    assert_true(work_free(work, PATIENCE_MS));
    close(gate[0]);
    close(gate[1]);
}

static void open_gate(void *argument)
{
    const struct task *task = argument;
    assert_int_equal(write(task->opener, "g", 1), 1);
}

/* Nobody else opens the gate: what is given up ends by itself. */
static void test_what_is_given_up_ends(void **state)
{
    (void)state;
    static const struct work_ops patient = {
        .run = run, .done = done, .give_up = open_gate, .release = release};
    struct work *work = work_new();
    int finished = 0;
    int released = 0;
    char owner = 0;
    uint64_t tickets[4];
    int gates[4][2];
    for (size_t i = 0; i < ARRAY_LENGTH(gates); i++) {
        struct task *task = mem_alloc(sizeof *task);
        assert_int_equal(pipe(gates[i]), 0);
        *task = (struct task){.opener = gates[i][1],
                              .gate = gates[i][0],
                              .begun = -1,
                              .done = &finished,
                              .released = &released};
        tickets[i] = work_post(work, i == 2 ? (struct screen *)(void *)&owner : NULL, &patient, task);
    }
    work_give_up(work, tickets[0]);
    deliver_until(work, 3);
    assert_int_equal(finished, 1);
    work_forget(work, tickets[1]);
    work_forget_screen(work, (struct screen *)(void *)&owner);
    deliver_until(work, 1);
    assert_true(work_free(work, PATIENCE_MS));
    assert_int_equal(finished, 1);
    assert_int_equal(released, 4);
    for (size_t i = 0; i < ARRAY_LENGTH(gates); i++) {
        close(gates[i][0]);
        close(gates[i][1]);
    }
}

static void test_the_end_does_not_wait_for_ever(void **state)
{
    (void)state;
    struct work *work = work_new();
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    int finished = 0;
    int released = 0;
    int begun[2];
    assert_int_equal(pipe(begun), 0);
    struct task *task = mem_alloc(sizeof *task);
    *task = (struct task){.gate = gate[0], .begun = begun[1], .done = &finished, .released = &released};
    work_post(work, NULL, &ops, task);
    char byte = 0;
    assert_int_equal(read(begun[0], &byte, 1), 1);
    close(begun[0]);
    close(begun[1]);
    assert_false(work_free(work, 50));
    assert_int_equal(released, 0);
    assert_int_equal(write(gate[1], "x", 1), 1);
    assert_true(work_free(work, PATIENCE_MS));
    assert_int_equal(released, 1);
    assert_int_equal(finished, 0);
    close(gate[0]);
    close(gate[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_request_once),
        cmocka_unit_test(test_a_stalled_request_holds_nothing_up),
        cmocka_unit_test(test_forgotten_results_never_arrive),
        cmocka_unit_test(test_what_is_given_up_ends),
        cmocka_unit_test(test_the_end_does_not_wait_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
