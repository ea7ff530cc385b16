/* Whether a signature fits a text, and whose it is: ssh-keygen's word.
 *
 * The text and the signature are given as bytes, so that what is judged is what the caller has read. Threads:
 * starts children, which die with the thread that called. Ownership: signature_look_clear. Source:
 * ssh-keygen(1), "-Y", "ALLOWED SIGNERS". */
#ifndef REFPOINT_SIGNATURE_LOOK_H
#define REFPOINT_SIGNATURE_LOOK_H

#include "core/base/error.h"
#include "core/job/job.h"

/* No signature that ssh-keygen makes is nearly as long. */
#define SIGNATURE_LIMIT ((size_t)256 << 10)
/* What a signature is for: one that was made for something else does not fit. */
#define SIGNATURE_NAMESPACE "refpoint"

struct signature_look {
    bool fits;
    char *key;    /* fingerprint of the key that made it; NULL where it does not fit */
    char *signer; /* whom the allowed signers file gives that key to, as it stands there; NULL: nobody */
    char *said;   /* why not, in ssh-keygen's words, escaped; NULL or "" */
};

struct signed_text {
    const char *text;
    size_t length;
    const char *signature;
    size_t signature_length;
};

/* ssh-keygen is there: without it nothing can be said of a signature. Key "package.signature". */
bool signature_can_look(struct error *err) WARN_UNUSED;
/* A file that can be read; absolute. Key "package.signature". */
bool signature_check_allowed(const char *allowed_signers, struct error *err) WARN_UNUSED;
/* allowed_signers: NULL = nobody is asked about the key. False: it could not be found out (key
 * "package.signature"), or the job is cancelled; a signature that does not fit is found out. */
bool signature_look(const struct signed_text *signed_text, const char *allowed_signers, struct job *job,
                    struct signature_look *look, struct error *err) WARN_UNUSED;
void signature_look_clear(struct signature_look *look);

#endif
