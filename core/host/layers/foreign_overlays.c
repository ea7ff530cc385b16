#include "core/host/layers/foreign_overlays.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/host/layers/layers.h"
#include "core/host/layers/overlays.h"

static bool refuse(const char *name, const char *layer, struct error *err)
{
    CLEANUP_FREE char *directory = path_directory(layer);
    error_set(err, RETURN_INVALID_STATE, "point.stranger",
              "%s/%s is based on %s, and no machine of the store has it", directory, name, layer);
    error_cause(err, "it would be ruined");
    return error_next(
        err, "If a machine's image was moved aside, bring it back to its path; if the file is not "
             "needed, remove it; else make it stand alone first (qemu-img convert). \"refpoint point "
             "forget\" gives the point up and touches no file.");
}

bool foreign_overlays_absent(int directory_fd, int layer_fd, const char *layer, const char *child,
                             struct error *err)
{
    struct stat status;
    struct overlays overlays;
    if (fstat(layer_fd, &status) != 0)
        return error_errno(err, errno, "point.layer", "cannot look at %s", layer);
    if (!overlays_read(directory_fd, &overlays, err))
        return false;
    const struct overlay *stranger = overlays_find(&overlays, &status, child ? path_name(child) : NULL);
    bool ok = !stranger || refuse(stranger->name, layer, err);
    overlays_clear(&overlays);
    return ok;
}
