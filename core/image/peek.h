/* A first look at a file of which nobody has said what it is: a few bytes, whatever their headers promise.
 * Nothing is decided by it: it finds what has to be asked about. Threads: any. */
#ifndef REFPOINT_IMAGE_PEEK_H
#define REFPOINT_IMAGE_PEEK_H

#include <stdint.h>

/* The backing file's name as a qcow, qcow2 or QED header stores it; NULL: there is none. At most 2 KiB are
 * read. fd: a regular file, position untouched. The caller's. */
char *image_peek_backing(int fd);

/* Of a qcow2 image, 512 bytes to 2 MiB; 0: the file does not begin like one. */
uint32_t image_peek_cluster_size(int fd);

/* What the file begins like: "qcow2", "vmdk", "vhdx" ...; NULL: like nothing that is known here. A guest can
 * write such bytes into its own disk. */
const char *image_peek_format(int fd);

#endif
