#include "core/host/store/findings.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

void findings_add(struct findings *findings, const char *format, ...)
{
    if (!findings)
        return;
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *text = mem_vformat(format, arguments);
    va_end(arguments);
    char *shown = text_escape(text);
    for (size_t i = 0; i < findings->count; i++) {
        if (strcmp(findings->items[i], shown) == 0) {
            free(shown);
            return;
        }
    }
    *ARRAY_APPEND(findings->items, findings->count) = shown;
}

void findings_note(struct findings *findings, const char *format, ...)
{
    if (!findings)
        return;
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *text = mem_vformat(format, arguments);
    va_end(arguments);
    *ARRAY_APPEND(findings->notes, findings->note_count) = text_escape(text);
}

void findings_add_error(struct findings *findings, const struct error *err)
{
    if (!findings)
        return;
    CLEANUP_FREE char *text = error_text(err);
    findings_add(findings, "%s", text);
}

void findings_clear(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        free(findings->items[i]);
    free(findings->items);
    for (size_t i = 0; i < findings->note_count; i++)
        free(findings->notes[i]);
    free(findings->notes);
    *findings = (struct findings){0};
}
