/* DestroyReferencePoint: the point goes, later states stay as they are. Each layer takes in what its child
 * owns and gets the child's name; where the child is the machine's image, the machine goes on with the
 * layer's file. Destroying the last point leaves one plain file at the image's path. Protocol: design.md.
 * Threads: any; takes the store's lock. Once the journal is written the point is gone; what a crash or a full
 * disk leaves is finished by recovery. */
#ifndef REFPOINT_HOST_LAYERS_CHANGE_DESTROY_H
#define REFPOINT_HOST_LAYERS_CHANGE_DESTROY_H

#include "core/base/error.h"
#include "core/base/watch.h"
#include "core/host/layers/step_hook.h"
#include "core/host/store/store.h"

/* 32774 when a layer or its child is open elsewhere or a running export reads it; 32768 without the space.
 * watch (may be NULL) is told what came back to the file system, and not asked. */
uint32_t destroy_point(const struct store *store, const struct object_path *path,
                       const struct step_hook *hook, struct watch *watch, struct error *err);

#endif
