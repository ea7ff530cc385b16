#include "core/host/libvirt/libvirt.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/libvirt/internal.h"

static void libvirt_close(struct host *host)
{
    struct libvirt_host *libvirt = (struct libvirt_host *)host;
    connection_free(libvirt->connection);
    free(libvirt->name);
    store_clear(&libvirt->local.store);
    free(libvirt);
}

static const struct host_capabilities *libvirt_capabilities(const struct host *host)
{
    static const struct host_capabilities capabilities = {
        .define_collections = true,
        .raw_format = true,
        .zstd_compression = true,
        .verify = true,
        .rate_limit = true,
        .local_directory = true,
        .application_consistency = true,
        .live_export = true,
        .machine_states = true,
    };
    (void)host;
    return &capabilities;
}

static char *libvirt_identify(const struct host *host)
{
    const struct libvirt_host *libvirt = (const struct libvirt_host *)host;
    const char *uri = connection_uri(libvirt->connection);
    if (strcmp(libvirt->name, uri) == 0) /* configured nowhere: its address is its name */
        return mem_strdup(uri);
    return mem_format("%s: %s", libvirt->name, uri);
}

static bool known_machines(struct host *host, struct machine_list *list, struct error *err)
{
    if (!store_list_machines(local_store(host), list, NULL, err))
        return false;
    for (size_t i = 0; i < list->count; i++)
        list->items[i].state = MACHINE_STATE_UNKNOWN;
    return true;
}

static bool list_collections(struct host *host, struct collection_list *list, struct error *err)
{
    return store_list_collections(local_store(host), list, NULL, err);
}

static bool list_points(struct host *host, const struct guid *collection, struct reference_point_list *list,
                        struct error *err)
{
    return store_list_points(local_store(host), collection, false, list, NULL, err);
}

static bool read_point(struct host *host, const struct object_path *path, struct reference_point *point,
                       struct error *err)
{
    return store_read_point(local_store(host), path, point, err);
}

static const struct host_ops libvirt_ops = {
    .kind = "libvirt",
    .close = libvirt_close,
    .capabilities = libvirt_capabilities,
    .identify = libvirt_identify,
    .list_machines = libvirt_list_machines,
    .known_machines = known_machines,
    .list_collections = list_collections,
    .list_points = list_points,
    .read_point = read_point,
    .define_collection = libvirt_define_collection,
    .delete_collection = libvirt_delete_collection,
    .set_machine = libvirt_set_machine,
    .start_machine = libvirt_start_machine,
    .machine_definition = local_machine_definition,
    .remove_machine = libvirt_remove_machine,
    .create_point = libvirt_create_point,
    .destroy_point = libvirt_destroy_point,
    .remove_associated_data = libvirt_remove_data,
    .forget_point = local_forget_point,
    .forget_collection = local_forget_collection,
    .adopt_files = local_adopt_files,
    .check_export = libvirt_check_export,
    .export_point = libvirt_export_point,
    .check_store = libvirt_check_store,
};

struct host *libvirt_host_open(const char *name, const char *uri, const char *store, struct error *err)
{
    struct libvirt_host *libvirt = mem_alloc(sizeof *libvirt);
    libvirt->local.base.ops = &libvirt_ops;
    libvirt->name = mem_strdup(name);
    libvirt->connection = connection_new(uri);
    libvirt->local.images_elsewhere = connection_is_remote(libvirt->connection);
    if (store_init(&libvirt->local.store, store, err))
        return &libvirt->local.base;
    libvirt_close(&libvirt->local.base);
    return NULL;
}
