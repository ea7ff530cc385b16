#include "core/cli/line/interrupt.h"

#include <pthread.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/mem.h"

static bool is_ignored(int number)
{
    struct sigaction action = {0};
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void interrupt_open(struct interrupt *interrupt, bool ending)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    size_t count = ending ? ARRAY_LENGTH(signals) : 1;
    bool any = false;
    *interrupt = (struct interrupt){.fd = -1};
    sigemptyset(&interrupt->watched);
    for (size_t i = 0; i < count; i++) {
        /* A blocked signal is queued even when it is ignored, so those are left out. */
        if (is_ignored(signals[i]))
            continue;
        sigaddset(&interrupt->watched, signals[i]);
        any = true;
    }
    pthread_sigmask(SIG_BLOCK, &interrupt->watched, &interrupt->before);
    if (any)
        interrupt->fd = signalfd(-1, &interrupt->watched, SFD_CLOEXEC | SFD_NONBLOCK);
    /* Without a descriptor a signal must have its usual effect. */
    if (interrupt->fd < 0)
        pthread_sigmask(SIG_SETMASK, &interrupt->before, NULL);
}

bool interrupt_take(struct interrupt *interrupt)
{
    struct signalfd_siginfo information;
    return interrupt->fd >= 0 &&
           read(interrupt->fd, &information, sizeof information) == (ssize_t)sizeof information;
}

void interrupt_close(struct interrupt *interrupt)
{
    /* What came too late to be heeded must not end the program in the midst of its last words. */
    while (interrupt_take(interrupt))
        ;
    if (interrupt->fd >= 0)
        close(interrupt->fd);
    interrupt->fd = -1;
    pthread_sigmask(SIG_SETMASK, &interrupt->before, NULL);
}
