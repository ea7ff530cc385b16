#include "ui/screens/package/directory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/syntax/cfg.h"
#include "core/system/fs.h"

char *package_directory_recall(const char *state_directory)
{
    CLEANUP_FREE char *home = state_directory ? mem_strdup(state_directory) : fs_state_home();
    CLEANUP_FREE char *path = mem_format("%s/" PACKAGES_FILE, home);
    struct error none = {0};
    config_t config;
    char *found = NULL;
    if (cfg_read(&config, AT_FDCWD, path, CFG_LIMIT_SMALL, &none))
        found = mem_strdup(cfg_get_text(config_root_setting(&config), "directory", NULL));
    config_destroy(&config);
    return found;
}

void package_directory_remember(const char *state_directory, const char *directory)
{
    CLEANUP_FREE char *home = state_directory ? mem_strdup(state_directory) : fs_state_home();
    CLEANUP_FREE char *known = package_directory_recall(state_directory);
    CLEANUP_FD int fd = -1;
    struct error none = {0};
    if (known && strcmp(known, directory) == 0)
        return;
    if (!fs_make_directories(home, 0700, &none) || !fs_open_directory(AT_FDCWD, home, &fd, &none))
        return;
    config_t config;
    config_init(&config);
    cfg_put_text(config_root_setting(&config), "directory", directory);
    bool kept = cfg_write(&config, fd, PACKAGES_FILE, 0600, &none);
    (void)kept;
    config_destroy(&config);
}
