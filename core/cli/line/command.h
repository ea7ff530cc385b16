/* One command of the command line: its table entry, and what it is given to work with. Private to core/cli.
 */
#ifndef REFPOINT_CLI_LINE_COMMAND_H
#define REFPOINT_CLI_LINE_COMMAND_H

#include "core/cli/line/args.h"
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

struct cli_command {
    const char *noun;
    const char *verb; /* NULL: the noun alone is the command */
    const char *summary;
    const char *purpose; /* paragraphs for --help; NULL */
    const struct args_option *options;
    size_t option_count;
    const struct args_operand *operands;
    size_t operand_count;
    const char *examples; /* lines; NULL */
    int (*run)(struct cli *cli, const struct args *args);
    /* How words that cannot be parsed are refused; NULL = cli_refuse. */
    int (*refuse)(struct cli *cli, const struct error *err);
};

/* The commands of one noun. */
struct cli_noun {
    const struct cli_command *commands;
    size_t count;
};
extern const struct cli_noun cli_collection_noun;
extern const struct cli_noun cli_machine_noun;
extern const struct cli_noun cli_point_noun;
extern const struct cli_noun cli_export_noun;
extern const struct cli_noun cli_package_noun;
extern const struct cli_noun cli_job_noun;
extern const struct cli_noun cli_store_noun;
extern const struct cli_noun cli_demo_noun;
/* All of them, in the order of help. */
const struct cli_noun *const *cli_nouns(size_t *count);
/* The words of a command, "point create"; the caller's. */
char *cli_command_words(const struct cli_command *command);

/* help.c: text for an operator, always text, always to the output stream. */
void help_program(struct cli *cli);
void help_noun(struct cli *cli, const struct cli_noun *noun);
void help_command(struct cli *cli, const struct cli_command *command);
/* `refpoint help [NOUN [VERB]]`. */
int help_main(struct cli *cli, int argc, char **argv);

/* Opens the host (once). */
bool cli_open(struct cli *cli, struct error *err) WARN_UNUSED;
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

/* Says why not, in both forms; returns CLI_REFUSED, or CLI_FAILED where the work had begun (error.h). */
int cli_refuse(struct cli *cli, const struct error *err);
/* What a command without an object of its own reports with --json: {"return_value":0, ...}; takes `more`. */
void cli_report_done(struct cli *cli, json_t *more);

/* A warning where a list had to leave something out; `what` is one of it: "point". */
void cli_warn_left_out(struct cli *cli, const char *what, const struct left_out *left_out);

/* From what was typed to an object of the host; the result is the caller's. */
bool cli_find_collection(struct cli *cli, const char *text, struct collection *found,
                         struct error *err) WARN_UNUSED;
bool cli_find_machine(struct cli *cli, const char *text, struct machine *found,
                      struct error *err) WARN_UNUSED;
/* Without members; host->read_point gives them. */
bool cli_find_point(struct cli *cli, const struct collection *collection, const char *text,
                    struct reference_point *found, struct error *err) WARN_UNUSED;
/* Both operands at once. */
bool cli_find_point_path(struct cli *cli, const char *collection, const char *point, struct object_path *path,
                         struct error *err) WARN_UNUSED;

/* An absolute path without resolving links: what was typed, behind the current directory where it is
 * relative. The caller's. */
char *cli_absolute_path(const char *path);

/* The fixed JSON forms, used by more than one noun. */
json_t *cli_collection_json(const struct collection *collection, const struct machine_list *machines);
json_t *cli_machine_json(const struct machine *machine);
json_t *cli_point_json(const struct reference_point *point);

#endif
