#include "ui/screens/browse/offers.h"

#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/widgets/command_line.h"

#define INDENT 2 /* of a command */
#define COMMAND_ROWS 6

/* A sentence and the command for it, so that it can be copied off the screen line by line. words end with
 * NULL; offers NULL: it has nothing to do with this host. Returns the rows it took. */
static int command(const struct canvas *body, int row, const char *what, const struct browse_offers *offers,
                   const char *const *words)
{
    struct command_line line = {0};
    char **lines = NULL;
    size_t count = 0;
    int columns = body->columns > INDENT ? body->columns - INDENT : 1;
    if (offers)
        command_line_begin(&line, offers->host_option, offers->store_option, offers->config_option);
    else
        command_line_begin(&line, NULL, NULL, NULL);
    for (; *words; words++)
        command_line_add(&line, *words);
    command_line_wrap(&line, (size_t)columns, COMMAND_ROWS, canvas_is_ascii(body), &lines, &count);
    int rows = canvas_wrap(body, row, 0, 2, body->columns, ROLE_DIM, what);
    for (size_t i = 0; i < count; i++)
        canvas_text(body, row + rows++, INDENT, ROLE_INFO, lines[i]);
    cells_free_lines(lines, count);
    command_line_clear(&line);
    return rows;
}

static const char *what_there_is(const struct browse_offers *offers)
{
    if (offers->machines > 0)
        return "There are machines here, but no collection of them yet.";
    if (offers->adds_machines)
        return "There are no machines and no collections here yet.";
    return "This host has no machines yet. Define some with virsh or virt-manager.";
}

struct offer {
    const char *key; /* NULL: it is not offered */
    const char *text;
};

/* The key, and what it begins. */
static int paint_offer(const struct canvas *body, int row, int column, const struct offer *offer)
{
    if (!offer->key)
        return 0;
    canvas_text(body, row, INDENT, ROLE_KEY, *offer->key ? offer->key : "-");
    return canvas_wrap(body, row, column, 3, body->columns - column, ROLE_NORMAL, offer->text);
}

static int paint_offers(const struct canvas *body, int row, const struct offer *items, size_t count)
{
    size_t most = 1;
    int at = row;
    for (size_t i = 0; i < count; i++) {
        size_t width = items[i].key ? cells_width(items[i].key, canvas_is_ascii(body)) : 0;
        most = width > most ? width : most;
    }
    for (size_t i = 0; i < count; i++)
        at += paint_offer(body, at, INDENT + (int)most + 2, &items[i]);
    return at - row;
}

int browse_paint_empty(const struct canvas *body, int row, const struct browse_offers *offers)
{
    bool first = offers->machines == 0 && offers->adds_machines;
    const struct offer items[] = {
        {first ? offers->machines_key : NULL, "Add a machine: its disks' images, or its libvirt definition"},
        {offers->machines > 0 ? offers->define_key : NULL,
         "Define a collection: machines whose points belong together"},
        {offers->machines > 0 ? offers->machines_key : NULL, "Look at the machines"},
        {offers->daemon_key, "Work with the machines of the libvirt daemon that runs on this machine"},
        {offers->adds_machines ? offers->demo_key : NULL,
         "Try everything: a small store with real disk images is made"},
        {offers->store_key, "Open another store"},
    };
    int at = row;
    at += canvas_wrap(body, at, 0, 2, body->columns, ROLE_NORMAL, what_there_is(offers));
    at++;
    at += paint_offers(body, at, items, ARRAY_LENGTH(items));
    return at - row;
}

void browse_paint_no_points(const struct canvas *list, const struct browse_offers *offers,
                            const char *collection)
{
    const char *const create[] = {"point", "create", collection, NULL};
    int row = canvas_wrap(list, 0, 0, 2, list->columns, ROLE_NORMAL, "No points yet.");
    CLEANUP_FREE char *how =
        mem_format("Press %s to create one%s or:", offers->create_key,
                   offers->machines_run ? " (its machines may run)," : " (while its machines are off),");
    row += command(list, row, how, offers, create);
    if (!offers->export_key)
        return;
    CLEANUP_FREE char *now =
        mem_format("Or press %s to export the running machines as they are now.", offers->export_key);
    canvas_wrap(list, row, 0, 3, list->columns, ROLE_DIM, now);
}
