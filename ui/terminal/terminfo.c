#include "ui/terminal/terminfo.h"

#include <curses.h>
#include <stdint.h>
#include <stdlib.h>
#include <term.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"

const char *terminfo_string(const char *name)
{
    const char *value = tigetstr(name);
    return (intptr_t)value == -1 ? NULL : value; /* -1: not a string capability */
}

bool terminfo_check(struct error *err)
{
    const char *type = getenv("TERM");
    CLEANUP_FREE char *safe = text_escape(type ? type : "");
    int status = 0;
    if (!type || !*type) {
        error_set(err, RETURN_NOT_SUPPORTED, "terminal.type",
                  "TERM is not set: the terminal's type is unknown");
        return error_next(err, "Set it, for example: TERM=xterm refpoint");
    }
    if (setupterm(type, STDOUT_FILENO, &status) != OK) {
        error_set(err, RETURN_NOT_SUPPORTED, "terminal.type",
                  "the terminal type \"%s\" (TERM) is not known here", safe);
        return error_next(err, "Install ncurses-term, or try: TERM=xterm refpoint");
    }
    bool usable = terminfo_string("cup") && terminfo_string("clear");
    if (!usable) {
        error_set(err, RETURN_NOT_SUPPORTED, "terminal.type",
                  "a terminal of type \"%s\" (TERM) cannot place its cursor", safe);
        error_next(err, "Use a command instead, see refpoint --help");
    }
    del_curterm(cur_term);
    return usable;
}

bool terminfo_is_xterm_like(void)
{
    /* Extended capabilities: XT is xterm's own flag, Ms what tmux and others declare for the clipboard. */
    return tigetflag("XT") == 1 || terminfo_string("Ms") != NULL;
}
