/* A refusal or failure in place, where what failed would have been: number and sentence, cause, next step.
 * Threads: any; no curses. */
#ifndef REFPOINT_UI_WIDGETS_PROBLEM_H
#define REFPOINT_UI_WIDGETS_PROBLEM_H

#include "core/base/error.h"
#include "core/base/return_code.h"
#include "ui/draw/canvas.h"

/* Paints from `row` down; returns the rows taken. */
int problem_paint(const struct canvas *canvas, int row, enum service_method method, const struct error *err);

#endif
