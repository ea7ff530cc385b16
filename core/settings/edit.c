#include "core/settings/edit.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/mem.h"

#define BLANKS " \t"
#define VALUE_ENDS " \t;,#/\r\n"

static const char *start_of_line(const char *text, unsigned line)
{
    for (; line > 1 && text; line--) {
        const char *end = strchr(text, '\n');
        text = end ? end + 1 : NULL;
    }
    return text;
}

static const char *behind_text(const char *at)
{
    for (at++; *at && *at != '"' && *at != '\n'; at++) {
        if (*at == '\\' && at[1])
            at++;
    }
    return *at == '"' ? at + 1 : NULL;
}

/* From its name to its end, on one line; NULL: it is none of those. */
static const char *end_of_statement(const char *at, const char *name)
{
    size_t length = strlen(name);
    if (strncmp(at, name, length) != 0)
        return NULL;
    at += length;
    at += strspn(at, BLANKS);
    if (*at != '=' && *at != ':')
        return NULL;
    at++;
    at += strspn(at, BLANKS);
    const char *end = *at == '"' ? behind_text(at) : at + strcspn(at, VALUE_ENDS);
    if (!end || end == at)
        return NULL;
    const char *behind = end + strspn(end, BLANKS);
    return *behind == ';' || *behind == ',' ? behind + 1 : end;
}

static char *append(const char *text, const char *statement)
{
    size_t length = strlen(text);
    bool ended = length == 0 || text[length - 1] == '\n';
    return mem_format("%s%s%s\n", text, ended ? "" : "\n", statement);
}

/* A line that holds nothing any more goes, too. */
static char *without(const char *text, const char *line, const char *begin, const char *end)
{
    const char *rest = end + strspn(end, BLANKS "\r");
    bool alone = *rest == '\n' || *rest == '\0';
    const char *from = alone ? line : begin;
    const char *to = !alone ? end : *rest ? rest + 1 : rest;
    return mem_format("%.*s%s", (int)(from - text), text, to);
}

char *settings_edit(const char *text, unsigned line, const char *name, const char *statement)
{
    if (line == 0)
        return statement ? append(text, statement) : mem_strdup(text);
    const char *start = start_of_line(text, line);
    const char *begin = start ? start + strspn(start, BLANKS) : NULL;
    const char *end = begin ? end_of_statement(begin, name) : NULL;
    if (!end)
        return NULL;
    return statement ? mem_format("%.*s%s%s", (int)(begin - text), text, statement, end)
                     : without(text, start, begin, end);
}
