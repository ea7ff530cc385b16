#include "core/image/nbd/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/guid.h"
#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/system/fs.h"

#define BACKLOG 64
#define PREFIX "nbd-"
#define LEFTOVER_AGE_S 60 /* names live for an instant */

/* Through the directory's descriptor, since the path of a socket has room for 107 bytes. */
static bool bind_in(int directory, struct nameless_socket *made)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct guid id = guid_new();
    char name[sizeof PREFIX + sizeof id.text];
    snprintf(name, sizeof name, PREFIX "%s", id.text);
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", directory, name);
    made->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = made->listener >= 0 && fchmod(made->listener, 0600) == 0 &&
              bind(made->listener, (const struct sockaddr *)&address, sizeof address) == 0;
    if (ok)
        made->place = openat(directory, name, O_PATH | O_CLOEXEC | O_NOFOLLOW);
    int number = errno;
    unlinkat(directory, name, 0);
    errno = number;
    ok = ok && made->place >= 0 && listen(made->listener, BACKLOG) == 0;
    if (ok)
        return true;
    number = errno;
    mem_cleanup_fd(&made->listener);
    mem_cleanup_fd(&made->place);
    made->listener = made->place = -1;
    errno = number;
    return false;
}

/* Of processes that were killed while a socket had its name. */
static void sweep(int directory)
{
    char **names = NULL;
    size_t count = 0;
    struct error ignored = {0};
    if (!fs_list(directory, &names, &count, &ignored))
        return;
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        if (strncmp(names[i], PREFIX, sizeof PREFIX - 1) == 0 &&
            fstatat(directory, names[i], &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISSOCK(status.st_mode) &&
            moment_now().seconds - status.st_mtime > LEFTOVER_AGE_S)
            unlinkat(directory, names[i], 0);
    }
    fs_free_names(names, count);
}

static bool bind_in_state(struct nameless_socket *made)
{
    struct error ignored = {0};
    CLEANUP_FREE char *home = fs_state_home();
    CLEANUP_FREE char *path = mem_format("%s/sockets", home);
    CLEANUP_FD int directory = -1;
    if (!fs_make_directories(path, 0700, &ignored) ||
        !fs_open_directory(AT_FDCWD, path, &directory, &ignored))
        return false;
    sweep(directory);
    return bind_in(directory, made);
}

static bool bind_beneath(const char *parent, struct nameless_socket *made)
{
    CLEANUP_FREE char *path = mem_format("%s/refpoint-XXXXXX", parent);
    CLEANUP_FD int directory = -1;
    if (*parent != '/' || !mkdtemp(path))
        return false;
    directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool ok = directory >= 0 && bind_in(directory, made);
    int number = errno;
    rmdir(path);
    errno = number;
    return ok;
}

bool nameless_socket_open(int directory, struct nameless_socket *made, struct error *err)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    *made = (struct nameless_socket){.listener = -1, .place = -1};
    return (directory >= 0 && bind_in(directory, made)) || bind_in_state(made) ||
           (runtime && bind_beneath(runtime, made)) || bind_beneath("/tmp", made) ||
           error_errno(err, errno, "image.socket",
                       "cannot make a socket in the state directory, XDG_RUNTIME_DIR or /tmp");
}
