/* What changes the disks of machines that may run: points made, destroyed, and relieved of their data.
 *
 * As the local host's (layers/freeze, layers/change), with a journal that is written before anything is
 * touched; see libvirt.h for how files are called. Under the store's lock, after recovery. Threads: the
 * caller's. */
#ifndef REFPOINT_HOST_LIBVIRT_CHANGE_LIVE_H
#define REFPOINT_HOST_LIBVIRT_CHANGE_LIVE_H

#include "core/base/error.h"
#include "core/base/watch.h"
#include "core/host/libvirt/connection/connection.h"
#include "core/host/store/store.h"
#include "core/model/model.h"

struct live {
    const struct store *store;
    struct connection *connection;
    virConnectPtr connect; /* taken from it */
};

uint32_t live_create_point(const struct live *live, const struct point_request *request,
                           struct reference_point *made, struct point_remarks *remarks, struct error *err);
/* watch may be NULL; ended by it, the point is gone and recovery goes on with the merging. */
uint32_t live_destroy_point(const struct live *live, const struct object_path *path, struct watch *watch,
                            struct error *err);
uint32_t live_remove_data(const struct live *live, const struct object_path *path, struct watch *watch,
                          struct error *err);

#endif
