/* Points that are RCT based: nothing is frozen, QEMU marks what is written from the instant on. Such a point
 * is the base of a later export; it can itself be exported only while it is made, as an export of running
 * machines (struct export_request, live). Threads: the caller's, which must outlive the call. */
#ifndef REFPOINT_HOST_LIBVIRT_RCT_RCT_H
#define REFPOINT_HOST_LIBVIRT_RCT_RCT_H

#include "core/base/error.h"
#include "core/export/export.h"
#include "core/host/libvirt/change/live.h"
#include "core/host/store/findings.h"
#include "core/syntax/cfg.h"

/* Refusals, and what it would do, by what QEMU has marked. Under the store's lock, after recovery. */
uint32_t rct_check_export(const struct live *live, const struct export_request *request,
                          struct export_estimate *estimate, struct error *err);
/* Everything up to the instant, under the store's lock, which the caller lets go afterwards. */
struct rct_export;
struct rct_export *rct_export_begin(const struct live *live, const struct export_request *request,
                                    struct job *job, struct error *err);
/* The copy; without the lock. */
uint32_t rct_export_run(struct rct_export *export, struct job *job, struct export_result *result,
                        struct error *err);
/* Ends the backup; with a package the point is recorded, otherwise there is none. Under the lock again. */
bool rct_export_end(struct rct_export *export, bool exported, struct error *err) WARN_UNUSED;
void rct_export_free(struct rct_export *export);

/* A point alone, to be a base. Under the lock, after recovery. */
uint32_t rct_create_point(const struct live *live, const struct point_request *request,
                          struct reference_point *made, struct error *err);
uint32_t rct_destroy_point(const struct live *live, const struct reference_point *point, struct error *err);

/* What a crash left: the backup is ended, and there is no point. An export that runs is left alone. */
bool rct_recover(const struct live *live, const config_setting_t *root, struct findings *findings,
                 struct error *err) WARN_UNUSED;

#endif
