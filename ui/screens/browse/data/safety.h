/* Is this point safe somewhere else? In a sign and a word, from where its packages are. Threads: any. */
#ifndef REFPOINT_UI_SCREENS_BROWSE_DATA_SAFETY_H
#define REFPOINT_UI_SCREENS_BROWSE_DATA_SAFETY_H

#include "core/service/exported.h"
#include "ui/draw/signs.h"
#include "ui/draw/theme.h"

struct safety {
    enum sign sign;
    enum theme_role role;
    const char *word;                       /* at most 8 columns: "verified", "no copy" */
    struct moment when;                     /* of what the word says; {0}: of nothing */
    const struct exported_package *package; /* the best one; NULL: none is known */
    size_t packages;
};
/* point: none = there is no point. known: the packages have been looked for. */
struct safety safety_of(const struct exported_list *exported, const struct guid *point, bool known);

#endif
