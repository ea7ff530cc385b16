/* Where an import goes: a directory that does not exist yet, or an empty one. Threads: any. */
#ifndef REFPOINT_EXPORT_PACKAGE_IMPORT_PLACE_H
#define REFPOINT_EXPORT_PACKAGE_IMPORT_PLACE_H

#include <stdbool.h>

#include "core/base/error.h"

/* The absolute path that it has or will have, all links resolved; the caller's. */
bool import_place_find(const char *to, char **path, struct error *err) WARN_UNUSED;
/* 32773 with the reason; returns false. */
bool import_place_refuse(struct error *err, const char *to, const char *why);

#endif
