/* What every target shares. A target is one fuzz_NAME.c with libFuzzer's entry; it aborts on a broken
 * promise. The same files are linked with replay.c, which runs the kept corpus through them without clang. */
#ifndef REFPOINT_TESTS_FUZZ_H
#define REFPOINT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A refusal says what, has a code, and can be shown on a terminal. */
static inline void fuzz_check_refusal(const struct error *err)
{
    if (err->code == 0 || err->key[0] == '\0' || err->what[0] == '\0')
        abort();
    for (const char *at = err->what; *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            abort();
    }
}

#define FUZZ_PROMISE(condition)                                                                              \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

#endif
