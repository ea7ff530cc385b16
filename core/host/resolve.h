/* From what a person types to ids: "a name when that is unique, else an id or a unique prefix of one;
 * ambiguous: 32773". Works on lists, so on any host. Threads: any. */
#ifndef REFPOINT_HOST_RESOLVE_H
#define REFPOINT_HOST_RESOLVE_H

#include "core/base/error.h"
#include "core/model/model.h"

/* Borrowed from the list; NULL and err (32773, key KIND.unknown or KIND.ambiguous, the candidates in cause)
 * otherwise. A whole id wins (it cannot be shadowed by a name), then an exact name, then a point's time, then
 * a prefix of an id of at least 4 characters, upper or lower case. Each must mean one thing. A time is
 * written as lists do ("2026-09-24 02:00", local, seconds may follow) or as RFC 3339 with an offset; what is
 * left out (seconds, digits of the fraction) matches anything. */
const struct collection *resolve_collection(const struct collection_list *list, const char *text,
                                            struct error *err);
const struct machine *resolve_machine(const struct machine_list *list, const char *text, struct error *err);
const struct reference_point *resolve_point(const struct reference_point_list *list, const char *text,
                                            struct error *err);

#endif
