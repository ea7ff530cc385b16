#include "ui/jobs/disks.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/draw/parts.h"
#include "ui/draw/signs.h"
#include "ui/jobs/text.h"

#define NAME_AT 1 /* behind the mark of the row */
#define NAME_LEAST 12
#define KIND_COLUMNS 12
#define STATE_COLUMNS 12 /* with its sign */
#define SIZE_COLUMNS 10
#define BAR_LEAST 10
#define BAR_MOST 48
#define GAP 2
#define MARGIN 1

struct columns { /* 0 columns: not there */
    int name;
    int kind_at;
    int kind;
    int state_at;
    int bar_at;
    int bar;
    int size_at;
};

static char *name_of(const struct job_disk *disk)
{
    return mem_format("%s/%s", disk->machine, disk->disk);
}

static int longest_name(const struct job_snapshot *job, bool ascii)
{
    size_t most = NAME_LEAST;
    for (size_t i = 0; i < job->disk_count; i++) {
        CLEANUP_FREE char *name = name_of(&job->disks[i]);
        size_t columns = cells_width(name, ascii);
        most = columns > most ? columns : most;
    }
    return most > 120 ? 120 : (int)most;
}

/* Names are cut last: before that the bar goes, then the kind. */
static struct columns columns_of(const struct canvas *canvas, const struct job_snapshot *job)
{
    int longest = longest_name(job, canvas_is_ascii(canvas));
    int room = canvas->columns - NAME_AT - STATE_COLUMNS - SIZE_COLUMNS - 2 * GAP - MARGIN;
    struct columns columns = {.name = longest, .kind = KIND_COLUMNS};
    if (longest + GAP + KIND_COLUMNS > room)
        columns.kind = 0;
    else
        room -= GAP + KIND_COLUMNS;
    if (longest > room)
        columns.name = room > 0 ? room : 0;
    room -= columns.name + GAP;
    columns.bar = room >= BAR_LEAST ? room : 0;
    columns.bar = columns.bar > BAR_MOST ? BAR_MOST : columns.bar;
    columns.kind_at = NAME_AT + columns.name + GAP;
    columns.state_at = columns.kind_at + (columns.kind > 0 ? columns.kind + GAP : 0);
    columns.bar_at = columns.state_at + STATE_COLUMNS + GAP;
    columns.size_at = columns.bar_at + (columns.bar > 0 ? columns.bar + GAP : 0);
    return columns;
}

bool job_disk_is_active(const struct job_disk *disk)
{
    return disk->state == JOB_DISK_COPYING || disk->state == JOB_DISK_VERIFYING;
}

void job_disks_paint_titles(const struct canvas *canvas, int row, const struct job_snapshot *job)
{
    struct columns columns = columns_of(canvas, job);
    canvas_field(canvas, row, NAME_AT, columns.name, ROLE_COLUMN, "DISK");
    canvas_field(canvas, row, columns.kind_at, columns.kind, ROLE_COLUMN, "KIND");
    canvas_field(canvas, row, columns.state_at, STATE_COLUMNS, ROLE_COLUMN, "STATE");
    canvas_field_right(canvas, row, columns.size_at, SIZE_COLUMNS, ROLE_COLUMN, "SIZE");
}

static enum theme_role role_of(enum sign sign)
{
    static const enum theme_role roles[SIGN_NONE + 1] = {
        [SIGN_GOOD] = ROLE_SUCCESS,      [SIGN_RUNNING] = ROLE_JOB_RUNNING,
        [SIGN_PAUSED] = ROLE_JOB_PAUSED, [SIGN_WARNING] = ROLE_WARNING,
        [SIGN_BAD] = ROLE_ERROR,         [SIGN_INTERRUPTED] = ROLE_JOB_PAUSED,
        [SIGN_ABSENT] = ROLE_DIM,        [SIGN_NONE] = ROLE_DIM,
    };
    return roles[sign];
}

/* Why it is in full, as long as there is no progress to be shown. */
static void paint_bar(const struct canvas *canvas, int row, int column, int columns,
                      const struct job_disk *disk, enum theme_role role)
{
    unsigned percent = job_text_disk_percent(disk);
    if (*disk->reason && !job_disk_is_active(disk))
        canvas_field(canvas, row, column, columns, ROLE_WARNING, disk->reason);
    else
        part_bar(canvas, row, column, columns, percent,
                 role == ROLE_SUCCESS || role == ROLE_DIM ? ROLE_PROGRESS_DONE : role);
}

static void paint_disk(const struct canvas *canvas, int row, const struct columns *columns,
                       const struct job_snapshot *job, const struct job_disk *disk)
{
    char size[32];
    size_format(disk->bytes_total, size, sizeof size);
    CLEANUP_FREE char *name = name_of(disk);
    struct job_disk_words words = job_text_disk(job, disk);
    enum theme_role role = role_of(words.sign);
    canvas_text(canvas, row, 0, ROLE_NORMAL, job_disk_is_active(disk) ? ">" : " ");
    canvas_field(canvas, row, NAME_AT, columns->name, ROLE_NORMAL, name);
    canvas_field(canvas, row, columns->kind_at, columns->kind, ROLE_DIM, disk->kind);
    canvas_text(canvas, row, columns->state_at, role, sign_mark(canvas, words.sign));
    canvas_field(canvas, row, columns->state_at + 2, STATE_COLUMNS - 2, role, words.word);
    if (columns->bar > 0)
        paint_bar(canvas, row, columns->bar_at, columns->bar, disk, role);
    part_number(canvas, row, columns->size_at, SIZE_COLUMNS, ROLE_NORMAL, size);
}

void job_disks_paint(const struct canvas *canvas, int row, int rows, const struct job_snapshot *job,
                     size_t top)
{
    struct columns columns = columns_of(canvas, job);
    for (int i = 0; i < rows && top + (size_t)i < job->disk_count; i++)
        paint_disk(canvas, row + i, &columns, job, &job->disks[top + (size_t)i]);
}
