/* What store.c and points.c share; nobody else includes it. */
#ifndef REFPOINT_HOST_STORE_INTERNAL_H
#define REFPOINT_HOST_STORE_INTERNAL_H

#include "core/base/error.h"
#include "core/host/store/store.h"
#include "core/syntax/cfg.h"

#define STORE_DOMAIN_XML_LIMIT ((size_t)4 << 20)

/* Reads the file of an object. An object that is not there is `unknown` (32773), a broken one keeps path and
 * line in its error. */
bool store_read_cfg(config_t *config, const char *parent, const struct guid *id, const char *file,
                    size_t limit, const char *kind, struct error *err) WARN_UNUSED;
/* The id written in an object must be that of its directory. */
bool store_check_id(const struct guid *written, const struct guid *id, const char *parent, const char *file,
                    struct error *err) WARN_UNUSED;
/* A text file that need not be there: *text is NULL then, else the caller's. */
bool store_read_optional(const char *path, char **text, struct error *err) WARN_UNUSED;

/* Tells a broken record as a finding, and counts it in the list that goes without it. */
void store_leave_out(struct left_out *left_out, struct findings *findings, const struct error *broken);

#endif
