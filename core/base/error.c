#include "core/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/access.h"
#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"

static void put_text(char *part, size_t size, const char *text)
{
    CLEANUP_FREE char *safe = text_escape(text);
    text_copy_cut(part, size, safe);
}

/* Formatted before anything is overwritten: the arguments may be parts of this very error. */
#define PUT_FORMAT(part)                                                                                     \
    do {                                                                                                     \
        va_list arguments;                                                                                   \
        va_start(arguments, format);                                                                         \
        CLEANUP_FREE char *made = mem_vformat(format, arguments);                                            \
        va_end(arguments);                                                                                   \
        put_text((part), sizeof(part), made);                                                                \
    } while (0)

static void set(struct error *err, uint32_t code, const char *key, const char *format, va_list arguments)
    __attribute__((format(printf, 4, 0)));

static void set(struct error *err, uint32_t code, const char *key, const char *format, va_list arguments)
{
    struct error made = {.code = code};
    CLEANUP_FREE char *what = mem_vformat(format, arguments);
    text_copy_cut(made.key, sizeof made.key, key);
    put_text(made.what, sizeof made.what, what);
    *err = made;
}

bool error_set(struct error *err, uint32_t code, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set(err, code, key, format, arguments);
    va_end(arguments);
    return false;
}

static uint32_t code_of_errno(int number)
{
    switch (number) {
    case EACCES:
    case EPERM:
    case EROFS:
        return RETURN_ACCESS_DENIED;
    case ENOENT:
        return RETURN_FILE_NOT_FOUND;
    case ENOMEM:
        return RETURN_OUT_OF_MEMORY;
    case EBUSY:
    case EAGAIN:
    case ETXTBSY:
        return RETURN_IN_USE;
    case ETIMEDOUT:
        return RETURN_TIMEOUT;
    default:
        return RETURN_FAILED;
    }
}

const char *error_next_of(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        return "Free some space there, then try again.";
    case EACCES:
    case EPERM:
        return "Give this user the right to it, or work as the user it belongs to.";
    case ENOENT:
    case ENOTDIR:
        return "Look whether the path is right, and whether its file system is mounted.";
    case EBUSY:
    case ETXTBSY:
        return "Wait until whatever uses it has ended, then try again.";
    case EROFS:
        return "The file system is mounted read-only: mount it for writing, or choose another place.";
    case EIO:
        return "The storage fails: look at the system's log before anything else is done with it.";
    case EMFILE:
    case ENFILE:
        return "Raise the limit of open files (ulimit -n), then try again.";
    case ENOMEM:
        return "Free some memory, then try again.";
    case ENAMETOOLONG:
        return "Choose a shorter name or path.";
    case ELOOP:
        return "Give the path of the file or directory itself, without symbolic links.";
    default:
        return NULL;
    }
}

bool error_errno(struct error *err, int number, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *what = mem_vformat(format, arguments);
    va_end(arguments);
    error_set(err, code_of_errno(number), key, "%s", what);
    err->number = number;
    const char *sentence = strerrordesc_np(number);
    error_cause(err, "%s", sentence ? sentence : "unknown error");
    CLEANUP_FREE char *advice = access_advice_in(what, number);
    const char *next = advice ? advice : error_next_of(number);
    return next ? error_next(err, "%s", next) : false;
}

bool error_cause(struct error *err, const char *format, ...)
{
    PUT_FORMAT(err->cause);
    return false;
}

bool error_next(struct error *err, const char *format, ...)
{
    PUT_FORMAT(err->next);
    return false;
}

bool error_advise(struct error *err, const char *format, ...)
{
    if (!*err->next)
        PUT_FORMAT(err->next);
    return false;
}

bool error_context(struct error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *context = mem_vformat(format, arguments);
    va_end(arguments);
    CLEANUP_FREE char *joined = mem_format("%s: %s", context, err->what);
    put_text(err->what, sizeof err->what, joined);
    return false;
}

bool error_begun(struct error *err)
{
    err->begun = true;
    return false;
}

char *error_text(const struct error *err)
{
    struct strbuf text = {0};
    strbuf_add(&text, err->what);
    if (*err->cause)
        strbuf_addf(&text, ": %s", err->cause);
    if (*err->next) {
        size_t end = text.length;
        strbuf_addf(&text, "%s %s", end && text.data[end - 1] == '.' ? "" : ".", err->next);
    }
    return strbuf_take(&text);
}
