/* Other programs (qemu-img, qemu-nbd): started from argument lists, never through a shell.
 *
 * A child has /dev/null as input unless it is given one, LC_ALL=C, default signals, and no descriptor but its
 * standard ones and those handed over. It dies with the *thread* that started it (PR_SET_PDEATHSIG): start it
 * from a thread that outlives it. Threads: any. Ownership: the caller of proc_start calls proc_end. */
#ifndef REFPOINT_SYSTEM_PROC_H
#define REFPOINT_SYSTEM_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/error.h"
#include "core/base/strbuf.h"

struct proc_spec {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
    const int *descriptors;  /* descriptor i arrives in the child as 3 + i */
    size_t descriptor_count;
    bool listen;                    /* descriptor 3 is a listening socket: sets LISTEN_PID and LISTEN_FDS=1 */
    const char *const *environment; /* "NAME=value" instead of ours, NULL-terminated; NULL = none */
    int input_from;                 /* is its standard input, in place of /dev/null; 0 = none */
    int output_to;                  /* takes its standard output, in place of /dev/null; 0 = none */
    bool no_terminal;               /* a session of its own: it finds no terminal on which to ask */
    int also_fine;                  /* proc_run: one more exit status that is no failure; 0 = none */
};

struct proc {
    pid_t pid;     /* -1 = none */
    int output_fd; /* standard output of the child; -1 when not asked for */
    int error_fd;  /* standard error of the child, non-blocking */
};

/* Where a program of this name is found in PATH; one with a slash is itself. The caller's; NULL = nowhere. */
char *proc_find_program(const char *name);
/* Before work that cannot be left half done: 32777 when the program is not installed. */
bool proc_check_program(const char *name, struct error *err) WARN_UNUSED;

bool proc_start(const struct proc_spec *spec, bool capture_output, struct proc *proc,
                struct error *err) WARN_UNUSED;

/* Asks with SIGTERM, waits up to `patience_ms`, then SIGKILL; reaps and closes. Returns the wait status;
 * -1 when there was no child, or when not even SIGKILL ended it within half a second (it hangs in the
 * kernel). */
int proc_end(struct proc *proc, int patience_ms);
/* Waits for the child to end by itself, at most `patience_ms` (-1: for ever); false on time-out, the child
 * then still runs. */
bool proc_wait(struct proc *proc, int patience_ms, int *status);
/* What the child has written to stderr so far, at most 8 KiB, one line, escaped; owned by the caller. */
char *proc_error_text(struct proc *proc);

/* Fills in the cause of a failure: what the program said (one line), and how it ended (`status` as from
 * waitpid) where its words do not tell; and what to do next where they name no space. Returns false. */
bool proc_explain(int status, const char *said, struct error *err);

/* Runs to the end. Output is captured up to 64 MiB; *output (may be NULL when not wanted) is the caller's. A
 * status other than 0 is an error with `key`, whose cause is what the program wrote to stderr. `patience_ms`
 * -1: for ever. */
bool proc_run(const struct proc_spec *spec, int patience_ms, const char *key, char **output,
              struct error *err) WARN_UNUSED;

/* Appends what can be read from a child's stream just now, up to the limit; the rest is read and dropped.
 * False at the end of the stream. */
bool proc_drain(int fd, struct strbuf *buffer, size_t limit);

#endif
