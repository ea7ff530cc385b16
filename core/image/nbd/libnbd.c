#include "core/image/nbd/libnbd.h"

#include <pthread.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/system/shared_library.h"

/* Written once. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct libnbd_functions functions;
static char *missing; /* why, in the linker's words */

static void load(void)
{
    static const struct shared_symbol symbols[] = {
#define LIBNBD_ROW(symbol) {#symbol, offsetof(struct libnbd_functions, symbol)},
        LIBNBD_SYMBOLS(LIBNBD_ROW)
#undef LIBNBD_ROW
    };
    missing = shared_library_load("libnbd.so.0", symbols, ARRAY_LENGTH(symbols), &functions);
}

const struct libnbd_functions *libnbd(void)
{
    return &functions;
}

bool libnbd_load(struct error *err)
{
    pthread_once(&once, load);
    if (!missing)
        return true;
    error_set(err, RETURN_NOT_AVAILABLE, "image.libnbd-missing",
              "the library libnbd, version 1.14 or newer, is not installed here");
    error_cause(err, "%s", missing);
    return error_next(err, "Install it (Debian and Ubuntu: apt-get install libnbd0; Fedora: dnf install "
                           "libnbd), then try again.");
}
