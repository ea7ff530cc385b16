/* ssh-keygen and ssh-add, asked without anybody there to answer: no terminal, no window for a passphrase, at
 * most KEYGEN_PATIENCE_MS, ended when the job is cancelled.
 *
 * Threads: starts a child, which dies with the thread that called. Ownership: keygen_answer_clear. Sources:
 * ssh-keygen(1), ssh-add(1), ssh(1) (SSH_ASKPASS_REQUIRE). Private to the room. */
#ifndef REFPOINT_SIGNATURE_KEYGEN_H
#define REFPOINT_SIGNATURE_KEYGEN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/job/job.h"

#define KEYGEN_PROGRAM "ssh-keygen"
#define KEYGEN_AGENT_PROGRAM "ssh-add"
#define KEYGEN_PATIENCE_MS 30000
#define KEYGEN_FINGERPRINT 128

struct keygen_call {
    const char *const *argv;
    int input;       /* a descriptor from whose beginning it reads; 0 = none */
    int handed;      /* a descriptor that it finds as KEYGEN_HANDED; 0 = none */
    struct job *job; /* whose cancellation ends it; NULL = none */
    const char *key; /* of the errors */
};
#define KEYGEN_HANDED "/proc/self/fd/3"

struct keygen_answer {
    int status;   /* 0 = yes */
    char *output; /* bounded */
    char *said;   /* what it wrote to stderr: one line, escaped, without what is no complaint */
};

/* False: it could not be asked, did not answer in time, was killed, or the job is cancelled. */
bool keygen_ask(const struct keygen_call *call, struct keygen_answer *answer, struct error *err) WARN_UNUSED;
void keygen_answer_clear(struct keygen_answer *answer);

/* Bytes as a file without a name, at its beginning; the caller's, -1 and err. */
int keygen_file_of(const void *bytes, size_t length, const char *key, struct error *err);
/* The fingerprint ("SHA256:...") that the text begins with. */
bool keygen_take_fingerprint(const char *text, char fingerprint[KEYGEN_FINGERPRINT]);
/* Of a line as -l prints them: "256 SHA256:... comment (ED25519)". */
bool keygen_listed_fingerprint(const char *line, char fingerprint[KEYGEN_FINGERPRINT]);

#endif
