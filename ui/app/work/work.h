/* Worker threads for everything that can take longer than a key press.
 *
 * A pool that grows as requests block: one stalled host must not hold up the cancelling of a job. Idle
 * threads stay (children of proc.h die with the thread that started them). Signals are masked in workers.
 * Results are queued and a descriptor is written; nothing here touches curses. Threads: all functions but the
 * tasks' `run` belong to the thread that owns the screen. */
#ifndef REFPOINT_UI_APP_WORK_WORK_H
#define REFPOINT_UI_APP_WORK_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct screen;

struct work_ops {
    void (*run)(void *task); /* on a worker thread; touches the task and thread-safe things only */
    /* On the screen's thread, when the work is done; returns enum screen_effect flags. The task still is the
     * pool's: take out what you keep. `screen` is who posted it. */
    unsigned (*done)(struct screen *screen, void *task);
    /* On the screen's thread, while run may be under way: nobody wants the result any more, run may end
     * early. NULL: it cannot. */
    void (*give_up)(void *task);
    void (*release)(void *task); /* always called once, last, on the screen's thread */
};

struct work;

/* NULL with errno when there are no descriptors left. */
struct work *work_new(void);
/* Waits up to `patience_ms` for the threads. False: some still block in a host; they, and what they use, must
 * be left alone until the process ends. */
bool work_free(struct work *work, int patience_ms);

int work_fd(const struct work *work); /* readable when results wait */

/* Tickets grow and are never 0. */
uint64_t work_post(struct work *work, struct screen *screen, const struct work_ops *ops, void *task);
/* Nobody waits for the result any more; done is called all the same, unless it is forgotten, too. */
void work_give_up(struct work *work, uint64_t ticket);
void work_forget(struct work *work, uint64_t ticket);
void work_forget_screen(struct work *work, const struct screen *screen);

/* Hands out one result: calls done (unless forgotten) and release. False: none waits. *effects and *screen
 * tell what done returned and to whom it belongs. */
bool work_deliver(struct work *work, struct screen **screen, unsigned *effects);
size_t work_in_flight(const struct work *work); /* posted and not yet delivered */

#endif
