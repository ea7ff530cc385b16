/* The table of all screens; the only place that knows them all. Threads: constant, any. */
#ifndef REFPOINT_UI_SCREENS_SCREENS_H
#define REFPOINT_UI_SCREENS_SCREENS_H

#include "ui/app/screen_table.h"

extern screen_constructor *const screens[SCREEN_COUNT];

#endif
