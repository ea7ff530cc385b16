#include "tests/unit/support/served/storage_daemon.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"

static void become_daemon(const char *directory, int input, int output)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (chdir(directory) == 0 && dup2(input, 0) == 0 && dup2(output, 1) == 1)
        execlp("qemu-storage-daemon", "qemu-storage-daemon", "--chardev", "stdio,id=q,signal=off",
               "--monitor", "chardev=q", (char *)NULL);
    _exit(127);
}

/* The next line, "" at the end; counts what it tells of jobs. */
static void next_line(struct storage_daemon *daemon, char **line, size_t *size)
{
    if (getline(line, size, daemon->from) < 0)
        fail_msg("qemu-storage-daemon has ended");
    if (strstr(*line, "\"JOB_STATUS_CHANGE\"") && strstr(*line, "\"status\": \"null\""))
        daemon->jobs_gone++;
}

void storage_daemon_do(struct storage_daemon *daemon, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *command = mem_vformat(format, arguments);
    va_end(arguments);
    for (char *at = command; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    fprintf(daemon->to, "%s\n", command);
    fflush(daemon->to);
    CLEANUP_FREE char *line = NULL;
    size_t size = 0;
    do
        next_line(daemon, &line, &size);
    while (strncmp(line, "{\"return\"", 9) != 0 && strncmp(line, "{\"error\"", 8) != 0);
    if (strncmp(line, "{\"error\"", 8) == 0)
        fail_msg("%s: %s", command, line);
}

void storage_daemon_wait_jobs(struct storage_daemon *daemon, unsigned long count)
{
    CLEANUP_FREE char *line = NULL;
    size_t size = 0;
    while (daemon->jobs_gone < count)
        next_line(daemon, &line, &size);
}

void storage_daemon_start(struct storage_daemon *daemon, const char *directory)
{
    int input[2];
    int output[2];
    *daemon = (struct storage_daemon){0};
    snprintf(daemon->socket, sizeof daemon->socket, "%s/nbd", directory);
    assert_int_equal(pipe2(input, O_CLOEXEC), 0);
    assert_int_equal(pipe2(output, O_CLOEXEC), 0);
    daemon->pid = fork();
    assert_true(daemon->pid >= 0);
    if (daemon->pid == 0)
        become_daemon(directory, input[0], output[1]);
    close(input[0]);
    close(output[1]);
    daemon->to = fdopen(input[1], "w");
    daemon->from = fdopen(output[0], "r");
    storage_daemon_do(daemon, "{'execute':'qmp_capabilities'}");
    storage_daemon_do(daemon,
                      "{'execute':'nbd-server-start','arguments':{'addr':{'type':'unix','data':{'path':'%s'}}"
                      ",'max-connections':0}}",
                      daemon->socket);
}

void storage_daemon_kill(struct storage_daemon *daemon)
{
    if (daemon->pid <= 0)
        return;
    kill(daemon->pid, SIGKILL);
    waitpid(daemon->pid, NULL, 0);
    fclose(daemon->to);
    fclose(daemon->from);
    daemon->pid = 0;
}
