/* The export form without a screen: what is filled in. How it is made: make.h; taken over and captured:
 * values.h; what is wrong with it: check.h; what it asks for: request.h, command.h.
 *
 * Every change of a value moves `revision` on, so that results of checks, which a worker makes (the host may
 * be slow), are taken only for exactly what they were made for.
 *
 * Ownership: make.h. Threads: one at a time. Units: bytes. */
#ifndef REFPOINT_UI_SCREENS_FORM_MODEL_FORM_H
#define REFPOINT_UI_SCREENS_FORM_MODEL_FORM_H

#include "core/host/host.h"
#include "ui/app/data/last_export.h"
#include "ui/widgets/command_line.h"
#include "ui/widgets/line_editor.h"

/* In the order of the screen; the fields that can be in the way come in the order in which they are named. */
enum form_field {
    FORM_DIRECTORY,
    FORM_CREATE, /* the button that makes the missing directory */
    FORM_KIND,
    FORM_BASE,
    FORM_BASE_DIRECTORY, /* where else the base's package is looked for */
    FORM_BASE_CHECK,     /* whether its packages are verified first */
    FORM_ALTERED,        /* full where they are not what was exported */
    FORM_NAME,           /* of the point that a live export makes; so are the next two */
    FORM_CONSISTENCY,
    FORM_ALLOW_CRASH,
    FORM_INCLUDE,
    FORM_FORMAT,
    FORM_COMPRESSION,
    FORM_VERIFY,
    FORM_RATE,
    FORM_BELL,
    FORM_BACK,
    FORM_LAST,
    FORM_REVIEW, /* also where a problem is shown that belongs to no field */
    FORM_FIELD_COUNT
};
const char *form_field_label(enum form_field field); /* "Directory" */

enum form_kind { /* in the order of the screen */
                 FORM_DIFFERENTIAL,
                 FORM_FULL,
                 FORM_LIVE, /* of the machines as they are now: a point is made by it */
                 FORM_KIND_COUNT
};
const char *form_kind_word(enum form_kind kind); /* "full" */

struct form_disk {
    struct guid uuid; /* none: the host has not given it one yet */
    char *id;
    uint64_t virtual_size;
    bool selected;
};

struct form_machine {
    struct guid id;
    char *name;
    char *word;        /* on the command line: its name where that is unique, else its id */
    const char *state; /* what it did at the point, or does now; NULL: nobody knows */
    struct form_disk *disks;
    size_t disk_count;
    bool selected; /* of a machine without disks; otherwise its disks say */
};

struct form_base {  /* a point of the collection, newest first */
    struct guid id; /* none: "in full", which a live export has before all others */
    char *name;
    struct moment created;
    uint32_t type;
    bool has_associated_log;
};

/* "2026-09-23 02:00 +02:00, log based"; the caller's. */
char *form_base_when(const struct form_base *base);
/* The same behind its name; unescaped; the caller's. */
char *form_base_text(const struct form_base *base);

struct form_needed { /* a package that a differential one would stand on */
    char *name;      /* of its point */
    char *path;      /* NULL: it is not there */
};

enum form_tick { FORM_TICK_NONE, FORM_TICK_PARTIAL, FORM_TICK_ALL };

struct form_check {     /* of one revision */
    uint64_t asked;     /* revision that a worker is busy with or has answered; 0 = none yet */
    uint64_t answered;  /* revision of the answer below; 0 = none yet */
    struct error error; /* code 0 = fine */
};

/* What can be exported: the point that the form was opened for, or the machines as they are now. Each has its
 * machines, its bases and what is chosen among them. */
struct form_subject {
    char *title;                       /* "web-prod @ tuesday", "web-prod @ now" */
    char *name;                        /* of the point; may be "" */
    char *when;                        /* "2026-09-24 02:00 +02:00 (3 h ago)"; of now: "" */
    char *chain;                       /* its place among the points (chain.h) */
    struct command_line command_start; /* refpoint export web-prod 2026-09-24T02:00+02:00 */
    struct form_base *bases;
    size_t base_count;
    size_t base; /* index; of a point meaningful when differential */
    struct form_machine *machines;
    size_t machine_count;
};

struct export_form {
    struct object_path point; /* without a point: of the machines as they are now alone */
    struct form_subject of_point;
    struct form_subject of_now;
    struct form_subject *of; /* the one of the two that is to be exported */
    struct reference_point_list
        points; /* all of the collection: ids, names and times, for the command line */

    /* What is filled in; change it with the functions below. */
    struct line_editor directory;
    struct line_editor base_directory;
    struct line_editor rate;
    struct line_editor name; /* of the new point; this and the next two: live */
    bool application;        /* consistent; else crash consistent */
    bool allow_crash;
    enum disk_format format;
    enum compression compression;
    bool differential; /* of a point */
    bool verify;
    enum base_check base_check;
    bool full_if_altered;
    bool bell;

    struct guid *also; /* points that are exported with the same settings, each by a job of its own */
    size_t also_count;

    bool can_undo;
    bool proposed;          /* the directory is: nobody has said so, and what is typed takes its place */
    bool directory_touched; /* an empty field is no error before anyone was there */
    struct host_capabilities capabilities;
    struct last_export last;   /* what was started last; collection id none: nothing was yet */
    struct last_export before; /* what "Last settings" replaced, while can_undo */

    uint64_t revision;           /* of everything that the host is asked about; from 1 */
    uint64_t directory_revision; /* of the directory alone; from 1 */
    uint64_t available;          /* bytes free in the directory, with a good directory_check */
    struct form_check directory_check;
    struct form_check check;
    struct export_estimate estimate; /* with a good check */
    struct form_needed *needed;      /* with any check, where there is a base: the nearest first */
    size_t needed_count;
};

/* Copied. */
void export_form_take_also(struct export_form *form, const struct guid *also, size_t count);

/* Is there such a field on this host, with these values? (Raw has no compression, full no base ...) */
bool export_form_shows(const struct export_form *form, enum form_field field);
enum form_kind export_form_kind(const struct export_form *form);
/* Is there such an export: an older point to be the base, a point at all, a host that knows running machines?
 */
bool export_form_offers(const struct export_form *form, enum form_kind kind);
void export_form_choose_kind(struct export_form *form, enum form_kind kind); /* one that is offered */
/* NULL: everything in full. */
const struct form_base *export_form_base(const struct export_form *form);
/* A directory, where nobody has said one. */
void export_form_propose(struct export_form *form, const char *directory);
/* Before a line editor of the form is given a key; types: it is text. */
void export_form_before_key(struct export_form *form, enum form_field field, bool types);
/* After a line editor of the form was changed by keys: the field it belongs to. */
void export_form_edited(struct export_form *form, enum form_field field);
/* Flips a field with two values, goes on to the next kind; false where there is no other. */
bool export_form_toggle(struct export_form *form, enum form_field field);
void export_form_choose_base(struct export_form *form, size_t base);
bool export_form_choose_base_check(struct export_form *form,
                                   int check); /* false: there is none of that number */
void export_form_toggle_machine(struct export_form *form, size_t machine);
void export_form_toggle_disk(struct export_form *form, size_t machine, size_t disk);
bool export_form_everything_selected(const struct export_form *form);
void export_form_toggle_all(struct export_form *form); /* everything; nothing where it was everything */
enum form_tick export_form_machine_tick(const struct export_form *form, size_t machine);
size_t export_form_selected_machines(const struct export_form *form);
size_t export_form_selected_disks(const struct export_form *form, uint64_t *virtual_size);
/* A field that names a directory of this host, as a shell takes what is typed: ~/ is the home directory. The
 * caller's. */
char *export_form_path(const struct export_form *form, const struct line_editor *field);
/* Bytes per second; false: what is typed is no rate. */
bool export_form_rate(const struct export_form *form, uint64_t *rate);
/* By the answer to the last check of it; it can be made. */
bool export_form_directory_is_missing(const struct export_form *form);

#endif
