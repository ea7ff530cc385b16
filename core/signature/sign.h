/* Signing with a key of ssh's, without anybody there to answer: the key has no passphrase, or an agent holds
 * it (SSH_AUTH_SOCK).
 *
 * key: absolute path of a private key, or of a public one ("….pub") whose private half an agent holds.
 * Threads: starts children, which die with the thread that called. All errors have the key "export.sign",
 * but for those of a cancelled job. Source: ssh-keygen(1), "-Y sign". */
#ifndef REFPOINT_SIGNATURE_SIGN_H
#define REFPOINT_SIGNATURE_SIGN_H

#include "core/base/error.h"
#include "core/job/job.h"

/* Before work that is to be signed at its end: ssh-keygen, the key, and whether it can be used unasked. Signs
 * nothing, so that no agent asks for a confirmation. job may be NULL. */
bool sign_check_key(const char *key, struct job *job, struct error *err) WARN_UNUSED;

/* The signature of a text (SIGNATURE_NAMESPACE, look.h), which has been looked at: it fits. *signature is the
 * caller's, as is *fingerprint, of the key. job may be NULL. */
bool sign_text(const char *key, const char *text, struct job *job, char **signature, char **fingerprint,
               struct error *err) WARN_UNUSED;

#endif
