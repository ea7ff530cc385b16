/* One point of running machines, from its plan and its journal. For change/ and recovery. */
#ifndef REFPOINT_HOST_LIBVIRT_CHANGE_CREATE_H
#define REFPOINT_HOST_LIBVIRT_CHANGE_CREATE_H

#include "core/host/layers/freeze/freeze_work.h"
#include "core/host/libvirt/change/live.h"
#include "core/host/store/findings.h"

/* The point is certain: definitions, layers, records, end of the journal. Repeatable. */
bool create_finish(const struct live *live, struct freeze_work *work, struct error *err) WARN_UNUSED;
/* There will be no point: every disk goes on with its image, which takes in what was written meanwhile.
 * Repeatable; ends the journal. */
bool create_take_back(const struct live *live, struct freeze_work *work, bool after_crash,
                      struct error *err) WARN_UNUSED;
bool create_recover(const struct live *live, const config_setting_t *root, struct findings *findings,
                    struct error *err) WARN_UNUSED;

#endif
