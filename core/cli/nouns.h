/* The nouns of the command line: the one table that commands are looked up in and that help is written from.
 *
 * Ownership: the table is constant; what is found is borrowed from it. Errors: 32773, key "usage.command",
 * with the nearest known word and where help is. Threads: any. Private to core/cli. */
#ifndef REFPOINT_CLI_NOUNS_H
#define REFPOINT_CLI_NOUNS_H

#include "core/cli/line/command.h"

/* All of them, in the order of help. */
const struct cli_noun *const *cli_nouns(size_t *count);
/* NULL and err when there is none that is called so. */
const struct cli_noun *cli_find_noun(const char *word, struct error *err);
/* Among the commands of a noun that has verbs; NULL and err too where none was typed (`word` is NULL). */
const struct cli_command *cli_find_verb(const struct cli_noun *noun, const char *word, struct error *err);

#endif
