/* The turns of the screen's thread; see loop.c. */
#ifndef REFPOINT_UI_APP_LOOP_H
#define REFPOINT_UI_APP_LOOP_H

#include <signal.h>

struct app;

/* Blocks what the loop reads from a descriptor, before any thread starts; -1: there is none to have. */
int loop_block_signals(sigset_t *before);
void loop_unblock_signals(int fd, const sigset_t *before);
/* Turns until the program is to be left. */
void loop_run(struct app *app, int signal_fd);

#endif
