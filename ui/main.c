/* The composition root: knows which hosts there are, and hands one to the command line, the screen or a
 * runner. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/cli/cli.h"
#include "core/host/libvirt/live/guardian.h"
#include "core/host/open/open.h"
#include "core/service/runner/runner.h"
#include "ui/ui.h"

static void raise_descriptor_limit(void)
{
    /* A chain of layers is handed to qemu-nbd as descriptors; 1,024 is soon too few for a large collection.
     */
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* A standard descriptor that the caller has closed would be the number of the next file that is opened, an
 * image perhaps, and what is meant for a terminal would be written into it. Its place is taken by something
 * that cannot be used that way, so that it still fails. */
static bool fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC) != fd)
            return false;
    }
    return true;
}

static struct host *open_host(const struct cli_globals *globals, struct error *err)
{
    return host_open_named(globals->config, globals->host, globals->store, err);
}

static struct host *open_host_of_request(const struct journal_request *request, struct error *err)
{
    return host_open_named(request->config, request->host_name, request->store, err);
}

static int refuse(const struct error *err)
{
    CLEANUP_FREE char *text = error_text(err);
    fprintf(stderr, "refpoint: %s\n", text);
    return CLI_REFUSED;
}

static int run_screen(const struct cli_environment *environment, const struct cli_globals *globals)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        fputs("refpoint: the full screen needs a terminal; for a script use a command, see refpoint --help\n",
              stderr);
        return CLI_REFUSED;
    }
    struct error err = {0};
    struct cli_globals found;
    struct cli_place *place = cli_place_find(environment, globals, &found, &err);
    if (!place)
        return refuse(&err);
    struct host *host = environment->open_host(&found, &err);
    int status = host ? ui_run(host, &found) : refuse(&err);
    cli_place_free(place);
    return status;
}

int main(int argc, char **argv)
{
    if (!fill_standard_descriptors())
        return CLI_REFUSED;
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit of the size of files is an error of the write */
    raise_descriptor_limit();
    if (argc > 1 && strcmp(argv[1], RUNNER_ARGUMENT) == 0)
        return runner_main(argc, argv, open_host_of_request);
    if (argc > 1 && strcmp(argv[1], GUARDIAN_ARGUMENT) == 0)
        return guardian_main(argc, argv);
    const struct cli_environment environment = {.open_host = open_host, .out = stdout, .errors = stderr};
    struct cli_globals globals = {0};
    int first = 0;
    bool stop = false;
    int status = cli_parse_globals(&environment, argc, argv, &globals, &first, &stop);
    if (stop)
        return status;
    if (first < argc)
        return cli_main(&environment, &globals, argc - first, argv + first);
    return run_screen(&environment, &globals);
}
