#include "core/export/copy/disk_digest.h"

#include <endian.h>
#include <stdio.h>
#include <xxhash.h>

#include "core/base/return_code.h"
#include "core/export/copy/window_digest.h"

#define BATCH 64

static bool add(XXH3_state_t *state, const struct window_digest *digest)
{
    if (digest->content_mask == 0)
        return true;
    uint64_t offset = htobe64(digest->offset);
    uint16_t mask = htobe16(digest->content_mask);
    return XXH3_128bits_update(state, &offset, sizeof offset) == XXH_OK &&
           XXH3_128bits_update(state, &mask, sizeof mask) == XXH_OK &&
           XXH3_128bits_update(state, digest->xxh3, sizeof digest->xxh3) == XXH_OK;
}

static bool add_all(XXH3_state_t *state, const struct spool *digests, uint64_t count, struct error *err)
{
    struct window_digest batch[BATCH];
    for (uint64_t index = 0; index < count;) {
        size_t step = count - index < BATCH ? (size_t)(count - index) : BATCH;
        if (!spool_get(digests, index, batch, step, err))
            return false;
        for (size_t i = 0; i < step; i++) {
            if (!add(state, &batch[i]))
                return error_set(err, RETURN_FAILED, "export.digest", "cannot compute a digest");
        }
        index += step;
    }
    return true;
}

bool disk_digest_make(const struct spool *digests, uint64_t count, char text[DISK_DIGEST_TEXT],
                      struct error *err)
{
    XXH3_state_t *state = XXH3_createState();
    bool ok = state && XXH3_128bits_reset(state) == XXH_OK;
    if (!ok)
        error_set(err, RETURN_OUT_OF_MEMORY, "export.digest", "cannot compute a digest");
    ok = ok && add_all(state, digests, count, err);
    if (ok) {
        XXH128_canonical_t canonical;
        XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state));
        for (size_t i = 0; i < sizeof canonical.digest; i++)
            snprintf(text + 2 * i, 3, "%02x", canonical.digest[i]);
    }
    XXH3_freeState(state);
    return ok;
}
