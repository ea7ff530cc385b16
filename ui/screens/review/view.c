#include "ui/screens/review/view.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/host/words.h"
#include "ui/draw/cells.h"
#include "ui/screens/form/model/check.h"
#include "ui/screens/form/model/command.h"
#include "ui/screens/form/model/request.h"
#include "ui/screens/form/model/values.h"
#include "ui/screens/form/view_kind.h"
#include "ui/widgets/page_parts.h"

#define LABEL_COLUMNS 11
#define TEXT_ROWS 6
#define COMMAND_ROWS 200   /* it scrolls */
#define KIND_COLUMNS 13    /* "differential " */
#define FIGURES_COLUMNS 40 /* of a disk's row, without "machine/disk" */

static const char *name_of(const struct export_form *form, const struct guid *id, char *time, size_t size)
{
    for (size_t i = 0; i < form->points.count; i++) {
        const struct reference_point *point = &form->points.items[i];
        if (!guid_equal(&point->id, id))
            continue;
        moment_format_list(point->created, false, time, size);
        return point->name && *point->name ? point->name : time;
    }
    return id->text;
}

static void take_others(struct review *review, const struct export_form *form)
{
    struct strbuf names = {0};
    char time[32];
    for (size_t i = 0; i < form->also_count; i++) {
        *ARRAY_APPEND(review->also, review->also_count) = form->also[i];
        strbuf_addf(&names, "%s%s", i > 0 ? ", " : "", name_of(form, &form->also[i], time, sizeof time));
    }
    review->also_names = strbuf_take(&names);
}

void review_from_form(struct review *review, const struct export_form *form)
{
    const struct form_base *base = export_form_base(form);
    bool live = export_form_kind(form) == FORM_LIVE;
    *review = (struct review){.title = mem_strdup(form->of->title),
                              .name = mem_strdup(live ? line_editor_text(&form->name) : form->of->name),
                              .when = mem_strdup(form->of->when),
                              .chain = mem_strdup(form->of->chain),
                              .capabilities = form->capabilities,
                              .machines = export_form_selected_machines(form)};
    if (base)
        review->base = form_base_text(base);
    for (size_t i = 0; base && i < form->needed_count; i++)
        *ARRAY_APPEND(review->needed, review->needed_count) =
            (struct form_needed){.name = mem_strdup(form->needed[i].name),
                                 .path = form->needed[i].path ? mem_strdup(form->needed[i].path) : NULL};
    export_form_command(form, &review->command);
    export_form_request(form, &review->request);
    export_form_capture(form, &review->last);
    export_estimate_copy(&review->estimate, &form->estimate);
    review->leaves_others = live && form->also_count > 0;
    if (!live)
        take_others(review, form);
    if (review->request.options.rate > 0) {
        char size[16];
        size_format(review->request.options.rate, size, sizeof size);
        review->rate = mem_format("%s/s", size);
    }
}

void review_clear(struct review *review)
{
    free(review->title);
    free(review->name);
    free(review->when);
    free(review->chain);
    free(review->base);
    form_needed_clear(&review->needed, &review->needed_count);
    command_line_clear(&review->command);
    free(review->rate);
    free(review->also);
    free(review->also_names);
    export_request_clear(&review->request);
    export_estimate_clear(&review->estimate);
    last_export_clear(&review->last);
    *review = (struct review){0};
}

static void add_kind(struct page *page, const struct review *review)
{
    const struct export_request *request = &review->request;
    page_add_factf(page, "Kind", LABEL_COLUMNS, ROLE_NORMAL, "%s%s%s",
                   request->live ? "live, the machines as they are now, " : "",
                   review->base    ? "differential, since "
                   : request->live ? "in full"
                                   : "full",
                   review->base ? review->base : "");
    if (request->live)
        page_add_factf(page, "Makes", LABEL_COLUMNS, ROLE_NORMAL, "an RCT based point, %s consistent%s",
                       consistency_level_word(request->consistency_level),
                       request->allow_crash ? "; crash where a guest cannot be quiesced" : "");
}

/* What is known of it, said where the decision is taken. */
static void add_base(struct page *page, const struct review *review)
{
    const struct export_options *options = &review->request.options;
    const struct export_base_estimate *base = &review->estimate.base;
    CLEANUP_FREE char *text = words_for_base(base, options->base_check);
    if (review->needed_count == 0)
        page_add_fact(page, "Base", LABEL_COLUMNS, ROLE_NORMAL, review->estimate.base_package);
    form_view_add_needed(page, LABEL_COLUMNS, review->needed, review->needed_count);
    page_add_fact(page, "", LABEL_COLUMNS, base->verified.seconds != 0 ? ROLE_NORMAL : ROLE_WARNING, text);
    if (base->bytes_first > 0)
        page_add_factf(page, "", LABEL_COLUMNS, ROLE_NORMAL, "where it is not what was exported: %s",
                       options->full_if_altered ? "those disks in full" : "the export is refused (32775)");
}

/* Only the first of several has been checked. */
static void add_others(struct page *page, const struct review *review)
{
    if (review->leaves_others)
        page_add_fact(page, "Not in it", LABEL_COLUMNS, ROLE_WARNING,
                      "the other marked points: an export of machines as they are now is one job");
    if (review->also_count == 0)
        return;
    CLEANUP_FREE char *names = text_escape(review->also_names);
    page_add_factf(page, "Also", LABEL_COLUMNS, ROLE_NORMAL, "%s", names);
    page_add_factf(page, "Starts", LABEL_COLUMNS, ROLE_NORMAL,
                   "%zu jobs at once, one a point, all with these settings; the others are checked, their "
                   "space too, when they start",
                   review->also_count + 1);
}

static void add_space(struct page *page, const struct export_estimate *estimate)
{
    char needed[16];
    char available[16];
    size_format(estimate->bytes_needed, needed, sizeof needed);
    size_format(estimate->bytes_available, available, sizeof available);
    page_add_factf(page, "Space", LABEL_COLUMNS, ROLE_NORMAL, "needs at most %s, %s available", needed,
                   available);
}

static size_t label_columns(const struct review *review, int columns, bool ascii)
{
    size_t most = 4;
    for (size_t i = 0; i < review->estimate.disk_count; i++) {
        const struct export_disk_estimate *disk = &review->estimate.disks[i];
        size_t width = cells_width(disk->machine, ascii) + 1 + cells_width(disk->disk, ascii);
        most = width > most ? width : most;
    }
    size_t room = columns > FIGURES_COLUMNS ? (size_t)(columns - FIGURES_COLUMNS) : 1;
    return most < room ? most : room;
}

static void add_disk(struct page *page, const struct export_disk_estimate *disk, size_t columns, bool based)
{
    CLEANUP_FREE char *label = mem_format("%s/%s", disk->machine, disk->disk);
    struct cells_format format = {.columns = columns, .ascii = page->ascii, .cut = CELLS_CUT_MIDDLE};
    CLEANUP_FREE char *fitted = cells_fit(label, &format);
    char written[16];
    char size[16];
    size_format(disk->bytes_data + disk->bytes_zero, written, sizeof written);
    size_format(disk->virtual_size, size, sizeof size);
    bool has_reason = based && !disk->differential && disk->reason;
    int row = page_add_row(page);
    int behind = page_text(page, row, PAGE_MARGIN, ROLE_NORMAL, fitted);
    page_text(page, row, behind + 2, has_reason ? ROLE_WARNING : ROLE_NORMAL,
              disk->differential ? "differential" : "full");
    page_textf(page, row, behind + 2 + KIND_COLUMNS, ROLE_NORMAL, "%9s of %9s", written, size);
    if (has_reason) {
        CLEANUP_FREE char *reason = mem_format("because %s", disk->reason);
        page_wrap(page, LABEL_COLUMNS, TEXT_ROWS, ROLE_DIM, reason);
    }
}

static void add_disks(struct page *page, const struct review *review)
{
    const struct export_estimate *estimate = &review->estimate;
    CLEANUP_FREE char *summary =
        mem_format("%zu machine%s, %zu disk%s", review->machines, review->machines == 1 ? "" : "s",
                   estimate->disk_count, estimate->disk_count == 1 ? "" : "s");
    page_heading(page, "Disks", summary);
    size_t columns = label_columns(review, page->columns, page->ascii);
    int row = page_add_row(page);
    int kind_at = PAGE_MARGIN + (int)columns + 2;
    page_text(page, row, PAGE_MARGIN, ROLE_COLUMN, "DISK");
    page_text(page, row, kind_at, ROLE_COLUMN, "KIND");
    page_textf(page, row, kind_at + KIND_COLUMNS, ROLE_COLUMN, "%9s    %9s", "WRITTEN", "SIZE");
    for (size_t i = 0; i < estimate->disk_count; i++)
        add_disk(page, &estimate->disks[i], columns, review->base != NULL);
}

static void add_options(struct page *page, const struct review *review)
{
    const struct export_options *options = &review->request.options;
    const struct host_capabilities *can = &review->capabilities;
    CLEANUP_STRBUF struct strbuf text = {0};
    strbuf_add(&text, disk_format_word(options->format));
    if (can->zstd_compression && options->format != DISK_FORMAT_RAW)
        strbuf_addf(&text, ", %s",
                    options->compression == COMPRESSION_NONE ? "not compressed"
                                                             : compression_word(options->compression));
    if (can->verify)
        strbuf_add(&text, options->verify ? ", read back and compared" : ", not read back");
    if (can->rate_limit)
        strbuf_addf(&text, ", %s%s", review->rate ? "at most " : "no limit of the rate",
                    review->rate ? review->rate : "");
    page_add_fact(page, "Format", LABEL_COLUMNS, ROLE_NORMAL, text.data);
}

static void add_warnings(struct page *page, const struct review *review)
{
    for (size_t i = 0; i < review->estimate.left_out_count; i++) {
        CLEANUP_FREE char *safe = text_escape(review->estimate.left_out[i]);
        page_add_fact(page, i == 0 ? "Not in it" : "", LABEL_COLUMNS, ROLE_WARNING, safe);
    }
    if (review->estimate.warning)
        page_add_fact(page, "Warning", LABEL_COLUMNS, ROLE_WARNING, review->estimate.warning);
    if (review->capabilities.verify && !review->request.options.verify)
        page_add_fact(
            page, "Warning", LABEL_COLUMNS, ROLE_WARNING,
            "without reading back, the job ends as completed with warnings (32768) and the package says "
            "verified = no");
}

static void add_buttons(struct page *page, const struct review *review, bool starting)
{
    CLEANUP_FREE char *several =
        review->also_count > 0 ? mem_format("Start %zu exports", review->also_count + 1) : NULL;
    int row = page_add_row(page);
    int behind = page_add_button(page, row, PAGE_MARGIN, REVIEW_BACK, "Back", false);
    page_add_button(page, row, behind + 2, REVIEW_START,
                    starting  ? "Starting"
                    : several ? several
                              : "Start the export",
                    starting);
}

static void add_what(struct page *page, const struct review *review)
{
    page_heading(page, "What", "");
    page_add_factf(page, "Point", LABEL_COLUMNS, ROLE_NORMAL, "%s%s%s",
                   *review->name          ? review->name
                   : review->request.live ? "without a name"
                                          : review->title,
                   *review->when ? "   " : "", review->when);
    page_add_fact(page, "Chain", LABEL_COLUMNS, ROLE_NORMAL, review->chain);
    add_kind(page, review);
}

static void add_where(struct page *page, const struct review *review)
{
    page_heading(page, "Where", "");
    page_add_factf(page, "Directory", LABEL_COLUMNS, ROLE_NORMAL, "%s", review->request.directory);
    add_space(page, &review->estimate);
    if (review->estimate.base_package)
        add_base(page, review);
}

void review_view_build(struct review_view *view, const struct review *review, int columns, bool ascii,
                       bool starting)
{
    review_view_clear(view);
    struct page *page = &view->page;
    page->columns = columns;
    page->ascii = ascii;
    if (review->refusal.code != 0)
        page_add_problem(page, PAGE_MARGIN, &review->refusal);
    add_where(page, review);
    add_what(page, review);
    add_others(page, review);
    page_heading(page, "How", "");
    add_options(page, review);
    add_warnings(page, review);
    add_disks(page, review);
    page_add_command(page, COMMAND_ROWS, &review->command);
    view->buttons_row = page->rows;
    add_buttons(page, review, starting);
}

void review_view_clear(struct review_view *view)
{
    page_clear(&view->page);
    view->buttons_row = 0;
}
