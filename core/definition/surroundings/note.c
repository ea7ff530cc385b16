#include "core/definition/surroundings/note.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"

#define FILE_LIMIT 1024U

struct machine_left_out *definition_leave_out(struct machine *machine, const char *kind, const char *device,
                                              const char *path, const char *reason)
{
    struct machine_left_out *item = ARRAY_APPEND(machine->left_out, machine->left_out_count);
    *item = (struct machine_left_out){.kind = mem_strdup(kind),
                                      .device = mem_strdup(device),
                                      .path = mem_strdup(path),
                                      .reason = mem_strdup(reason)};
    return item;
}

static bool is_taken(const struct machine *machine, enum machine_file_role role, const char *path)
{
    for (size_t i = 0; i < machine->file_count; i++) {
        if (machine->files[i].role == role && strcmp(machine->files[i].path, path) == 0)
            return true;
    }
    return false;
}

bool definition_take_file(struct machine *machine, enum machine_file_role role, const char *path,
                          struct error *err)
{
    if (*path == '\0' || is_taken(machine, role, path))
        return true;
    if (*path != '/') {
        definition_leave_out(machine, machine_file_role_word(role), NULL, path,
                             "has a relative path: where it is cannot be told");
        return true;
    }
    if (machine->file_count >= FILE_LIMIT) {
        error_set(err, RETURN_NOT_SUPPORTED, "domain-xml.files",
                  "the machine has more than %u files beside its disks", FILE_LIMIT);
        return error_next(err, "Add the machine by hand, with the disks that matter.");
    }
    *ARRAY_APPEND(machine->files, machine->file_count) =
        (struct machine_file){.role = role, .path = mem_strdup(path)};
    return true;
}
