/* One job: live while it runs, its outcome afterwards. Esc goes back while the job goes on. */
#ifndef REFPOINT_UI_SCREENS_JOB_JOB_H
#define REFPOINT_UI_SCREENS_JOB_JOB_H

#include "ui/app/screen.h"

/* Told: job. */
struct screen *job_screen_new(const struct screen_argument *argument);

#endif
