/* What of remove_data.c others in change/ use. */
#ifndef REFPOINT_HOST_LIBVIRT_CHANGE_REMOVE_DATA_H
#define REFPOINT_HOST_LIBVIRT_CHANGE_REMOVE_DATA_H

#include "core/host/layers/placement.h"
#include "core/host/libvirt/change/live.h"
#include "core/host/store/findings.h"

/* The layer's clusters that its child owns; nothing where it has none. */
bool live_punch_disk(const struct placed_disk *placed, struct watch *watch, struct error *err) WARN_UNUSED;
bool live_remove_data_recover(const struct live *live, const struct object_path *path,
                              struct findings *findings, struct error *err) WARN_UNUSED;

#endif
