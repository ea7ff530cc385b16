/* How the files are called that we put beside an image, and how they are told apart from images: this place
 * alone says it.
 *
 *   STEM.refpoint-HEX.qcow2       a frozen layer (.raw where it is a raw image)
 *   STEM.refpoint-new-HEX.qcow2   what has not its final name yet
 *   .refpoint-HEX, .refpoint-new-HEX   the same two, as earlier versions called them
 *
 * HEX is 32 hexadecimal digits. STEM is the image's own name without its ending, so that a listing shows what
 * belongs together. The ending and the missing dot in front are for AppArmor's helper of libvirt (Debian,
 * Ubuntu), which lets a machine read images outside libvirt's own directories only when they are called like
 * images, and none that are hidden in a home. No colon: what stands before one in an image's header is read
 * as a protocol. Threads: any. */
#ifndef REFPOINT_IMAGE_LAYER_NAME_H
#define REFPOINT_IMAGE_LAYER_NAME_H

#include "core/model/model.h"

enum layer_name_kind { LAYER_NAME_NONE, LAYER_NAME_LAYER, LAYER_NAME_TEMPORARY };

/* Of a name or of a path's last part; NONE: it is none of ours. */
enum layer_name_kind layer_name_kind(const char *path);

/* A new name (without directory) for a file beside `image`, a path or name, which may itself be a layer. It
 * fits into NAME_MAX. The caller's. */
char *layer_name_make(const char *image, enum layer_name_kind kind, enum disk_format format);

#endif
