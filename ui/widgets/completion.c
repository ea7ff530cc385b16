#include "ui/widgets/completion.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/units.h"
#include "core/system/fs.h"
#include "core/system/mounts.h"

void completion_clear(struct completion *completion)
{
    free(completion->typed);
    free(completion->text);
    for (size_t i = 0; i < completion->candidate_count; i++) {
        free(completion->candidates[i]);
        if (completion->about)
            free(completion->about[i]);
    }
    free(completion->candidates);
    free(completion->about);
    *completion = (struct completion){0};
}

bool completion_has_effect(const struct completion *completion)
{
    return strcmp(completion->typed, completion->text) != 0 || completion->candidate_count > 0;
}

static bool is_directory(int parent, const struct dirent *entry)
{
    if (entry->d_type == DT_DIR)
        return true;
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return false;
    struct stat info;
    return fstatat(parent, entry->d_name, &info, 0) == 0 && S_ISDIR(info.st_mode);
}

static bool is_candidate(const struct dirent *entry, const char *prefix)
{
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
        return false;
    if (entry->d_name[0] == '.' && prefix[0] != '.')
        return false;
    return strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
}

struct found {
    char *common; /* longest beginning of all candidates, those not kept included; NULL = none yet */
    size_t count;
    bool incomplete; /* not all names were looked at, so nothing is known of what they share */
};

static void shorten_common(struct found *found, const char *name)
{
    found->count++;
    if (!found->common) {
        found->common = mem_strdup(name);
        return;
    }
    size_t same = 0;
    while (found->common[same] && found->common[same] == name[same])
        same++;
    found->common[same] = '\0';
}

static void collect(DIR *stream, const char *prefix, struct completion *completion, struct found *found)
{
    const struct dirent *entry = NULL;
    for (size_t looked_at = 0; (entry = readdir(stream)); looked_at++) {
        if (looked_at == COMPLETION_ENTRIES) {
            completion->more = true;
            found->incomplete = true;
            return;
        }
        if (!is_candidate(entry, prefix) || !is_directory(dirfd(stream), entry))
            continue;
        shorten_common(found, entry->d_name);
        if (completion->candidate_count == COMPLETION_CANDIDATES)
            completion->more = true;
        else
            *ARRAY_APPEND(completion->candidates, completion->candidate_count) = mem_strdup(entry->d_name);
    }
}

/* A common beginning may end inside a character; what was typed stays in any case. */
static void end_at_character(char *common, size_t typed_length)
{
    size_t at = strlen(common);
    size_t tail = 0;
    for (; at > typed_length && tail < 3 && ((unsigned char)common[at - 1] & 0xc0) == 0x80; at--)
        tail++;
    if (at == typed_length)
        return;
    unsigned char lead = (unsigned char)common[at - 1];
    size_t needed = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    if (needed > tail)
        common[at - 1] = '\0';
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void list_places(struct completion *completion)
{
    struct mounts mounts;
    mounts_read(NULL, &mounts);
    completion->text = mem_strdup("");
    completion->about = mem_alloc((mounts.count + 1) * sizeof *completion->about);
    for (size_t i = 0; i < mounts.count; i++) {
        const struct mounted *place = &mounts.items[i];
        char size[16];
        size_format(place->available, size, sizeof size);
        completion->about[i] = place->network ? mem_format("%s, not looked at", place->type)
                                              : mem_format("%s free, %s", size, place->type);
        *ARRAY_APPEND(completion->candidates, completion->candidate_count) = mem_strdup(place->path);
    }
    mounts_clear(&mounts);
}

char *completion_take(const struct completion *completion, size_t candidate)
{
    const char *name = completion->candidates[candidate];
    const char *slash = strrchr(completion->text, '/');
    if (*name == '/' || !slash)
        return mem_strdup(name);
    return mem_format("%.*s%s/", (int)(slash + 1 - completion->text), completion->text, name);
}

void completion_run(const char *typed, struct completion *completion)
{
    *completion = (struct completion){.typed = mem_strdup(typed)};
    if (!*typed) {
        list_places(completion);
        return;
    }
    CLEANUP_FREE char *path = fs_expand_home(typed);
    const char *slash = strrchr(path, '/');
    completion->text = mem_strdup(path);
    if (path[0] != '/' || !slash)
        return;
    const char *prefix = slash + 1;
    CLEANUP_FREE char *parent = mem_strndup(path, (size_t)(slash + 1 - path));
    int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (!stream) {
        if (fd >= 0)
            close(fd);
        return;
    }
    struct found found = {0};
    collect(stream, prefix, completion, &found);
    closedir(stream);
    if (found.count > 0 && !found.incomplete) {
        if (found.count > 1)
            end_at_character(found.common, strlen(prefix));
        free(completion->text);
        completion->text = mem_format("%s%s%s", parent, found.common, found.count == 1 ? "/" : "");
    }
    free(found.common);
    if (found.count == 1 && !found.incomplete) { /* nothing to choose from */
        free(completion->candidates[0]);
        completion->candidate_count = 0;
    }
    if (completion->candidate_count > 1)
        qsort(completion->candidates, completion->candidate_count, sizeof *completion->candidates,
              compare_names);
}
