/* The libvirt host's operations, by theme; libvirt.c makes the table of them. */
#ifndef REFPOINT_HOST_LIBVIRT_INTERNAL_H
#define REFPOINT_HOST_LIBVIRT_INTERNAL_H

#include "core/host/libvirt/connection/connection.h"
#include "core/host/libvirt/connection/domain.h"
#include "core/host/local/internal.h"

struct libvirt_host {
    struct local_host local; /* first: a struct host * is a struct libvirt_host *, and a local one */
    char *name;
    struct connection *connection;
};

static inline struct connection *libvirt_connection(struct host *host)
{
    return ((struct libvirt_host *)host)->connection;
}

/* machines.c */
/* Images of another machine cannot be frozen from here: 32770. */
bool libvirt_check_here(struct host *host, struct error *err);
bool libvirt_list_machines(struct host *host, struct machine_list *list, struct error *err);
bool libvirt_define_collection(struct host *host, const char *name, const struct guid *members,
                               size_t member_count, struct collection *made, struct error *err);
bool libvirt_start_machine(struct host *host, const char *definition, struct error *err);
bool libvirt_set_machine(struct host *host, struct machine *machine, struct error *err);

/* points.c */
uint32_t libvirt_create_point(struct host *host, const struct point_request *request,
                              struct reference_point *made, struct point_remarks *remarks, struct error *err);
uint32_t libvirt_destroy_point(struct host *host, const struct object_path *path, struct watch *watch,
                               struct error *err);
uint32_t libvirt_remove_data(struct host *host, const struct object_path *path, struct watch *watch,
                             struct error *err);
uint32_t libvirt_check_export(struct host *host, const struct export_request *request,
                              struct export_estimate *estimate, struct error *err);
uint32_t libvirt_export_point(struct host *host, const struct export_request *request, struct job *job,
                              struct export_result *result, struct error *err);
bool libvirt_delete_collection(struct host *host, const struct guid *id, struct error *err);
bool libvirt_remove_machine(struct host *host, const struct guid *id, struct error *err);
bool libvirt_check_store(struct host *host, bool deep, struct watch *watch, struct store_report *report,
                         struct error *err);

#endif
