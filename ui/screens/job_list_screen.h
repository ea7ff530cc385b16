/* All jobs, newest first: running, finished, failed, interrupted. Enter opens one. */
#ifndef REFPOINT_UI_SCREENS_JOB_LIST_SCREEN_H
#define REFPOINT_UI_SCREENS_JOB_LIST_SCREEN_H

#include "ui/screen.h"

extern const struct screen_ops job_list_screen_ops;
struct screen *job_list_screen_new(void);

#endif
