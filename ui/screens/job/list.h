/* All jobs, newest first: running, finished, failed, interrupted. Enter opens one. */
#ifndef REFPOINT_UI_SCREENS_JOB_LIST_H
#define REFPOINT_UI_SCREENS_JOB_LIST_H

#include "ui/app/screen.h"

/* Told: nothing. */
struct screen *job_list_screen_new(const struct screen_argument *argument);

#endif
