#include "core/cli/line/context.h"

#include <stdlib.h>

#include "core/base/return_code.h"
#include "core/system/fs.h"

void cli_begin(struct cli *cli, const struct cli_environment *environment, const struct cli_globals *globals)
{
    *cli = (struct cli){.environment = environment, .globals = *globals};
    output_begin(&cli->out, environment->out, environment->errors, globals->json);
    cli->state_directory = fs_state_home();
}

int cli_end(struct cli *cli, int status)
{
    if (cli->service)
        service_free(cli->service);
    if (cli->host)
        cli->host->ops->close(cli->host);
    cli_place_free(cli->place);
    free(cli->state_directory);
    struct error err = {0};
    if (output_end(&cli->out, &err))
        return status;
    output_error(&cli->out, &err);
    return status == CLI_DONE ? CLI_FAILED : status;
}

bool cli_open(struct cli *cli, struct error *err)
{
    if (cli->host)
        return true;
    struct cli_globals found;
    struct cli_place *place = cli_place_find(cli->environment, &cli->globals, &found, err);
    if (!place)
        return false;
    cli_place_free(cli->place);
    cli->place = place;
    cli->globals = found;
    cli->host = cli->environment->open_host(&cli->globals, err);
    return cli->host != NULL;
}

bool cli_allowed_signers(const struct cli *cli, char **file, struct error *err)
{
    return cli_place_allowed_signers(cli->environment, &cli->globals, !cli->place, file, err);
}

void cli_say_host_cannot(const struct cli *cli, const char *what, struct error *err)
{
    error_set(err, RETURN_NOT_SUPPORTED, "host.unsupported", "a %s host cannot %s", cli->host->ops->kind,
              what);
    error_next(err, "See refpoint --help for what can be done, or choose another host with --host.");
}

struct service *cli_service(struct cli *cli)
{
    if (!cli->service) {
        const struct service_options options = {.state_directory = cli->state_directory,
                                                .host_name = cli->globals.host,
                                                .store = cli->globals.store,
                                                .config = cli->globals.config};
        cli->service = service_new(cli->host, &options);
    }
    return cli->service;
}
