#include "core/cli/nouns/surroundings.h"

#include "core/base/mem.h"

static json_t *file_json(const struct machine_file *file)
{
    json_t *object = json_object();
    json_put_text(object, "role", machine_file_role_word(file->role));
    json_put_text(object, "path", file->path);
    json_put_text(object, "sha256", file->sha256);
    json_put(object, "size", file->sha256 ? json_integer((json_int_t)file->size) : json_null());
    json_put_text(object, "missing", file->missing);
    if (file->file)
        json_put_text(object, "file", file->file);
    return object;
}

static json_t *left_out_json(const struct machine_left_out *item)
{
    json_t *object = json_object();
    json_put_text(object, "kind", item->kind);
    json_put_text(object, "device", item->device);
    json_put_text(object, "path", item->path);
    json_put_text(object, "reason", item->reason);
    return object;
}

void surroundings_put_json(json_t *object, const struct machine *machine)
{
    json_t *files = json_array();
    json_t *left_out = json_array();
    for (size_t i = 0; i < machine->file_count; i++)
        json_array_append_new(files, file_json(&machine->files[i]));
    for (size_t i = 0; i < machine->left_out_count; i++)
        json_array_append_new(left_out, left_out_json(&machine->left_out[i]));
    json_put(object, "files", files);
    json_put(object, "left_out", left_out);
}

void surroundings_warn(struct cli *cli, const struct machine *machine)
{
    for (size_t i = 0; i < machine->left_out_count; i++) {
        CLEANUP_FREE char *text = machine_left_out_text(&machine->left_out[i]);
        output_warning(&cli->out, "not in the points of %s: %s", machine->name, text);
    }
    for (size_t i = 0; i < machine->file_count; i++) {
        const struct machine_file *file = &machine->files[i];
        if (file->missing)
            output_warning(&cli->out, "not in the point of %s: %s %s: %s", machine->name,
                           machine_file_role_word(file->role), file->path, file->missing);
    }
}
