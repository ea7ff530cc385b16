/* The one place with mutable data of its own: a signal handler has no other way to its context. It is written
 * before the handlers are installed and after they are removed, never between. */
#include "ui/terminal/crash.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"

#define STACK_SIZE 65536

static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static struct {
    char restore[256];
    size_t restore_length;
    struct termios modes;
    int terminal_fd;
    int sentence_fd;
    void *stack;
} armed;

static void say(const char *text, size_t length)
{
    ssize_t written = write(armed.sentence_fd, text, length);
    (void)written;
}

static void on_fault(int number)
{
    ssize_t written = write(armed.terminal_fd, armed.restore, armed.restore_length);
    (void)written;
    tcsetattr(armed.terminal_fd, TCSANOW, &armed.modes);
    static const char sentence[] =
        "\nrefpoint: a fault of the program ended the screen; running jobs go on (refpoint job list). "
        "The log is refpoint.log in the state directory.\n";
    say(sentence, sizeof sentence - 1);
    /* SA_RESETHAND has put the default back; it acts when this handler returns. */
    raise(number);
}

void *crash_thread_begin(void)
{
    void *stack = mem_alloc(STACK_SIZE);
    stack_t alternate = {.ss_sp = stack, .ss_size = STACK_SIZE};
    sigaltstack(&alternate, NULL);
    return stack;
}

void crash_thread_end(void *stack)
{
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    free(stack);
}

void crash_arm(const char *restore, const struct termios *modes, int terminal_fd, int sentence_fd)
{
    snprintf(armed.restore, sizeof armed.restore, "%s", restore);
    armed.restore_length = strlen(armed.restore);
    armed.modes = *modes;
    armed.terminal_fd = terminal_fd;
    armed.sentence_fd = sentence_fd;
    armed.stack = crash_thread_begin();
    struct sigaction action = {.sa_handler = on_fault, .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND)};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ARRAY_LENGTH(faults); i++)
        sigaction(faults[i], &action, NULL);
}

void crash_disarm(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ARRAY_LENGTH(faults); i++)
        sigaction(faults[i], &action, NULL);
    crash_thread_end(armed.stack);
    armed.stack = NULL;
}
