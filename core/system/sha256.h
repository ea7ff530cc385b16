/* SHA-256 of what comes piece by piece. Threads: one at a time per digest. */
#ifndef REFPOINT_SYSTEM_SHA256_H
#define REFPOINT_SYSTEM_SHA256_H

#include <stddef.h>

#define SHA256_TEXT 65 /* 64 hexadecimal digits and a NUL */

struct sha256;

struct sha256 *sha256_begin(void);
void sha256_add(struct sha256 *digest, const void *data, size_t length);
/* Lower-case digits; releases the digest. */
void sha256_end(struct sha256 *digest, char text[SHA256_TEXT]);

#endif
