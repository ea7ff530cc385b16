#include "ui/screens/store/findings.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define RECORD                                                                                               \
    "The record is left as it is: what it stands for is not known here, and nothing is done with it."
#define COMMAND_BEGINS "\"refpoint "

struct kind {
    const char *phrase; /* in the sentence */
    enum sign sign;
    enum theme_role role;
    const char *word;
    const char *meaning;
};

/* The first one that is found in it counts. */
static const struct kind kinds[] = {
    {"is another one than when it was first read", SIGN_BAD, ROLE_ERROR, "damaged",
     "The point cannot be relied on: packages that were made of it before may be whole."},
    {"was changed after", SIGN_BAD, ROLE_ERROR, "altered",
     "Whatever wrote to the file, the point does not hold what it held; nothing is exported from it until "
     "that is settled."},
    {"cannot be found", SIGN_BAD, ROLE_ERROR, "missing",
     "Points that are read through this file cannot be exported while it is not there."},
    {"cannot be read", SIGN_BAD, ROLE_ERROR, "unreadable",
     "What it says is not known, and it is left as it is."},
    {"cannot find", SIGN_BAD, ROLE_ERROR, "missing",
     "Points that are read through this file cannot be exported while it is not there."},
    {"may not be what was frozen", SIGN_WARNING, ROLE_WARNING, "touched",
     "Its point is not exported until somebody says, or a digest shows, that nothing was written to it."},
    {"Mend that line", SIGN_BAD, ROLE_ERROR, "unreadable", RECORD},
    {"says that its id is", SIGN_BAD, ROLE_ERROR, "unreadable", RECORD},
    {"says that it belongs to", SIGN_BAD, ROLE_ERROR, "unreadable", RECORD},
    {"which is not registered", SIGN_WARNING, ROLE_WARNING, "unknown",
     "A machine's image stands on a file that no point of this store claims: that file must stay where it "
     "is."},
    {"is not read-only any more", SIGN_WARNING, ROLE_WARNING, "writable",
     "Nothing is lost yet: the content has not changed, but a program could write to it by mistake. chmod "
     "a-w "
     "takes that away."},
    {"belongs to no reference point", SIGN_WARNING, ROLE_WARNING, "left over",
     "It takes room. No point whose record can be read needs it, but one that is damaged may. It is never "
     "deleted from here: look whose it is first."},
    {"is not part of a store", SIGN_WARNING, ROLE_WARNING, "foreign",
     "Somebody else has put it there; it harms nothing."},
    {"has been completed", SIGN_GOOD, ROLE_SUCCESS, "settled", "Nothing is left to do."},
    {"has been undone", SIGN_GOOD, ROLE_SUCCESS, "settled", "Nothing is left to do."},
    {"has been taken", SIGN_GOOD, ROLE_SUCCESS, "settled", "Nothing is left to do."},
    {"is now gone", SIGN_GOOD, ROLE_SUCCESS, "settled", "Nothing is left to do."},
    {"has been removed", SIGN_GOOD, ROLE_SUCCESS, "settled", "Nothing is left to do."},
    {"it goes on", SIGN_GOOD, ROLE_SUCCESS, "settled", "Nothing is left to do."},
};

static const struct kind other = {"", SIGN_WARNING, ROLE_WARNING, "look", NULL};
static const struct kind note = {"", SIGN_NONE, ROLE_NORMAL, "note", "It is no fault."};

static const struct kind *kind_of(const char *sentence)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (strstr(sentence, kinds[i].phrase))
            return &kinds[i];
    }
    return &other;
}

static void add(struct check_rows *rows, char *sentence, const struct kind *kind)
{
    *ARRAY_APPEND(rows->items, rows->count) = (struct check_row){.sentence = sentence,
                                                                 .sign = kind->sign,
                                                                 .role = kind->role,
                                                                 .word = kind->word,
                                                                 .meaning = kind->meaning};
}

/* Those of one sign, in the order in which they were found. */
static void add_findings(struct check_rows *rows, struct store_report *report, enum sign sign)
{
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct kind *kind = report->findings[i] ? kind_of(report->findings[i]) : NULL;
        if (!kind || kind->sign != sign)
            continue;
        add(rows, report->findings[i], kind);
        report->findings[i] = NULL;
        rows->settled += sign == SIGN_GOOD;
    }
}

void check_rows_take(struct check_rows *rows, struct store_report *report)
{
    *rows = (struct check_rows){.findings = report->finding_count};
    add_findings(rows, report, SIGN_BAD);
    add_findings(rows, report, SIGN_WARNING);
    add_findings(rows, report, SIGN_GOOD);
    for (size_t i = 0; i < report->note_count; i++)
        add(rows, report->notes[i], &note);
    free(report->findings);
    free(report->notes);
    *report = (struct store_report){0};
}

void check_rows_clear(struct check_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        free(rows->items[i].sentence);
    free(rows->items);
    *rows = (struct check_rows){0};
}

char *check_row_command(const struct check_row *row, size_t nth)
{
    const char *at = strstr(row->sentence, COMMAND_BEGINS);
    for (size_t i = 0; at && i < nth; i++) {
        const char *behind = strchr(at + 1, '"');
        at = behind ? strstr(behind + 1, COMMAND_BEGINS) : NULL;
    }
    const char *end = at ? strchr(at + 1, '"') : NULL;
    return end ? mem_strndup(at + 1, (size_t)(end - at - 1)) : NULL;
}

static bool is_said(const struct check_row *row, size_t nth, const char *command)
{
    for (size_t i = 0; i < nth; i++) {
        CLEANUP_FREE char *earlier = check_row_command(row, i);
        if (strcmp(earlier, command) == 0)
            return true;
    }
    return false;
}

void check_row_facts(struct facts *facts, const struct check_row *row)
{
    bool first = true;
    facts_add(facts, row->role, "Found", mem_strdup(row->sentence));
    if (row->meaning)
        facts_add(facts, ROLE_NORMAL, "Means", mem_strdup(row->meaning));
    for (size_t i = 0;; i++) {
        char *command = check_row_command(row, i);
        if (!command)
            return;
        if (is_said(row, i, command)) {
            free(command);
            continue;
        }
        facts_add(facts, ROLE_NORMAL, first ? "Mend with" : "or", command);
        first = false;
    }
}
