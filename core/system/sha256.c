#include "core/system/sha256.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct sha256 {
    EVP_MD_CTX *context;
};

/* libcrypto fails only without memory here, as in base/mem.h. */
static void must(int done)
{
    if (done != 1)
        abort();
}

struct sha256 *sha256_begin(void)
{
    struct sha256 *digest = malloc(sizeof *digest);
    if (!digest)
        abort();
    digest->context = EVP_MD_CTX_new();
    must(digest->context != NULL);
    must(EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL));
    return digest;
}

void sha256_add(struct sha256 *digest, const void *data, size_t length)
{
    must(EVP_DigestUpdate(digest->context, data, length));
}

void sha256_end(struct sha256 *digest, char text[SHA256_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char made[EVP_MAX_MD_SIZE];
    must(EVP_DigestFinal_ex(digest->context, made, NULL));
    for (size_t i = 0; i < (SHA256_TEXT - 1) / 2; i++) {
        text[2 * i] = digits[made[i] >> 4];
        text[2 * i + 1] = digits[made[i] & 15];
    }
    text[SHA256_TEXT - 1] = '\0';
    EVP_MD_CTX_free(digest->context);
    free(digest);
}
