/* What an operator must know once a log based point has made two files of an image. Threads: a worker's
 * (looks at the layers' headers). */
#ifndef REFPOINT_HOST_NOTICE_H
#define REFPOINT_HOST_NOTICE_H

#include "core/model/model.h"

/* A sentence, then a line for each disk that was an image of its own before this point; NULL when none was.
 * Escaped; the caller's. */
char *host_freeze_notice(const struct reference_point *point);

#endif
