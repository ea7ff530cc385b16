#include "core/export/copy/disk_digest.h"

#include <endian.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "core/base/return_code.h"
#include "core/export/copy/window.h"

#define BATCH 64

static bool add(EVP_MD_CTX *context, const struct window_digest *digest)
{
    if (digest->content_mask == 0)
        return true;
    uint64_t offset = htobe64(digest->offset);
    uint16_t mask = htobe16(digest->content_mask);
    return EVP_DigestUpdate(context, &offset, sizeof offset) == 1 &&
           EVP_DigestUpdate(context, &mask, sizeof mask) == 1 &&
           EVP_DigestUpdate(context, digest->sha256, sizeof digest->sha256) == 1;
}

static bool add_all(EVP_MD_CTX *context, const struct spool *digests, uint64_t count, struct error *err)
{
    struct window_digest batch[BATCH];
    for (uint64_t index = 0; index < count;) {
        size_t step = count - index < BATCH ? (size_t)(count - index) : BATCH;
        if (!spool_get(digests, index, batch, step, err))
            return false;
        for (size_t i = 0; i < step; i++) {
            if (!add(context, &batch[i]))
                return error_set(err, RETURN_FAILED, "export.digest", "cannot compute a SHA-256");
        }
        index += step;
    }
    return true;
}

bool disk_digest_make(const struct spool *digests, uint64_t count, char text[DISK_DIGEST_TEXT],
                      struct error *err)
{
    unsigned char bytes[WINDOW_DIGEST_SIZE];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;
    if (!ok)
        error_set(err, RETURN_OUT_OF_MEMORY, "export.digest", "cannot compute a SHA-256");
    ok = ok && add_all(context, digests, count, err);
    if (ok && EVP_DigestFinal_ex(context, bytes, NULL) != 1)
        ok = error_set(err, RETURN_FAILED, "export.digest", "cannot compute a SHA-256");
    EVP_MD_CTX_free(context);
    for (size_t i = 0; ok && i < sizeof bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return ok;
}
