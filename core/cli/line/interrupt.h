/* Ctrl-C as a descriptor: no handler, no global state.
 *
 * While open, the signals are blocked in this thread and in those it starts, and read from the descriptor.
 * A signal that is ignored (a command in the background of a script) stays ignored. Threads: the main one. */
#ifndef REFPOINT_CLI_LINE_INTERRUPT_H
#define REFPOINT_CLI_LINE_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

struct interrupt {
    int fd; /* for poll; -1 when there is nothing to watch */
    sigset_t watched;
    sigset_t before;
};

/* SIGINT; with `ending` SIGTERM and SIGHUP too, for work that ends with this process. */
void interrupt_open(struct interrupt *interrupt, bool ending);
void interrupt_close(struct interrupt *interrupt);
/* Takes one that has arrived; false when there is none. */
bool interrupt_take(struct interrupt *interrupt);

#endif
