/* Dirty bitmaps of two files of a machine that is off, when the lower one takes the upper one in: while the
 * machine runs, QEMU merges them. What a bitmap of the lower file says ends where that file was frozen, and
 * the one of the same name in the upper file goes on from there; together they are what a live export relies
 * on. A bitmap that the upper file does not have, or that nobody closed there, is no longer whole: it is
 * removed, so that nobody believes what is left of it. Threads: one at a time, with both files claimed. */
#ifndef REFPOINT_HOST_LIBVIRT_CHANGE_MERGE_MARKS_H
#define REFPOINT_HOST_LIBVIRT_CHANGE_MERGE_MARKS_H

#include "core/host/layers/qemu_tools.h"

struct marks_file {
    const struct qemu_layer *layer;
    const struct image_info *info;
    const char *path;
};

/* Before the data: the lower file's then mark too much rather than too little, and mark nothing of the merge
 * itself. Repeatable, after a crash as well. A raw lower file can hold none: they go with the upper file. */
bool merge_marks(const struct marks_file *upper, const struct marks_file *lower,
                 struct error *err) WARN_UNUSED;
/* Behind the data: those that marked in the upper file mark in the lower one. Repeatable. */
bool merge_marks_enable(const struct marks_file *upper, const struct marks_file *lower,
                        struct error *err) WARN_UNUSED;

#endif
