#include "core/system/own_program.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_DESCRIPTOR 3

static void set_signals(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* Where an emulator runs us (valgrind, qemu-user), /proc/self/exe is the emulator to the kernel, and only the
 * name that it gives for readlink(2) is ours. A program that was replaced meanwhile has no name any more. */
static const char *own_path(char *name, size_t size)
{
    static const char own[] = "/proc/self/exe";
    struct stat running;
    struct stat named;
    ssize_t length = readlink(own, name, size - 1);
    if (length <= 0)
        return own;
    name[length] = '\0';
    bool other = stat(own, &running) == 0 && stat(name, &named) == 0 &&
                 (running.st_dev != named.st_dev || running.st_ino != named.st_ino);
    return other ? name : own;
}

int own_program_start(char *const *argv, const int *descriptors, size_t descriptor_count, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char name[PATH_MAX];
    const char *path = own_path(name, sizeof name);
    int count = (int)descriptor_count;
    int number = 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    set_signals(&attributes);
    for (int fd = 0; fd < FIRST_DESCRIPTOR && number == 0; fd++)
        number = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    for (int i = 0; i < count && number == 0; i++)
        number = posix_spawn_file_actions_adddup2(&actions, descriptors[i], FIRST_DESCRIPTOR + i);
    if (number == 0)
        number = posix_spawn_file_actions_addclosefrom_np(&actions, FIRST_DESCRIPTOR + count);
    if (number == 0)
        number = posix_spawn(pid, path, &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}
