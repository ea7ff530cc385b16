#include "core/cli/nouns/disk_args.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/cli/line/path.h"

struct disk_words {
    char *id;
    enum disk_format format;
    const char *path; /* borrowed */
};

static bool split(const char *option, const char *text, struct disk_words *words, struct error *err)
{
    const char *equals = strchr(text, '=');
    const char *colon = equals ? strchr(equals, ':') : NULL;
    if (!colon || equals == text || colon[1] == '\0') {
        error_set(err, RETURN_INVALID_PARAMETER, "usage.value", "--%s cannot be \"%s\"", option, text);
        error_cause(err, "it must be ID=FORMAT:PATH, for example vda=qcow2:/srv/vm/web01.qcow2");
        error_next(err, "See refpoint machine add --help.");
        return false;
    }
    CLEANUP_FREE char *format = mem_strndup(equals + 1, (size_t)(colon - equals - 1));
    if (!disk_format_parse(&words->format, format)) {
        error_set(err, RETURN_INVALID_PARAMETER, "usage.value", "--%s: the format cannot be \"%s\"", option,
                  format);
        error_cause(err, "it must be qcow2 or raw, and is never guessed from the file");
        error_next(err, "See refpoint machine add --help.");
        return false;
    }
    words->id = mem_strndup(text, (size_t)(equals - text));
    words->path = colon + 1;
    return true;
}

static struct disk *find_disk(const struct machine *machine, const char *id)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (strcmp(machine->disks[i].id, id) == 0)
            return &machine->disks[i];
    }
    return NULL;
}

bool disk_args_add_disk(struct machine *machine, const char *text, struct error *err)
{
    struct disk_words words = {0};
    if (!split("disk", text, &words, err))
        return false;
    if (find_disk(machine, words.id)) {
        error_set(err, RETURN_INVALID_PARAMETER, "usage.twice", "--disk %s is given twice", words.id);
        error_next(err, "Give each disk of the machine a name of its own.");
        free(words.id);
        return false;
    }
    struct disk *disk = ARRAY_APPEND(machine->disks, machine->disk_count);
    *disk = (struct disk){.id = words.id, .path = cli_absolute_path(words.path), .format = words.format};
    return true;
}

/* A relative path is looked for where the operator is, then where QEMU would look: beside the image. */
static char *backing_path(const struct disk *disk, const char *path)
{
    char *here = cli_absolute_path(path);
    if (*path == '/' || !disk->path || access(here, F_OK) == 0)
        return here;
    CLEANUP_FREE char *kept = here;
    const char *slash = strrchr(disk->path, '/');
    char *beside = mem_format("%.*s/%s", (int)(slash - disk->path), disk->path, path);
    if (access(beside, F_OK) == 0)
        return beside;
    free(beside);
    return mem_strdup(kept);
}

/* The disk that an option beside --disk names; one of a definition that is read later gets an entry. */
static struct disk *disk_for(struct machine *machine, const char *option, const char *id, struct error *err)
{
    struct disk *disk = find_disk(machine, id);
    if (!disk && machine->domain_xml) {
        disk = ARRAY_APPEND(machine->disks, machine->disk_count);
        disk->id = mem_strdup(id);
    }
    if (!disk) {
        error_set(err, RETURN_INVALID_PARAMETER, "usage.value", "--%s %s: the machine has no disk %s", option,
                  id, id);
        error_next(err, "Name the disk with --disk %s=FORMAT:PATH as well.", id);
    }
    return disk;
}

bool disk_args_add_backing(struct machine *machine, const char *text, struct error *err)
{
    struct disk_words words = {0};
    if (!split("backing", text, &words, err))
        return false;
    CLEANUP_FREE char *id = words.id;
    struct disk *disk = disk_for(machine, "backing", id, err);
    if (!disk)
        return false;
    *ARRAY_APPEND(disk->backing, disk->backing_count) =
        (struct backing_file){.path = backing_path(disk, words.path), .format = words.format};
    return true;
}

bool disk_args_vouch(struct machine *machine, const char *id, struct error *err)
{
    struct disk *disk = disk_for(machine, "raw-content", id, err);
    if (!disk)
        return false;
    disk->raw_content = true;
    return true;
}
