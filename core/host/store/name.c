#include "core/host/store/name.h"

#include <string.h>

#include "core/base/return_code.h"
#include "core/base/text.h"

bool name_check(const char *name, const char *kind, struct error *err)
{
    if (!name || !*name) {
        error_set(err, RETURN_INVALID_PARAMETER, "name.empty", "a %s needs a name", kind);
        return error_next(err, "Give it a name.");
    }
    if (strlen(name) > NAME_LIMIT) {
        error_set(err, RETURN_INVALID_PARAMETER, "name.too-long",
                  "the name of the %s is longer than %d bytes", kind, NAME_LIMIT);
        return error_next(err, "Give it a shorter name.");
    }
    if (!text_is_utf8(name)) {
        error_set(err, RETURN_INVALID_PARAMETER, "name.encoding", "the name of the %s is not UTF-8", kind);
        return error_next(err, "Give it a name in UTF-8.");
    }
    return true;
}
