/* Nobody made them: the store's own writers never do. What they lead to is not looked at. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/store/internal.h"
#include "core/host/store/place.h"
#include "core/system/beneath.h"
#include "core/system/fs.h"

#define DEPTH_LIMIT 8 /* the store itself goes down to collections/ID/points/ID/FILE */

struct search {
    const struct store *store;
    struct findings *findings;
};

static void look_into(const struct search *search, int directory, const char *path, unsigned depth);

static void look_at(const struct search *search, int directory, const char *path, const char *name,
                    unsigned depth)
{
    struct stat status;
    struct error err = {0};
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    CLEANUP_FREE char *own = mem_format("%s%s%s", path, *path ? "/" : "", name);
    if (S_ISLNK(status.st_mode)) {
        store_refuse_link(search->store, own, &err);
        findings_add_error(search->findings, &err);
    } else if (S_ISDIR(status.st_mode) && depth < DEPTH_LIMIT) {
        CLEANUP_FD int inner = beneath_open(directory, name, O_RDONLY | O_DIRECTORY, 0);
        if (inner >= 0)
            look_into(search, inner, own, depth + 1);
    }
}

static void look_into(const struct search *search, int directory, const char *path, unsigned depth)
{
    struct error ignored; /* what cannot be read is told by those who need it */
    char **names = NULL;
    size_t count = 0;
    if (!fs_list(directory, &names, &count, &ignored))
        return;
    for (size_t i = 0; i < count; i++)
        look_at(search, directory, path, names[i], depth);
    fs_free_names(names, count);
}

void store_find_links(const struct store *store, struct findings *findings)
{
    const struct search search = {.store = store, .findings = findings};
    struct error ignored;
    CLEANUP_FD int root = -1;
    if (store_open_root(store, &root, &ignored))
        look_into(&search, root, "", 0);
}
