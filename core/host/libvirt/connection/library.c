#include "core/host/libvirt/connection/library.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include "core/base/access.h"
#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/system/shared_library.h"

static void be_silent(void *context, virErrorPtr error)
{
    (void)context;
    (void)error;
}

static void *run_events(void *context)
{
    (void)context;
    for (;;) {
        if (libvirt()->virEventRunDefaultImpl() < 0)
            return NULL;
    }
}

static bool start_events(void)
{
    pthread_t thread;
    sigset_t all;
    sigset_t before;
    /* Signals are for the threads that know what to do with them. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool ok = pthread_create(&thread, NULL, run_events, NULL) == 0 && pthread_detach(thread) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

/* The library keeps its own state for the process, whatever we do; this is when it was made. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool started;
static struct libvirt_functions functions;
static char *missing; /* why, in the linker's words */

const struct libvirt_functions *libvirt(void)
{
    return &functions;
}

static bool load(void)
{
    static const struct shared_symbol symbols[] = {
#define LIBVIRT_ROW(symbol) {#symbol, offsetof(struct libvirt_functions, symbol)},
        LIBVIRT_SYMBOLS(LIBVIRT_ROW)
#undef LIBVIRT_ROW
    };
    missing = shared_library_load("libvirt.so.0", symbols, ARRAY_LENGTH(symbols), &functions);
    return !missing;
}

static void start(void)
{
    /* Its log would go to the standard error, which may be the screen. A value of the operator's stays. */
    setenv("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", 0); /* NOLINT(concurrency-mt-unsafe): once */
    if (!load())
        return;
    started = libvirt()->virInitialize() == 0;
    if (!started)
        return;
    libvirt()->virSetErrorFunc(NULL, be_silent);
    started = libvirt()->virEventRegisterDefaultImpl() == 0 && start_events();
}

static bool refuse_missing(struct error *err)
{
    error_set(err, RETURN_NOT_AVAILABLE, "host.libvirt-missing",
              "the library of libvirt, version 8 or newer, is not installed here");
    error_cause(err, "%s", missing);
    return error_next(err, "Install it (Debian and Ubuntu: apt-get install libvirt0; Fedora: dnf install "
                           "libvirt-libs), then try again. Image files on this machine need none.");
}

bool library_start(struct error *err)
{
    pthread_once(&once, start);
    if (missing)
        return refuse_missing(err);
    return started || error_set(err, RETURN_FAILED, "host.libvirt", "the library of libvirt does not start");
}

static uint32_t code_of(int number)
{
    switch (number) {
    case VIR_ERR_OK:
    case VIR_ERR_INTERNAL_ERROR:
        return RETURN_FAILED;
    case VIR_ERR_NO_MEMORY:
        return RETURN_OUT_OF_MEMORY;
    case VIR_ERR_NO_CONNECT:
    case VIR_ERR_INVALID_CONN:
    case VIR_ERR_NO_DOMAIN:
        return RETURN_NOT_AVAILABLE;
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE:
    case VIR_ERR_ACCESS_DENIED:
    case VIR_ERR_OPERATION_DENIED:
        return RETURN_ACCESS_DENIED;
    case VIR_ERR_OPERATION_TIMEOUT:
    case VIR_ERR_BLOCK_COPY_ACTIVE:
        return RETURN_IN_USE;
    case VIR_ERR_NO_SUPPORT:
    case VIR_ERR_CONFIG_UNSUPPORTED:
    case VIR_ERR_OPERATION_UNSUPPORTED:
    case VIR_ERR_ARGUMENT_UNSUPPORTED:
        return RETURN_NOT_SUPPORTED;
    case VIR_ERR_OPERATION_INVALID:
    case VIR_ERR_AGENT_UNRESPONSIVE:
    case VIR_ERR_AGENT_UNSYNCED:
    case VIR_ERR_CHECKPOINT_INCONSISTENT:
    case VIR_ERR_NO_DOMAIN_CHECKPOINT:
        return RETURN_INVALID_STATE;
    default:
        return RETURN_FAILED;
    }
}

static void advise(struct error *err, int number)
{
    switch (number) {
    case VIR_ERR_OPERATION_TIMEOUT:
        error_next(err,
                   "Another job runs on the machine (virsh domjobinfo MACHINE shows it). Let it end, then "
                   "try again.");
        break;
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_UNAVAILABLE:
    case VIR_ERR_ACCESS_DENIED:
    case VIR_ERR_OPERATION_DENIED:
        error_next(err, "Run as root, or as a member of the group libvirt (usermod -aG libvirt ACCOUNT).");
        break;
    default:
        break;
    }
}

/* The daemon's socket: the errno is in int1, and the domain is this side of the connection's. What a file
 * refuses to the daemon comes with another domain. */
static bool is_socket_denied(const virError *said)
{
    return said && said->code == VIR_ERR_SYSTEM_ERROR && said->domain == VIR_FROM_RPC &&
           (said->int1 == EACCES || said->int1 == EPERM);
}

static void refuse_socket(struct error *err, const virError *said)
{
    CLEANUP_FREE char *advice = said->message ? access_advice_in(said->message, EACCES) : NULL;
    err->code = RETURN_ACCESS_DENIED;
    if (advice)
        error_next(err, "%s", advice);
    else
        advise(err, VIR_ERR_ACCESS_DENIED);
}

bool library_error(struct error *err, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *what = mem_vformat(format, arguments);
    va_end(arguments);
    virErrorPtr said = libvirt()->virGetLastError();
    int number = said ? said->code : VIR_ERR_INTERNAL_ERROR;
    error_set(err, code_of(number), key, "%s", what);
    error_cause(err, "libvirt says: %s", said && said->message ? said->message : "nothing");
    if (is_socket_denied(said))
        refuse_socket(err, said);
    else
        advise(err, number);
    libvirt()->virResetLastError();
    return false;
}
