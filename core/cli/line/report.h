/* What every command says in the same words, in text and with --json: that it is refused, that it is done,
 * that a list had to leave something out. Threads: the main one. Private to core/cli. */
#ifndef REFPOINT_CLI_LINE_REPORT_H
#define REFPOINT_CLI_LINE_REPORT_H

#include "core/cli/line/context.h"

/* Says why not, in both forms; returns CLI_REFUSED, or CLI_FAILED where the work had begun (error.h). */
int cli_refuse(struct cli *cli, const struct error *err);
/* What a command without an object of its own reports with --json: {"return_value":0, ...}; takes `more`. */
void cli_report_done(struct cli *cli, json_t *more);

/* The host was not asked: what is shown of its machines is what was last known. */
void cli_warn_unreached(struct cli *cli, const struct error *unreached);
/* "damaged": true and "problem", behind the fields that every one of its kind has. */
void cli_put_damaged(json_t *object, const struct damaged_record *damaged);
/* A warning where records of a list cannot be read; `what` is one of them: "point". */
void cli_warn_left_out(struct cli *cli, const char *what, const struct left_out *left_out);

#endif
