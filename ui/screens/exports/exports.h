/* Where points were exported to, for the screens that tell it: looked up by a worker, told in a line for each
 * package. Threads: the tasks as work.h has it; the rest any. */
#ifndef REFPOINT_UI_SCREENS_EXPORTS_EXPORTS_H
#define REFPOINT_UI_SCREENS_EXPORTS_EXPORTS_H

#include "core/service/exported.h"
#include "ui/draw/signs.h"
#include "ui/draw/theme.h"

struct load_exports {
    struct exported_claims claims;
    struct exported_list exported; /* who takes it leaves it zeroed */
};
struct load_exports *load_exports_new(const struct job_snapshot *jobs, size_t count);
void load_exports_run(void *task);
void load_exports_release(void *task);

/* "/backup/web/web-prod-...  full, verified 2 h ago"; the text is the caller's. */
struct export_line {
    enum sign sign;
    enum theme_role role;
    char *text;
};
struct export_line export_line_of(const struct exported_package *package, struct moment now);

#endif
