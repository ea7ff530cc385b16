/* A clock for bounds like "cancelled within a second": it counts only time in which this machine lets the
 * test run. A thread of its own sleeps ten milliseconds and counts them when it wakes, over and over. Where
 * the machine is too busy to let the program under test go on in time, it lets this thread wait just as long,
 * and less is counted; a program that waits for something for too long is told all the same, since then the
 * thread counts on. Threads: one pulse, one owner. */
#ifndef REFPOINT_TESTS_PULSE_H
#define REFPOINT_TESTS_PULSE_H

struct pulse;

/* On the heap: a test that fails leaves by a jump, and the thread counts on. */
struct pulse *pulse_start(void);
/* Milliseconds since pulse_start. Frees it. */
long pulse_stop(struct pulse *pulse);

#endif
