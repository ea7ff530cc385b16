#include "core/export/package/import/before.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/definition/rewrite.h"
#include "core/export/package/import/place.h"

static bool find_room(const char *place, uint64_t *available, struct error *err)
{
    const char *slash = strrchr(place, '/');
    CLEANUP_FREE char *parent = mem_strndup(place, slash && slash > place ? (size_t)(slash - place) : 1);
    struct statvfs space;
    if (statvfs(parent, &space) != 0)
        return error_errno(err, errno, "import.directory", "cannot look at the directory %s", parent);
    *available = (uint64_t)space.f_bavail * space.f_frsize;
    return true;
}

bool import_check(const char *to, const char *as, uint64_t *available, struct error *err)
{
    CLEANUP_FREE char *place = NULL;
    return (!as || definition_check_name(as, err)) && import_place_find(to, &place, err) &&
           find_room(place, available, err);
}

static bool check_format(const struct package *package, struct error *err)
{
    for (size_t i = 0; i < package->disk_count; i++) {
        if (package->disks[i].format == DISK_FORMAT_QCOW2)
            continue;
        error_set(
            err, RETURN_NOT_SUPPORTED, "register.raw",
            "the package holds disk %s of %s as a raw image, which cannot become the layer of its point",
            package->disks[i].disk, package->disks[i].machine);
        return error_next(err,
                          "Import it without --register, then add the machine without the point: refpoint "
                          "machine add --domain-xml FILE. Packages of qcow2 images can be registered.");
    }
    return true;
}

static bool holds_machine(const struct package *package, const struct guid *machine)
{
    for (size_t i = 0; i < package->disk_count; i++) {
        if (strcmp(package->disks[i].machine_id, machine->text) == 0)
            return true;
    }
    return false;
}

/* The record has the whole point; what the package does not hold is not imported. */
static void keep_held_members(struct package *package)
{
    struct reference_point *point = &package->point;
    size_t kept = 0;
    for (size_t i = 0; i < point->member_count; i++) {
        if (holds_machine(package, &point->members[i].machine.id))
            point->members[kept++] = point->members[i];
        else
            member_point_clear(&point->members[i]);
    }
    point->member_count = kept;
}

bool import_can_register(struct package *package, struct error *err)
{
    keep_held_members(package);
    return check_format(package, err);
}
