/* What is known of a signature, as a value and as a sentence. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/job/job.h"

void job_signature_clear(struct job_signature *signature)
{
    free(signature->package);
    free(signature->signer);
    free(signature->key);
    *signature = (struct job_signature){0};
}

void job_signature_copy(struct job_signature *to, const struct job_signature *from)
{
    *to = *from;
    to->package = mem_strdup(from->package);
    to->signer = mem_strdup(from->signer);
    to->key = mem_strdup(from->key);
}

char *job_signature_sentence(const struct job_signature *signature)
{
    if (!signature->is_signed)
        return signature->asked ? mem_strdup("not signed") : NULL;
    if (signature->unseen)
        return mem_strdup("signed, but the signature was not looked at: ssh-keygen is not installed");
    if (signature->signer && signature->key)
        return mem_format("signed by %s (key %s)", signature->signer, signature->key);
    if (signature->key && !signature->asked)
        return mem_format("signed with %s, which nobody was asked about (give --allowed-signers)",
                          signature->key);
    return NULL;
}
