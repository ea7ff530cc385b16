/* The log of a job, searchable (the filter narrows it). Read by a worker; r reads it again. */
#ifndef REFPOINT_UI_SCREENS_LOG_LOG_H
#define REFPOINT_UI_SCREENS_LOG_LOG_H

#include "ui/app/screen.h"

/* Told: job. */
struct screen *log_screen_new(const struct screen_argument *argument);

#endif
