/* What the files of the store share; nobody else includes it. */
#ifndef REFPOINT_HOST_STORE_INTERNAL_H
#define REFPOINT_HOST_STORE_INTERNAL_H

#include "core/base/error.h"
#include "core/host/store/object.h"
#include "core/host/store/store.h"
#include "core/syntax/cfg.h"

#define STORE_DOMAIN_XML_LIMIT ((size_t)4 << 20)
#define STORE_DIRECTORY_MODE 0700
#define STORE_FILE_MODE 0600

/* link: relative to the store. Returns false. */
bool store_refuse_link(const struct store *store, const char *link, struct error *err);
/* Reads the file of an object. An object that is not there is `unknown` (32773), a broken one keeps path and
 * line in its error. */
bool store_read_cfg(config_t *config, const struct store_object *object, const char *file, size_t limit,
                    const char *kind, struct error *err) WARN_UNUSED;
/* Puts the path of its file in front of an error. Returns false. */
bool store_blame(const struct store_object *object, const char *file, struct error *err);
/* The id written in an object must be that of its directory. */
bool store_check_id(const struct store_object *object, const struct guid *written, const char *file,
                    struct error *err) WARN_UNUSED;
/* A text file that need not be there: *text is NULL then, else the caller's. */
bool store_read_optional(const struct store_object *object, const char *file, char **text,
                         struct error *err) WARN_UNUSED;

/* Where the points of a collection are, relative to the store; the caller's. */
char *store_points_of(const struct guid *collection);

/* Tells a broken record (its file in the object's directory) as a finding, and keeps it as damaged. One that
 * has gone meanwhile is passed over. */
void store_leave_out(const struct store_object *object, const char *file, size_t limit,
                     struct left_out *left_out, struct findings *findings, const struct error *broken);
/* For whoever asked for this one record and cannot have it: that it is damaged, and who tells more. Returns
 * false. */
bool store_tell_damaged(const struct store_object *object, struct error *err);

#endif
