/* What a crash leaves behind: a sane terminal and a sentence, then the signal's own end (core, status).
 *
 * For SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT. The handler runs on an alternate stack and does nothing
 * but write(2) a string made beforehand, tcsetattr(3) and raise the signal again. */
#ifndef REFPOINT_UI_TERMINAL_CRASH_H
#define REFPOINT_UI_TERMINAL_CRASH_H

#include <termios.h>

/* restore: what puts the terminal back (copied, at most 256 bytes); sentence_fd: where the sentence goes. */
void crash_arm(const char *restore, const struct termios *modes, int terminal_fd, int sentence_fd);
void crash_disarm(void);

/* An alternate stack for the calling thread; hand the result to crash_thread_end. */
void *crash_thread_begin(void);
void crash_thread_end(void *stack);

#endif
