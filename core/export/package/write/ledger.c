#include "core/export/package/write/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"
#include "core/export/package/path.h"
#include "core/export/package/write/partial_state.h"
#include "core/syntax/json.h"
#include "core/syntax/json_bytes.h"
#include "core/system/beneath.h"
#include "core/system/fs.h"

#define BEGUN "begun"
#define BEGUN_LIMIT ((size_t)64 << 10)
#define FORMAT 1
#define MACHINE_ID "/etc/machine-id"

static char *with_ending(const char *name, const char *ending, const char *other)
{
    return mem_format("%.*s%s", (int)(strlen(name) - strlen(ending)), name, other);
}

static char *name_of(const char *partial)
{
    return with_ending(partial, PACKAGE_PARTIAL_SUFFIX, PACKAGE_LEDGER_SUFFIX);
}

char *package_ledger_partial(const char *name)
{
    return with_ending(name, PACKAGE_LEDGER_SUFFIX, PACKAGE_PARTIAL_SUFFIX);
}

/* "" where a machine has none: containers often share the storage of the machine they run on. */
static char *this_machine(void)
{
    struct error ignored = {0};
    char *text = NULL;
    size_t length = 0;
    if (!fs_read(AT_FDCWD, MACHINE_ID, 128, &text, &length, &ignored))
        return mem_strdup("");
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static bool write_begun(const struct package_ledger *ledger, const char *keeper,
                        const struct package_ledger_terms *terms, struct error *err)
{
    CLEANUP_FREE char *machine = this_machine();
    json_t *value = json_object();
    json_put_number(value, "format", FORMAT);
    json_put_text(value, "job", terms->job.text);
    json_put(value, "keeper", json_bytes(keeper));
    json_put_text(value, "machine", machine);
    json_put_text(value, "package_id", terms->package_id.text);
    json_put_text(value, "request", terms->request);
    json_put_text(value, "layers", terms->layers);
    json_put_text(value, "base", terms->base);
    CLEANUP_FREE char *text = json_line(value);
    json_decref(value);
    return fs_write_atomic(ledger->fd, BEGUN, text, strlen(text), 0600, err);
}

/* Of a directory that is ours; NULL. The caller's. */
static json_t *read_begun(int parent, const char *name)
{
    struct stat status;
    struct error ignored = {0};
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    CLEANUP_FD int fd = beneath_open(parent, name, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0 || fstat(fd, &status) != 0 || status.st_uid != geteuid() ||
        !fs_read(fd, BEGUN, BEGUN_LIMIT, &text, &length, &ignored))
        return NULL;
    json_t *value = json_loadb(text, length, 0, NULL);
    if (json_get_number(value, "format", 0) == FORMAT)
        return value;
    json_decref(value);
    return NULL;
}

static bool read_terms(const json_t *value, struct package_ledger_terms *terms)
{
    *terms = (struct package_ledger_terms){0};
    text_copy_cut(terms->request, sizeof terms->request, json_get_text(value, "request", ""));
    text_copy_cut(terms->layers, sizeof terms->layers, json_get_text(value, "layers", ""));
    text_copy_cut(terms->base, sizeof terms->base, json_get_text(value, "base", ""));
    return guid_parse(&terms->job, json_get_text(value, "job", "")) &&
           guid_parse(&terms->package_id, json_get_text(value, "package_id", ""));
}

bool package_ledger_open(int parent, const char *partial, struct package_ledger *ledger, struct error *err)
{
    *ledger = (struct package_ledger){.parent = parent, .name = name_of(partial), .fd = -1};
    if (fs_open_directory(parent, ledger->name, &ledger->fd, err))
        return true;
    package_ledger_close(ledger);
    return false;
}

bool package_ledger_begin(int parent, const char *partial, const char *keeper,
                          const struct package_ledger_terms *terms, struct package_ledger *ledger,
                          struct error *err)
{
    *ledger = (struct package_ledger){.parent = parent, .name = name_of(partial), .fd = -1};
    if (mkdirat(parent, ledger->name, 0700) != 0) {
        error_errno(err, errno, "package.create", "cannot create the directory %s", ledger->name);
        package_ledger_close(ledger);
        return false;
    }
    if (fs_open_directory(parent, ledger->name, &ledger->fd, err) &&
        (fchmod(ledger->fd, 0700) == 0 ||
         error_errno(err, errno, "package.create", "cannot set the mode of %s", ledger->name)) &&
        write_begun(ledger, keeper, terms, err) && fs_sync(parent, ledger->name, err))
        return true;
    package_ledger_remove(ledger);
    return false;
}

static bool is_of(int parent, const char *name, const struct guid *job, struct package_ledger_terms *terms)
{
    json_t *value = read_begun(parent, name);
    bool ok = value && read_terms(value, terms) && guid_equal(&terms->job, job);
    json_decref(value);
    return ok;
}

char *package_ledger_find(int parent, const struct guid *job, struct package_ledger_terms *terms)
{
    struct error ignored = {0};
    char **names = NULL;
    size_t count = 0;
    char *partial = NULL;
    if (!fs_list(parent, &names, &count, &ignored))
        return NULL;
    for (size_t i = 0; i < count && !partial; i++) {
        if (!partial_has_form(names[i], PACKAGE_LEDGER_SUFFIX) || !is_of(parent, names[i], job, terms))
            continue;
        partial = package_ledger_partial(names[i]);
        if (!partial_exists(parent, partial)) {
            free(partial);
            partial = NULL;
        }
    }
    fs_free_names(names, count);
    return partial;
}

bool package_ledger_spool(const struct package_ledger *ledger, size_t disk, const char *what,
                          size_t record_size, struct spool *spool, struct error *err)
{
    CLEANUP_FREE char *name = mem_format("%zu.%s", disk, what);
    return spool_open_named(spool, ledger->fd, name, record_size, err);
}

void package_ledger_close(struct package_ledger *ledger)
{
    if (ledger->fd >= 0)
        close(ledger->fd);
    free(ledger->name);
    *ledger = (struct package_ledger){.parent = -1, .fd = -1};
}

void package_ledger_remove(struct package_ledger *ledger)
{
    struct error ignored = {0};
    if (ledger->name && !fs_remove_tree(ledger->parent, ledger->name, &ignored))
        ignored = (struct error){0}; /* the next clean finds it */
    package_ledger_close(ledger);
}

static bool is_wanted(const json_t *value)
{
    struct stat status;
    CLEANUP_FREE char *machine = this_machine();
    CLEANUP_FREE char *keeper = json_bytes_read(json_object_get(value, "keeper"));
    return strcmp(machine, json_get_text(value, "machine", "")) != 0 ||
           (keeper && lstat(keeper, &status) == 0 && S_ISDIR(status.st_mode));
}

bool package_ledger_job(int parent, const char *partial, struct guid *job)
{
    CLEANUP_FREE char *name = name_of(partial);
    json_t *value = read_begun(parent, name);
    bool ok = value && is_wanted(value) && guid_parse(job, json_get_text(value, "job", ""));
    json_decref(value);
    return ok;
}

bool package_ledger_is_wanted(int parent, const char *partial)
{
    CLEANUP_FREE char *name = name_of(partial);
    json_t *value = read_begun(parent, name);
    bool wanted = value && is_wanted(value);
    json_decref(value);
    return wanted;
}
