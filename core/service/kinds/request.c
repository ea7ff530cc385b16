#include "core/service/kinds/request.h"

#include <limits.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

uint32_t request_refuse(struct error *err, uint32_t code, const char *key, const char *what, const char *next)
{
    error_set(err, code, key, "%s", what);
    error_next(err, "%s", next);
    return code;
}

/* A host that returns an error must say which; without a word of its own there is still a sentence. */
uint32_t request_answer(struct error *err, uint32_t code, const char *method)
{
    if (code == RETURN_DONE || code == RETURN_JOB_STARTED) {
        *err = (struct error){0};
        return code;
    }
    if (err->code == RETURN_DONE)
        error_set(err, code, "host.failed", "%s failed with code %u", method, (unsigned)code);
    err->code = code;
    error_advise(err, "Put that right, then try again; \"refpoint store check\" tells whether all is sound.");
    return code;
}

uint32_t request_check_path(const struct object_path *path, struct error *err)
{
    if (path && !guid_is_none(&path->point_id) && !guid_is_none(&path->collection_id))
        return RETURN_DONE;
    return request_refuse(err, RETURN_INVALID_PARAMETER, "point.none", "no reference point was given",
                          "Give the collection and one of its points; `refpoint point list` shows them.");
}

uint32_t request_check_directory(const char *directory, struct error *err)
{
    if (!directory || !*directory)
        return request_refuse(err, RETURN_INVALID_PARAMETER, "export.directory",
                              "no export directory was given", "Give an absolute path, such as /backup/web.");
    if (*directory != '/') {
        error_set(err, RETURN_INVALID_PARAMETER, "export.directory",
                  "the export directory %s is not absolute", directory);
        error_next(err, "Give its path from the root, such as /backup/web.");
        return RETURN_INVALID_PARAMETER;
    }
    if (strlen(directory) >= PATH_MAX)
        return request_refuse(err, RETURN_INVALID_PARAMETER, "export.directory",
                              "the path of the export directory is too long", "Choose a shorter path.");
    return RETURN_DONE;
}

uint32_t request_check_selection(const struct export_setting_data *settings, struct error *err)
{
    for (size_t i = 0; i < settings->machine_count; i++) {
        if (!settings->machines[i].machine_id || !*settings->machines[i].machine_id)
            return request_refuse(err, RETURN_INVALID_PARAMETER, "export.machine",
                                  "a machine to be exported is given without its id",
                                  "Give the id of each machine, or no machine at all for all of them.");
    }
    return RETURN_DONE;
}

void request_copy_escaped(char *field, size_t size, const char *text)
{
    CLEANUP_FREE char *safe = text_escape(text ? text : "");
    text_copy_cut(field, size, safe);
}
