/* Help is written from the same tables that commands are parsed by, so that the two cannot differ. */
#include "core/cli/help.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/cli/line/args.h"
#include "core/cli/line/report.h"
#include "core/cli/nouns.h"
#include "core/settings/settings.h"

#define HELP_WIDTH 79
#define HELP_COLUMN 25

/* Adds words from column `at` on, broken at HELP_WIDTH and indented to `column`; a newline in the text begins
 * a new line. */
static void add_wrapped(struct strbuf *out, const char *text, size_t at, size_t column)
{
    bool first = true;
    while (*text) {
        size_t word = strcspn(text, " \n");
        size_t gap = first ? 0 : 1;
        if (!first && at + gap + word > HELP_WIDTH) {
            strbuf_addf(out, "\n%*s", (int)column, "");
            at = column;
            gap = 0;
        }
        strbuf_addf(out, "%*s%.*s", (int)gap, "", (int)word, text);
        at += gap + word;
        text += word;
        first = false;
        for (; *text == '\n'; text++) {
            strbuf_addf(out, "\n%*s", text[1] == '\n' ? 0 : (int)column, "");
            at = column;
            first = true;
        }
        while (*text == ' ')
            text++;
    }
    strbuf_add(out, "\n");
}

static void add_entry(struct strbuf *out, const char *left, const char *right)
{
    size_t width = strlen(left) + 2;
    strbuf_addf(out, "  %s", left);
    if (width + 2 > HELP_COLUMN) {
        strbuf_addf(out, "\n%*s", HELP_COLUMN, "");
    } else {
        strbuf_addf(out, "%*s", (int)(HELP_COLUMN - width), "");
    }
    add_wrapped(out, right, HELP_COLUMN, HELP_COLUMN);
}

static char *option_words(const struct args_option *option)
{
    if (option->kind == ARGS_FLAG)
        return mem_format("--%s", option->name);
    return mem_format("--%s %s", option->name, option->value);
}

static void add_options(struct strbuf *out, const struct args_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP_FREE char *words = option_words(&options[i]);
        CLEANUP_FREE char *help =
            mem_format("%s%s", options[i].help, options[i].repeat ? " (repeatable)" : "");
        add_entry(out, words, help);
    }
}

static void add_common_options(struct strbuf *out)
{
    size_t count = 0;
    const struct args_option *options = args_common_options(&count);
    add_options(out, options, count);
}

static void add_usage(struct strbuf *out, const struct cli_command *command)
{
    CLEANUP_FREE char *words = cli_command_words(command);
    CLEANUP_STRBUF struct strbuf line = {0};
    strbuf_addf(&line, "Usage: refpoint %s", words);
    for (size_t i = 0; i < command->operand_count; i++)
        strbuf_addf(&line, command->operands[i].optional ? " [%s]" : " %s", command->operands[i].name);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct args_option *option = &command->options[i];
        CLEANUP_FREE char *option_text = option_words(option);
        strbuf_addf(&line, option->required ? " %s" : " [%s]", option_text);
        strbuf_add(&line, option->repeat ? " ..." : "");
    }
    add_wrapped(out, line.data, 0, 7);
}

static const char exit_status[] =
    "Exit status:\n"
    "  0    done; for an export: the package is there (also with warnings), or was\n"
    "       started with --detach\n"
    "  1    the job, or work that had begun, failed, or its outcome is not known\n"
    "  2    refused: nothing was started and everything is as it was\n"
    "  130  cancelled\n"
    "With --json a refusal is also a line of its own on standard output:\n"
    "  {\"event\":\"refused\",\"return_value\":32773,\"error_key\":\"...\",\"error\":\"...\"}\n"
    "or {\"event\":\"failed\", ...} when the work had begun\n"
    "(an export ends in its line {\"event\":\"finished\", ...} instead). return_value is\n"
    "the number of the contract: 32768 failed, 32769 access denied, 32770 not\n"
    "supported, 32773 invalid parameter, 32774 in use, 32775 invalid state, ...\n";

static const char environment_text[] =
    "Files and environment:\n"
    "  $XDG_CONFIG_HOME/refpoint/refpoint.cfg  configuration (see refpoint help settings)\n"
    "  $XDG_DATA_HOME/refpoint                 store, unless --store or REFPOINT_STORE\n"
    "  $XDG_STATE_HOME/refpoint/jobs           journals of the jobs\n"
    "  $XDG_STATE_HOME/refpoint/verified       which packages this machine has verified, and when\n"
    "  REFPOINT_STORE                          store of the local host\n"
    "  NO_COLOR                                the full screen sends no colours\n";

static const char program_examples[] =
    "Examples:\n"
    "  refpoint                                    the full screen\n"
    "  refpoint demo /tmp/demo                     something to try everything on\n"
    "  refpoint machine add web01 --disk vda=qcow2:/srv/vm/web01.qcow2 --memory 4G\n"
    "  refpoint collection define web --member web01\n"
    "  refpoint point create web --name monday\n"
    "  refpoint export web monday --to /backup/web\n"
    "  refpoint point create web --name tuesday\n"
    "  refpoint export web tuesday --to /backup/web --base monday\n"
    "  refpoint package verify /backup/web/web-20260924T000000Z-1a2b3c4d\n"
    "  refpoint package prune /backup/web --keep-last 7 --keep-monthly 12 --dry-run\n";

void help_program(struct cli *cli)
{
    CLEANUP_STRBUF struct strbuf out = {0};
    strbuf_add(&out, "refpoint " REFPOINT_VERSION
                     ": exports reference points of collections of virtual machines, full\n"
                     "or differential, to packages that stock QEMU opens.\n\n"
                     "Usage: refpoint [OPTIONS] NOUN VERB ...\n"
                     "       refpoint [OPTIONS]                  the full screen\n\nCommands:\n");
    size_t noun_count = 0;
    const struct cli_noun *const *nouns = cli_nouns(&noun_count);
    for (size_t i = 0; i < noun_count; i++) {
        for (size_t k = 0; k < nouns[i]->count; k++) {
            CLEANUP_FREE char *words = cli_command_words(&nouns[i]->commands[k]);
            add_entry(&out, words, nouns[i]->commands[k].summary);
        }
    }
    add_entry(&out, "help [NOUN [VERB]]", "this text, or that of a command");
    add_entry(&out, "help settings", "what the configuration file may hold, and holds");
    strbuf_add(&out, "\nOptions, before the noun or behind the verb:\n");
    add_common_options(&out);
    strbuf_add(&out, "Options before the noun only:\n");
    add_entry(&out, "--ascii", "draw lines of the full screen with ASCII only");
    add_entry(&out, "--version", "print the version");
    strbuf_addf(
        &out,
        "\nA collection, machine or point is named by its name when that is unique, else\n"
        "by its id or at least 4 characters of the id's beginning. Nothing ever prompts.\n\n%s\n%s\n%s",
        exit_status, environment_text, program_examples);
    fputs(out.data, cli->out.stream);
}

void help_noun(struct cli *cli, const struct cli_noun *noun)
{
    CLEANUP_STRBUF struct strbuf out = {0};
    strbuf_addf(&out, "Usage: refpoint %s VERB ...\n\n", noun->commands[0].noun);
    for (size_t i = 0; i < noun->count; i++)
        add_entry(&out, noun->commands[i].verb, noun->commands[i].summary);
    strbuf_addf(&out, "\nSee refpoint %s VERB --help.\n", noun->commands[0].noun);
    fputs(out.data, cli->out.stream);
}

void help_command(struct cli *cli, const struct cli_command *command)
{
    CLEANUP_STRBUF struct strbuf out = {0};
    add_usage(&out, command);
    strbuf_add(&out, "\n");
    add_wrapped(&out, command->purpose ? command->purpose : command->summary, 0, 0);
    strbuf_add(&out, "\n");
    for (size_t i = 0; i < command->operand_count; i++)
        add_entry(&out, command->operands[i].name, command->operands[i].help);
    if (command->operand_count > 0)
        strbuf_add(&out, "\n");
    strbuf_add(&out, "Options:\n");
    add_options(&out, command->options, command->option_count);
    add_common_options(&out);
    if (command->examples)
        strbuf_addf(&out, "\nExamples:\n%s", command->examples);
    strbuf_addf(&out, "\n%s", exit_status);
    fputs(out.data, cli->out.stream);
}

static const char *type_word(enum setting_type type)
{
    switch (type) {
    case SETTING_TEXT:
        return "text";
    case SETTING_PATH:
        return "absolute path, or ~/ and a path in the home directory";
    case SETTING_NUMBER:
        return "number";
    case SETTING_BOOL:
        return "true or false";
    }
    return "";
}

static void add_setting(struct strbuf *out, const struct settings *settings, const struct setting *setting)
{
    CLEANUP_FREE char *value = settings_show(settings, setting);
    CLEANUP_STRBUF struct strbuf text = {0};
    strbuf_addf(&text, "%s. %s", setting->help, type_word(setting->type));
    if (setting->type == SETTING_NUMBER)
        strbuf_addf(&text, " from %" PRIu64 " to %" PRIu64, setting->least, setting->most);
    if (setting->unit)
        strbuf_addf(&text, " in %s", setting->unit);
    strbuf_addf(&text, "; default %s; now %s", setting->otherwise ? setting->otherwise : "none", value);
    add_entry(out, setting->name, text.data);
}

static int help_settings(struct cli *cli)
{
    struct settings settings;
    struct error err = {0};
    if (!settings_load(&settings, cli->globals.config, &err))
        return cli_refuse(cli, &err);
    CLEANUP_FREE char *file = settings_file(cli->globals.config);
    CLEANUP_FREE char *safe = text_escape(file);
    CLEANUP_STRBUF struct strbuf out = {0};
    strbuf_addf(&out, "Settings, in %s:\n\n", safe);
    size_t count = 0;
    const struct setting *table = settings_table(&count);
    for (size_t i = 0; i < count; i++)
        add_setting(&out, &settings, &table[i]);
    add_entry(&out, "hosts", "hosts for --host; each has a name and, for a local one, its store");
    strbuf_add(&out, "\nExample:\n"
                     "  theme = \"light\";\n"
                     "  escape_delay_ms = 200;\n"
                     "  hosts = ( { name = \"lab\"; kind = \"local\"; store = \"/srv/lab/store\"; } );\n");
    for (size_t i = 0; i < settings.message_count; i++)
        output_warning(&cli->out, "%s", settings.messages[i]);
    fputs(out.data, cli->out.stream);
    settings_clear(&settings);
    return CLI_DONE;
}

static int no_such_topic(struct cli *cli, const char *first, const char *second)
{
    struct error err = {0};
    error_set(&err, RETURN_INVALID_PARAMETER, "usage.command", "there is no help on %s%s%s", first,
              second ? " " : "", second ? second : "");
    error_next(&err, "See refpoint --help.");
    return cli_refuse(cli, &err);
}

int help_main(struct cli *cli, int argc, char **argv)
{
    if (argc == 0) {
        help_program(cli);
        return CLI_DONE;
    }
    if (strcmp(argv[0], "settings") == 0)
        return help_settings(cli);
    size_t count = 0;
    const struct cli_noun *const *nouns = cli_nouns(&count);
    for (size_t i = 0; i < count; i++) {
        const struct cli_noun *noun = nouns[i];
        if (strcmp(noun->commands[0].noun, argv[0]) != 0)
            continue;
        if (noun->commands[0].verb && argc == 1) {
            help_noun(cli, noun);
            return CLI_DONE;
        }
        for (size_t k = 0; k < noun->count; k++) {
            bool named =
                !noun->commands[k].verb || (argc > 1 && strcmp(noun->commands[k].verb, argv[1]) == 0);
            if (named) {
                help_command(cli, &noun->commands[k]);
                return CLI_DONE;
            }
        }
    }
    return no_such_topic(cli, argv[0], argc > 1 ? argv[1] : NULL);
}
