/* Step 2 of 3: what the export will do, before it does it. The focus begins on Back, so that Enter pressed
 * twice in the form starts nothing; a refusal of the start is shown here and nothing is lost. Threads: the
 * one that owns curses. */
#ifndef REFPOINT_UI_SCREENS_REVIEW_REVIEW_H
#define REFPOINT_UI_SCREENS_REVIEW_REVIEW_H

#include "ui/app/screen.h"

/* Told: form, which is ready; copied. */
struct screen *review_screen_new(const struct screen_argument *argument);

#endif
