/* Names that people give: of machines, collections, points and disks. Threads: any. */
#ifndef REFPOINT_HOST_STORE_NAME_H
#define REFPOINT_HOST_STORE_NAME_H

#include "core/base/error.h"

#define NAME_LIMIT 255 /* bytes */

/* 32773 for a name that is empty, too long or no UTF-8. kind: "machine". */
bool name_check(const char *name, const char *kind, struct error *err) WARN_UNUSED;

#endif
