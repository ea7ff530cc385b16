#include "core/host/layers/qemu_tools.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/syntax/json.h"
#include "core/system/proc.h"

#define FIRST_DESCRIPTOR 3

static json_t *node_of(const struct qemu_layer *layer, size_t number, json_t *backing)
{
    CLEANUP_FREE char *name = mem_format("/proc/self/fd/%zu", FIRST_DESCRIPTOR + number);
    json_t *file = json_object();
    json_put_text(file, "driver", "file");
    json_put_text(file, "filename", name);
    if (layer->claimed)
        json_put_text(file, "locking", "off");
    if (layer->discard)
        json_put_text(file, "discard", "unmap");
    json_t *node = json_object();
    json_put_text(node, "driver", disk_format_word(layer->format));
    json_put(node, "file", file);
    if (layer->discard)
        json_put_text(node, "discard", "unmap");
    if (layer->format == DISK_FORMAT_QCOW2)
        json_put(node, "backing", backing);
    else
        json_decref(backing);
    return node;
}

static char *specification_of(const struct qemu_layer *layers, size_t count)
{
    json_t *node = json_null();
    for (size_t i = count; i-- > 0;)
        node = node_of(&layers[i], i, node);
    CLEANUP_FREE char *line = json_line(node);
    json_decref(node);
    return mem_format("json:%s", line);
}

/* extra: one more descriptor behind the layers', -1 = none. */
static bool run(const char *const *argv, const struct qemu_layer *layers, size_t count, int extra,
                const char *key, struct error *err)
{
    CLEANUP_FREE int *descriptors = mem_alloc((count + 1) * sizeof *descriptors);
    for (size_t i = 0; i < count; i++)
        descriptors[i] = layers[i].fd;
    descriptors[count] = extra;
    const struct proc_spec spec = {
        .argv = argv, .descriptors = descriptors, .descriptor_count = count + (extra >= 0)};
    return proc_run(&spec, -1, key, NULL, err);
}

bool qemu_resize(const struct qemu_layer *layers, size_t count, uint64_t from, uint64_t to, struct error *err)
{
    CLEANUP_FREE char *image = specification_of(layers, count);
    CLEANUP_FREE char *size = mem_format("%llu", (unsigned long long)to);
    const char *const growing[] = {"qemu-img", "resize", "-q", image, size, NULL};
    const char *const shrinking[] = {"qemu-img", "resize", "-q", "--shrink", image, size, NULL};
    return run(to < from ? shrinking : growing, layers, count, -1, "image.resize", err);
}

bool qemu_commit(const struct qemu_layer *layers, size_t count, struct error *err)
{
    CLEANUP_FREE char *image = specification_of(layers, count);
    const char *const arguments[] = {"qemu-img", "commit", "-q", "-d", image, NULL};
    return run(arguments, layers, count, -1, "image.commit", err);
}

bool qemu_convert(const struct qemu_layer *layers, size_t count, int directory, const char *name,
                  uint32_t cluster_size, struct error *err)
{
    CLEANUP_FREE char *image = specification_of(layers, count);
    CLEANUP_FREE char *options = mem_format("compat=1.1,cluster_size=%u", (unsigned)cluster_size);
    CLEANUP_FREE char *target = mem_format("/proc/self/fd/%zu/%s", FIRST_DESCRIPTOR + count, name);
    const char *const arguments[] = {"qemu-img", "convert", "-q",  "-O",   "qcow2",
                                     "-o",       options,   image, target, NULL};
    return run(arguments, layers, count, directory, "image.convert", err);
}

bool qemu_check(const struct qemu_layer *layer, struct error *err)
{
    enum { LEAKS_ONLY = 3 };
    if (layer->format != DISK_FORMAT_QCOW2)
        return true;
    CLEANUP_FREE char *image = specification_of(layer, 1);
    const char *const arguments[] = {"qemu-img", "check", "-q", image, NULL};
    const struct proc_spec spec = {
        .argv = arguments, .descriptors = &layer->fd, .descriptor_count = 1, .also_fine = LEAKS_ONLY};
    return proc_run(&spec, -1, "image.check", NULL, err);
}

bool qemu_set_backing(const struct qemu_layer *layer, const char *name, enum disk_format format,
                      struct error *err)
{
    CLEANUP_FREE char *image = specification_of(layer, 1);
    const char *const arguments[] = {
        "qemu-img", "rebase", "-q", "-u", "-b", name, "-F", disk_format_word(format), image, NULL};
    return run(arguments, layer, 1, -1, "image.rebase", err);
}

bool qemu_repair_leaks(const struct qemu_layer *layer, struct error *err)
{
    if (layer->format != DISK_FORMAT_QCOW2)
        return true;
    CLEANUP_FREE char *image = specification_of(layer, 1);
    const char *const arguments[] = {"qemu-img", "check", "-q", "-r", "leaks", image, NULL};
    return run(arguments, layer, 1, -1, "image.repair", err);
}

bool qemu_create(int directory, const char *name, uint64_t size, uint32_t cluster_size, struct error *err)
{
    CLEANUP_FREE char *options = mem_format("compat=1.1,cluster_size=%u", (unsigned)cluster_size);
    CLEANUP_FREE char *target = mem_format("/proc/self/fd/%d/%s", FIRST_DESCRIPTOR, name);
    CLEANUP_FREE char *bytes = mem_format("%llu", (unsigned long long)size);
    const char *const arguments[] = {"qemu-img", "create", "-q",   "-f",  "qcow2",
                                     "-o",       options,  target, bytes, NULL};
    return run(arguments, NULL, 0, directory, "image.create", err);
}

bool qemu_upgrade(const struct qemu_layer *layer, struct error *err)
{
    CLEANUP_FREE char *image = specification_of(layer, 1);
    const char *const arguments[] = {"qemu-img", "amend", "-q", "-o", "compat=1.1", image, NULL};
    return run(arguments, layer, 1, -1, "image.amend", err);
}

/* Each by itself, without what is beneath. */
static char *specification_alone(const struct qemu_layer *layer, size_t number)
{
    json_t *node = node_of(layer, number, json_null());
    CLEANUP_FREE char *line = json_line(node);
    json_decref(node);
    return mem_format("json:%s", line);
}

bool qemu_copy_bitmap(const struct qemu_layer *from, const struct qemu_layer *to,
                      const struct image_bitmap *bitmap, struct error *err)
{
    const struct qemu_layer layers[] = {*to, *from};
    CLEANUP_FREE char *target = specification_alone(to, 0);
    CLEANUP_FREE char *source = specification_alone(from, 1);
    CLEANUP_FREE char *granularity = mem_format("%u", (unsigned)bitmap->granularity);
    /* A name may begin with a dash. */
    const char *const arguments[] = {
        "qemu-img",   "bitmap",    "--add",   bitmap->enabled ? "--enable" : "--disable",
        "-g",         granularity, "--merge", bitmap->name,
        "-b",         source,      "--",      target,
        bitmap->name, NULL};
    return run(arguments, layers, ARRAY_LENGTH(layers), -1, "image.bitmap", err);
}

bool qemu_merge_bitmap(const struct qemu_layer *from, const struct qemu_layer *to, const char *name,
                       struct error *err)
{
    const struct qemu_layer layers[] = {*to, *from};
    CLEANUP_FREE char *target = specification_alone(to, 0);
    CLEANUP_FREE char *source = specification_alone(from, 1);
    const char *const arguments[] = {"qemu-img", "bitmap", "--merge", name, "-b",
                                     source,     "--",     target,    name, NULL};
    return run(arguments, layers, ARRAY_LENGTH(layers), -1, "image.bitmap", err);
}

bool qemu_add_bitmap(const struct qemu_layer *layer, const char *name, struct error *err)
{
    CLEANUP_FREE char *image = specification_alone(layer, 0);
    const char *const arguments[] = {"qemu-img", "bitmap", "--add", "--", image, name, NULL};
    return run(arguments, layer, 1, -1, "image.bitmap", err);
}

bool qemu_enable_bitmap(const struct qemu_layer *layer, const char *name, bool enable, struct error *err)
{
    CLEANUP_FREE char *image = specification_alone(layer, 0);
    const char *const arguments[] = {"qemu-img", "bitmap", enable ? "--enable" : "--disable", "--", image,
                                     name,       NULL};
    return run(arguments, layer, 1, -1, "image.bitmap", err);
}

bool qemu_remove_bitmap(const struct qemu_layer *layer, const char *name, struct error *err)
{
    CLEANUP_FREE char *image = specification_alone(layer, 0);
    const char *const arguments[] = {"qemu-img", "bitmap", "--remove", "--", image, name, NULL};
    return run(arguments, layer, 1, -1, "image.bitmap", err);
}
