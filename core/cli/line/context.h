/* What one command line runs in: its output, and the host and the service, opened when a command first asks.
 *
 * Ownership: cli_end closes whatever was opened; host and service are borrowed until then. Threads: the main
 * one. Errors: those of the place and of the host. Private to core/cli. */
#ifndef REFPOINT_CLI_LINE_CONTEXT_H
#define REFPOINT_CLI_LINE_CONTEXT_H

#include "core/cli/line/environment.h"
#include "core/cli/line/output.h"
#include "core/cli/line/place.h"
#include "core/cli/line/status.h"
#include "core/host/host.h"
#include "core/service/service.h"

struct cli {
    const struct cli_environment *environment;
    struct output out;
    struct cli_globals globals; /* after cli_open: found, paths absolute */
    struct cli_place *place;
    struct host *host;       /* after cli_open */
    struct service *service; /* after cli_service */
    char *state_directory;
};

void cli_begin(struct cli *cli, const struct cli_environment *environment, const struct cli_globals *globals);
/* Returns the status given, or CLI_FAILED where the work was done and the output could not be written. */
int cli_end(struct cli *cli, int status);

/* Opens the host (once). */
bool cli_open(struct cli *cli, struct error *err) WARN_UNUSED;
/* The setting allowed_signers, which needs no host: NULL, or the caller's. */
bool cli_allowed_signers(const struct cli *cli, char **file, struct error *err) WARN_UNUSED;
void cli_say_host_cannot(const struct cli *cli, const char *what, struct error *err);
/* False with 32770 where the host lacks the operation. `what`: "define collections". */
static inline bool cli_host_can(const struct cli *cli, bool can, const char *what, struct error *err)
{
    if (!can)
        cli_say_host_cannot(cli, what, err);
    return can;
}
/* The service on the opened host; borrowed. */
struct service *cli_service(struct cli *cli);

#endif
