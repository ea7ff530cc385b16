#include "core/host/local/local.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/layers/change/create.h"
#include "core/host/layers/change/destroy.h"
#include "core/host/layers/change/register.h"
#include "core/host/layers/change/remove_data.h"
#include "core/host/local/internal.h"
#include "core/system/fs.h"

static void local_close(struct host *host)
{
    struct local_host *local = (struct local_host *)host;
    store_clear(&local->store);
    free(local);
}

static const struct host_capabilities *local_capabilities(const struct host *host)
{
    static const struct host_capabilities capabilities = {
        .define_collections = true,
        .add_machines = true,
        .raw_format = true,
        .zstd_compression = true,
        .verify = true,
        .rate_limit = true,
        .local_directory = true,
    };
    (void)host;
    return &capabilities;
}

static char *local_identify(const struct host *host)
{
    const struct local_host *local = (const struct local_host *)host;
    return mem_format("local: %s", local->store.path);
}

static bool local_list_machines(struct host *host, struct machine_list *list, struct error *err)
{
    return store_list_machines(local_store(host), list, NULL, err);
}

static bool local_list_collections(struct host *host, struct collection_list *list, struct error *err)
{
    return store_list_collections(local_store(host), list, NULL, err);
}

static bool local_list_points(struct host *host, const struct guid *collection,
                              struct reference_point_list *list, struct error *err)
{
    return store_list_points(local_store(host), collection, false, list, NULL, err);
}

static bool local_read_point(struct host *host, const struct object_path *path, struct reference_point *point,
                             struct error *err)
{
    return store_read_point(local_store(host), path, point, err);
}

static uint32_t local_create_point(struct host *host, const struct point_request *request,
                                   struct reference_point *made, struct point_remarks *remarks,
                                   struct error *err)
{
    return freeze_create_point(local_store(host), request, NULL, made, remarks, err);
}

static uint32_t local_destroy_point(struct host *host, const struct object_path *path, struct watch *watch,
                                    struct error *err)
{
    uint32_t code = destroy_point(local_store(host), path, NULL, watch, err);
    if (code == 0)
        local_release_files(host);
    return code;
}

static uint32_t local_remove_data(struct host *host, const struct object_path *path, struct watch *watch,
                                  struct error *err)
{
    return remove_data(local_store(host), path, NULL, watch, err);
}

static bool local_check_register(struct host *host, const struct reference_point *point, struct error *err)
{
    return register_check(local_store(host), point, err);
}

static uint32_t local_register_import(struct host *host, const struct imported *imported, struct error *err)
{
    return register_import(local_store(host), imported, NULL, err);
}

static const struct host_ops local_ops = {
    .kind = "local",
    .close = local_close,
    .capabilities = local_capabilities,
    .identify = local_identify,
    .list_machines = local_list_machines,
    .list_collections = local_list_collections,
    .list_points = local_list_points,
    .read_point = local_read_point,
    .define_collection = local_define_collection,
    .delete_collection = local_delete_collection,
    .add_machine = local_add_machine,
    .set_machine = local_set_machine,
    .machine_definition = local_machine_definition,
    .remove_machine = local_remove_machine,
    .create_point = local_create_point,
    .destroy_point = local_destroy_point,
    .remove_associated_data = local_remove_data,
    .forget_point = local_forget_point,
    .forget_collection = local_forget_collection,
    .adopt_files = local_adopt_files,
    .move_machine = local_move_machine,
    .check_export = local_check_export,
    .export_point = local_export_point,
    .check_register = local_check_register,
    .register_import = local_register_import,
    .check_store = local_check_store,
};

struct host *local_host_open(const char *store, struct error *err)
{
    CLEANUP_FREE char *otherwise = store ? NULL : fs_data_home();
    struct local_host *local = mem_alloc(sizeof *local);
    local->base.ops = &local_ops;
    if (store_init(&local->store, store ? store : otherwise, err))
        return &local->base;
    local_close(&local->base);
    return NULL;
}
