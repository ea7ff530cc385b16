/* The log of a job, searchable (the filter narrows it). Read by a worker; r reads it again. */
#ifndef REFPOINT_UI_SCREENS_LOG_SCREEN_H
#define REFPOINT_UI_SCREENS_LOG_SCREEN_H

#include "ui/screen.h"

struct screen *log_screen_new(const struct guid *job);

#endif
