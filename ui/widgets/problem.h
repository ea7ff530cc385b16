/* A refusal or failure in place, where what failed would have been: "! what: cause (32773 Invalid parameter)"
 * and, beneath, the next step. One sentence for people first, everywhere; the contract's number behind it,
 * for whoever looks it up. Threads: any; no curses. */
#ifndef REFPOINT_UI_WIDGETS_PROBLEM_H
#define REFPOINT_UI_WIDGETS_PROBLEM_H

#include "core/base/error.h"
#include "core/base/return_code.h"
#include "ui/draw/canvas.h"

/* The sentence with its number, without the next step; the caller's. */
char *problem_sentence(enum service_method method, const struct error *err);
/* Paints from `row` down; returns the rows taken. */
int problem_paint(const struct canvas *canvas, int row, enum service_method method, const struct error *err);

#endif
