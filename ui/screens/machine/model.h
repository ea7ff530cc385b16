/* A machine that is added or changed: the values of the form, what is still in the way, what they ask of the
 * host, and the command that does the same. Pure. Ownership: machine_form_clear. Threads: one at a time. */
#ifndef REFPOINT_UI_SCREENS_MACHINE_MODEL_H
#define REFPOINT_UI_SCREENS_MACHINE_MODEL_H

#include "core/base/error.h"
#include "core/model/model.h"
#include "ui/screens/files/look.h"
#include "ui/widgets/command_line.h"
#include "ui/widgets/line_editor.h"

enum machine_field {
    MACHINE_WAY,  /* by hand, or from a definition */
    MACHINE_FILE, /* of the definition */
    MACHINE_FILE_CHOOSE,
    MACHINE_NAME,
    MACHINE_CPUS,
    MACHINE_MEMORY,
    MACHINE_DISK_ID, /* of a disk: the focus' first number */
    MACHINE_DISK_PATH,
    MACHINE_DISK_CHOOSE,
    MACHINE_DISK_FORMAT,
    MACHINE_DISK_CONTENT, /* a raw file that begins like an image is what the guest's disk holds */
    MACHINE_BACKING_PATH, /* of a disk, and there the focus' second number */
    MACHINE_BACKING_FORMAT,
    MACHINE_DISK_DROP,
    MACHINE_DISK_ADD,
    MACHINE_BACK,
    MACHINE_START
};

struct backing_form {
    struct line_editor path;
    bool raw;
};

struct disk_form {
    bool given; /* by the definition: only what is beneath it is asked for */
    struct line_editor id;
    struct line_editor path;
    bool raw;
    bool format_chosen; /* by the operator: what is seen proposes nothing any more */
    bool content;
    struct backing_form *backing; /* nearest first */
    size_t backing_count;
    bool backing_edited;
    struct file_look look; /* what was seen; its path tells of which */
};

struct machine_form {
    bool change;            /* of a machine that there is: */
    struct machine machine; /* as it is */
    bool by_definition;
    struct line_editor file;
    struct line_editor name;
    struct line_editor cpus;
    struct line_editor memory;
    struct disk_form *disks; /* new ones */
    size_t disk_count;
    struct disk_form *other_disks; /* of the other way, for who comes back to it */
    size_t other_count;
    /* What the definition says, once it was read; file_read: of which file. */
    char *file_read;
    char *definition; /* its text; NULL: it is none */
    struct machine defined;
    struct error file_err;
    bool touched;
    struct command_line start; /* of the command: "refpoint machine add" */
};

void machine_form_clear(struct machine_form *form);
/* The form of this machine, or (NULL) of a new one, which begins with a disk. */
void machine_form_begin(struct machine_form *form, const struct machine *machine);
void machine_form_turn(struct machine_form *form);     /* to the other way: by hand, or from a definition */
void machine_form_add_disk(struct machine_form *form); /* called as the next one is: vda, vdb ... */
void machine_form_drop_disk(struct machine_form *form, size_t disk);
/* Takes what was seen of a disk's image, and proposes its format and what it is based on. */
void machine_form_seen(struct disk_form *disk, struct file_look *look);
/* Whether what was seen is of the path that is in the field. */
bool machine_form_is_seen(const struct disk_form *disk);
/* Takes what was read of a definition and of its disks' images (count of them): which backing files must be
 * named beside it. err: why it could not be read. */
void machine_form_defined(struct machine_form *form, const char *file, char *text, struct machine *defined,
                          struct file_look *looks, const struct error *err);

/* The editor behind a field; NULL: it is none. */
struct line_editor *machine_form_editor(struct machine_form *form, enum machine_field field, size_t first,
                                        size_t second);
/* What is wrong with a field, a sentence without its full stop; NULL: nothing. The caller's. */
char *machine_form_problem(const struct machine_form *form, enum machine_field field, size_t first,
                           size_t second);
struct machine_place {
    enum machine_field field;
    size_t first;
    size_t second;
};
/* What is in the way, for the button, and where; NULL: nothing. The caller's. */
char *machine_form_missing(const struct machine_form *form, struct machine_place *place);
/* What is asked of add_machine or set_machine; the caller's. */
void machine_form_request(const struct machine_form *form, struct machine *machine);
void machine_form_command(const struct machine_form *form, struct command_line *line);

#endif
