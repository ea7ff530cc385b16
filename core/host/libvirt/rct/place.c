#include "core/host/libvirt/rct/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"

static bool make_here(struct place *place, struct error *err)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    const char *parent = geteuid() == 0 ? "/run" : runtime && *runtime == '/' ? runtime : "/tmp";
    CLEANUP_FREE char *name = mem_format("%s/refpoint-XXXXXX", parent);
    if (!mkdtemp(name))
        return error_errno(err, errno, "point.sockets", "cannot make a directory for sockets in %s", parent);
    place->here = mem_strdup(name);
    return true;
}

static bool give_to_owner(const char *image, const struct place *place, struct error *err)
{
    struct stat status;
    if (geteuid() != 0 || stat(image, &status) != 0 || chown(place->here, status.st_uid, status.st_gid) == 0)
        return true;
    return error_errno(err, errno, "point.sockets", "cannot give %s to the account of the images",
                       place->here);
}

/* The same by the account's sh. */
static const char MAKE_THERE[] =
    "umask 077; if [ \"$(id -u)\" = 0 ]; then p=/run; else p=${XDG_RUNTIME_DIR:-/tmp}; fi; "
    "d=$(mktemp -d \"$p/refpoint-XXXXXX\") || exit 1; "
    "if [ \"$(id -u)\" = 0 ] && [ -e \"$1\" ]; then chown --reference=\"$1\" \"$d\" || exit 1; fi; "
    "echo \"$d\"";

static bool make_there(const struct account *account, const char *image, struct place *place,
                       struct error *err)
{
    CLEANUP_FREE char *said = NULL;
    if (!account_run(account, MAKE_THERE, &image, 1, 0, &said, err))
        return false;
    said[strcspn(said, "\n")] = '\0';
    if (*said != '/')
        return error_set(err, RETURN_FAILED, "point.sockets",
                         "%s made no directory for sockets, but said: %s", account_word(account), said);
    place->there = mem_strdup(said);
    return true;
}

bool place_make(const struct account *account, const char *image, struct place *place, struct error *err)
{
    if (!make_here(place, err))
        return false;
    if (account)
        return make_there(account, image, place, err);
    place->there = mem_strdup(place->here);
    return give_to_owner(image, place, err);
}

bool place_open(const struct account *account, size_t count, struct place *place, struct error *err)
{
    if (!account)
        return true;
    struct tunnel_end *ends = mem_alloc((count + 1) * sizeof *ends);
    for (size_t i = 0; i < count; i++)
        ends[i] =
            (struct tunnel_end){.here = place_socket_here(place, i), .there = place_socket_there(place, i)};
    bool ok = tunnel_open(account, ends, count, &place->tunnel, err);
    for (size_t i = 0; i < count; i++) {
        free(ends[i].here);
        free(ends[i].there);
    }
    free(ends);
    return ok;
}

char *place_socket_here(const struct place *place, size_t member)
{
    return mem_format("%s/%zu", place->here ? place->here : "", member);
}

char *place_socket_there(const struct place *place, size_t member)
{
    return mem_format("%s/%zu", place->there ? place->there : "", member);
}

static void remove_here(const struct place *place, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP_FREE char *socket = place_socket_here(place, i);
        (void)unlink(socket);
    }
    (void)rmdir(place->here);
}

/* Nothing but what QEMU makes there: no path of ours is in the script. */
static const char REMOVE_THERE[] =
    "case $1 in */refpoint-*) ;; *) exit 1;; esac; [ ! -d \"$1\" ] || rm -f \"$1\"/[0-9]*; "
    "[ ! -d \"$1\" ] || rmdir \"$1\"";

bool place_remove(const struct account *account, size_t count, struct place *place, struct error *err)
{
    tunnel_close(place->tunnel);
    place->tunnel = NULL;
    if (place->here)
        remove_here(place, count);
    const char *there = place->there;
    return !account || !there || account_run(account, REMOVE_THERE, &there, 1, 0, NULL, err);
}

void place_clear(struct place *place)
{
    tunnel_close(place->tunnel);
    free(place->here);
    free(place->there);
    *place = (struct place){0};
}
