/* Errors as values: what happened and to what, why, what to do next, and a number.
 *
 * A `struct error` is plain data without pointers: the caller owns it, it can be copied across threads, kept
 * in a job and written to a journal. Functions that can fail take a `struct error *` (never NULL), return
 * false (or a return value other than 0 and 4096) and fill it; on success they leave it alone. `struct error
 * err = {0};` is "no error". The parts follow Msvm_Error: key is MessageID, what is Message, cause is
 * ProbableCauseDescription, next is RecommendedActions, code is the ErrorCode of contract.md (32768 ...).
 *
 * Keys have the form AREA.REASON, of lower-case letters, digits and '-': what was looked at and what was
 * wrong with it. Areas: usage (the command line), name, config, settings, collection, machine, domain-xml,
 * disk, image, point, store, record, setting-data, export, package, import,
 * consolidate, job, and those of a few inner
 * parts (file, fs, directory, journal, runner, program, xml, screen, terminal, theme, keys ...). What was
 * named and does not exist is collection.unknown, machine.unknown, disk.unknown, point.unknown, job.unknown;
 * what can mean several, collection.ambiguous and so on. A key never changes its meaning; new ones may come.
 *
 * Text may hold hostile names: error_* escape control characters when they store it, so that every part can
 * be shown on a terminal. Text that does not fit is cut at a character and ends in "...". Threads: any, each
 * its own value. */
#ifndef REFPOINT_BASE_ERROR_H
#define REFPOINT_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error {
    uint32_t code;    /* enum return_code; 0 = no error */
    int number;       /* errno that it is made of (error_errno); 0 = of none */
    bool begun;       /* the work had begun when it failed: this is no refusal */
    char key[48];     /* stable, for scripts and the manual: "export.no-space"; see below */
    char what[1024];  /* "what: detail" */
    char cause[1024]; /* "" when there is nothing to add */
    char next[1024];  /* "" when there is nothing to do */
};

/* Each returns false, so that `return error_set(...)` reads as it should. */
bool error_set(struct error *err, uint32_t code, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* From errno: the code fits the number (ENOSPC 32768, EACCES/EPERM/EROFS 32769, ENOENT 32779, ENOMEM 32778,
 * EBUSY/EAGAIN/ETXTBSY 32774, else 32768), the cause is the system's sentence, and what to do next is said
 * where error_next_of knows it. For EACCES and EPERM an absolute path in the message is looked at: who
 * refuses it, and the group or command that helps (access.h). */
bool error_errno(struct error *err, int number, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool error_cause(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool error_next(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As error_next, where nobody who knew more has said what to do: for the border of a room. */
bool error_advise(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What to do next for a number that has one answer everywhere (no space: free some; no right: get it); NULL
 * otherwise. */
const char *error_next_of(int number);
/* Puts "context: " in front of what. */
bool error_context(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Marks a failure of work that had begun; set parts of the error afterwards with error_cause and error_next.
 */
bool error_begun(struct error *err);

/* One text "what: cause. next" for a line of log or terminal; owned by the caller. */
char *error_text(const struct error *err);

#define WARN_UNUSED __attribute__((warn_unused_result))

#endif
