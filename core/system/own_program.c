#include "core/system/own_program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
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

int own_program_start(char *const *argv, const int *descriptors, size_t descriptor_count, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
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
        number = posix_spawn(pid, "/proc/self/exe", &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}
