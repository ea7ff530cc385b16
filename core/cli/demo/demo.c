/* refpoint demo DIR: a small store with real disk images and points.
 *
 * The store names its images by absolute paths, so it cannot be made elsewhere and renamed. Instead a marker
 * stands in DIR until everything is there: Ctrl-C and failures remove what was made; after kill -9 the marker
 * tells the next `refpoint demo DIR` that what lies there is its own unfinished work, to be replaced. */
#include "core/cli/demo/demo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/demo/data.h"
#include "core/cli/demo/live.h"
#include "core/cli/demo/plan.h"
#include "core/cli/line/args.h"
#include "core/cli/line/context.h"
#include "core/cli/line/interrupt.h"
#include "core/cli/line/path.h"
#include "core/cli/line/report.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

#define MARKER ".unfinished-demo"
#define CHAIN_MAX (DEMO_POINTS_MAX + 2)
#define QEMU_IMG_PATIENCE_MS 60000

/* A disk that is being made: its files, top first. */
struct demo_disk {
    const struct demo_disk_plan *plan;
    char *label;
    char *layers[CHAIN_MAX];
    size_t layer_count;
    uint64_t seed;
};

struct demo {
    struct cli *cli;
    char *directory;
    int fd;
    int lock;
    bool made_directory;
    char *template_path;
    struct host *host;
    struct interrupt interrupt;
    bool interrupted;
    size_t point_count;
    size_t machine_count;
    size_t disk_count;
};

static bool is_interrupted(void *context)
{
    struct demo *demo = context;
    demo->interrupted = demo->interrupted || interrupt_take(&demo->interrupt);
    return demo->interrupted;
}

/* Between steps that cannot be interrupted themselves. */
static bool go_on(struct demo *demo, struct error *err)
{
    return !is_interrupted(demo) || error_set(err, RETURN_FAILED, "demo.interrupted", "interrupted");
}

static bool is_own_name(const char *name)
{
    static const char *const own[] = {MARKER, "store", "images", "exports"};
    for (size_t i = 0; i < ARRAY_LENGTH(own); i++) {
        if (strcmp(name, own[i]) == 0)
            return true;
    }
    return false;
}

static bool remove_own(int fd, struct error *err)
{
    /* The marker last: until then what is there is known to be ours. */
    return fs_remove_tree(fd, "store", err) && fs_remove_tree(fd, "exports", err) &&
           fs_remove_tree(fd, "images", err) && fs_remove_tree(fd, MARKER, err);
}

static bool check_empty(const struct demo *demo, bool *unfinished, struct error *err)
{
    char **names = NULL;
    size_t count = 0;
    if (!fs_list(demo->fd, &names, &count, err))
        return false;
    bool own = true;
    *unfinished = false;
    for (size_t i = 0; i < count; i++) {
        own = own && is_own_name(names[i]);
        *unfinished = *unfinished || strcmp(names[i], MARKER) == 0;
    }
    bool ok = count == 0 || (own && *unfinished);
    fs_free_names(names, count);
    if (ok)
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "demo.not-empty", "the directory %s is not empty",
              demo->directory);
    return error_next(err, "Name a directory that does not exist yet; nothing has been changed.");
}

static bool open_directory(struct demo *demo, struct error *err)
{
    bool unfinished = false;
    if (mkdir(demo->directory, 0700) == 0)
        demo->made_directory = true;
    else if (errno != EEXIST)
        return error_errno(err, errno, "directory.create", "cannot create the directory %s", demo->directory);
    /* The host refuses images behind symbolic links. */
    char *real = realpath(demo->directory, NULL);
    if (real) {
        free(demo->directory);
        demo->directory = real;
    }
    if (!fs_open_directory(AT_FDCWD, demo->directory, &demo->fd, err) || !check_empty(demo, &unfinished, err))
        return false;
    if (!fs_lock(demo->fd, MARKER, FS_LOCK_EXCLUSIVE, false, &demo->lock, err))
        return error_context(err, "another program makes a demo in %s", demo->directory);
    if (unfinished && (!fs_remove_tree(demo->fd, "store", err) || !fs_remove_tree(demo->fd, "exports", err) ||
                       !fs_remove_tree(demo->fd, "images", err)))
        return false;
    for (size_t i = 0; i < 2; i++) {
        const char *name = i ? "exports" : "images";
        if (mkdirat(demo->fd, name, 0700) != 0)
            return error_errno(err, errno, "directory.create", "cannot create %s/%s", demo->directory, name);
    }
    return true;
}

/* Only when something went wrong. */
static void take_away(struct demo *demo)
{
    struct error err = {0};
    if (demo->lock < 0) {
        if (demo->made_directory)
            rmdir(demo->directory); /* an empty one: nothing was made in it yet */
        return;
    }
    if (!remove_own(demo->fd, &err))
        output_error(&demo->cli->out, &err);
    else if (demo->made_directory)
        rmdir(demo->directory);
}

static bool create_image(const char *path, uint64_t size, const char *backing, struct error *err)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%" PRIu64, size);
    const char *plain[] = {"qemu-img", "create", "-q", "-f", "qcow2", path, digits, NULL};
    const char *overlay[] = {"qemu-img", "create", "-q",    "-f", "qcow2", "-b",
                             backing,    "-F",     "qcow2", path, digits,  NULL};
    const struct proc_spec spec = {.argv = backing ? overlay : plain};
    return proc_run(&spec, QEMU_IMG_PATIENCE_MS, "demo.image", NULL, err);
}

static bool write_round(struct demo *demo, const struct demo_disk *disk, unsigned round, struct error *err)
{
    const struct demo_content content = {.label = disk->label,
                                         .layers = disk->layers,
                                         .layer_count = disk->layer_count,
                                         .size = disk->plan->size,
                                         .data = disk->plan->data,
                                         .seed = disk->seed,
                                         .round = round,
                                         .stopped = is_interrupted,
                                         .context = demo};
    return go_on(demo, err) && demo_data_write(&content, err);
}

static bool make_template(struct demo *demo, struct error *err)
{
    const struct demo_disk_plan plan = demo_template();
    CLEANUP_FREE char *directory = mem_format("%s/images/templates", demo->directory);
    demo->template_path = mem_format("%s/images/%s", demo->directory, DEMO_TEMPLATE);
    struct demo_disk disk = {
        .plan = &plan, .label = mem_strdup("template"), .layers = {demo->template_path}, .layer_count = 1};
    bool ok = fs_make_directories(directory, 0700, err) &&
              create_image(demo->template_path, plan.size, NULL, err) && write_round(demo, &disk, 0, err);
    if (ok && chmod(demo->template_path, 0400) != 0)
        ok = error_errno(err, errno, "file.mode", "cannot make %s read-only", demo->template_path);
    free(disk.label);
    return ok;
}

/* The image with its first content, and its entry in the machine. */
static bool make_disk(struct demo *demo, const struct demo_machine_plan *plan,
                      const struct demo_disk_plan *disk_plan, struct machine *machine, struct demo_disk *disk,
                      struct error *err)
{
    char *path = mem_format("%s/images/%s/%s.qcow2", demo->directory, plan->directory, disk_plan->id);
    *disk = (struct demo_disk){.plan = disk_plan,
                               .label = mem_format("%s/%s", plan->name, disk_plan->id),
                               .layers = {path},
                               .layer_count = 1,
                               .seed = ++demo->disk_count};
    struct disk *entry = ARRAY_APPEND(machine->disks, machine->disk_count);
    *entry =
        (struct disk){.id = mem_strdup(disk_plan->id), .path = mem_strdup(path), .format = DISK_FORMAT_QCOW2};
    if (disk_plan->over_template) {
        disk->layers[disk->layer_count++] = mem_strdup(demo->template_path);
        *ARRAY_APPEND(entry->backing, entry->backing_count) =
            (struct backing_file){.path = mem_strdup(demo->template_path), .format = DISK_FORMAT_QCOW2};
    }
    return create_image(path, disk_plan->size, disk_plan->over_template ? DEMO_TEMPLATE_FROM_IMAGE : NULL,
                        err) &&
           write_round(demo, disk, 0, err);
}

static bool make_machine(struct demo *demo, const struct demo_machine_plan *plan, struct demo_disk *disks,
                         struct machine *machine, struct error *err)
{
    CLEANUP_FREE char *directory = mem_format("%s/images/%s", demo->directory, plan->directory);
    *machine = (struct machine){.name = mem_strdup(plan->name),
                                .settings = {.cpus = plan->cpus,
                                             .memory = plan->memory,
                                             .firmware = mem_strdup(plan->firmware),
                                             .architecture = mem_strdup("x86_64"),
                                             .machine_type = mem_strdup("q35")}};
    *ARRAY_APPEND(machine->adapters, machine->adapter_count) = (struct network_adapter){
        .mac = mem_strdup(plan->mac), .network = mem_strdup(plan->network), .model = mem_strdup("virtio")};
    bool ok = fs_make_directories(directory, 0700, err);
    for (size_t i = 0; i < DEMO_DISKS_MAX && plan->disks[i].id && ok; i++)
        ok = make_disk(demo, plan, &plan->disks[i], machine, &disks[i], err);
    demo->machine_count++;
    return ok && demo->host->ops->add_machine(demo->host, machine, err);
}

/* What were the images are layers now, beneath new images of the same paths. */
static bool follow_layers(const struct reference_point *point, const struct guid *machine_id,
                          struct demo_disk *disks, struct error *err)
{
    for (size_t i = 0; i < point->member_count; i++) {
        const struct member_point *member = &point->members[i];
        if (!guid_equal(&member->machine.id, machine_id))
            continue;
        for (size_t k = 0; k < member->disk_count; k++) {
            struct demo_disk *disk = &disks[k];
            memmove(&disk->layers[2], &disk->layers[1], (disk->layer_count - 1) * sizeof *disk->layers);
            disk->layers[1] = mem_strdup(member->disks[k].layer_path);
            disk->layer_count++;
        }
        return true;
    }
    return error_set(err, RETURN_FAILED, "demo.point", "the point lacks a machine of its collection");
}

struct demo_collection {
    const struct demo_collection_plan *plan;
    struct machine machines[DEMO_MACHINES_MAX];
    struct demo_disk disks[DEMO_MACHINES_MAX][DEMO_DISKS_MAX];
    size_t machine_count;
    struct guid id;
};

static bool make_point(struct demo *demo, struct demo_collection *collection, const char *name,
                       struct error *err)
{
    const struct point_request request = {.collection_id = collection->id,
                                          .name = name,
                                          .consistency_level = CONSISTENCY_CRASH,
                                          .reference_point_type = POINT_TYPE_LOG_BASED};
    struct reference_point made = {0};
    struct reference_point whole = {0};
    if (!go_on(demo, err) ||
        demo->host->ops->create_point(demo->host, &request, &made, NULL, err) != RETURN_DONE)
        return false;
    const struct object_path path = {.point_id = made.id, .collection_id = collection->id};
    bool ok = demo->host->ops->read_point(demo->host, &path, &whole, err);
    for (size_t i = 0; i < collection->machine_count && ok; i++)
        ok = follow_layers(&whole, &collection->machines[i].id, collection->disks[i], err);
    reference_point_clear(&made);
    reference_point_clear(&whole);
    demo->point_count++;
    return ok;
}

static bool write_changes(struct demo *demo, struct demo_collection *collection, unsigned round,
                          struct error *err)
{
    for (size_t i = 0; i < collection->machine_count; i++) {
        for (size_t k = 0; k < collection->machines[i].disk_count; k++) {
            if (!write_round(demo, &collection->disks[i][k], round, err))
                return false;
        }
    }
    return true;
}

static bool make_machines_of(struct demo *demo, struct demo_collection *collection, struct error *err)
{
    struct guid members[DEMO_MACHINES_MAX];
    struct collection made = {0};
    const struct demo_collection_plan *plan = collection->plan;
    for (size_t i = 0; i < DEMO_MACHINES_MAX && plan->machines[i].name; i++) {
        collection->machine_count++;
        if (!make_machine(demo, &plan->machines[i], collection->disks[i], &collection->machines[i], err))
            return false;
        members[i] = collection->machines[i].id;
    }
    if (!demo->host->ops->define_collection(demo->host, plan->name, members, collection->machine_count, &made,
                                            err))
        return false;
    collection->id = made.id;
    collection_clear(&made);
    return true;
}

static bool make_collection(struct demo *demo, struct demo_collection *collection, struct error *err)
{
    const struct demo_collection_plan *plan = collection->plan;
    output_line(&demo->cli->out, "making %s: images", plan->name);
    if (!make_machines_of(demo, collection, err))
        return false;
    for (unsigned round = 0; round < DEMO_POINTS_MAX && plan->points[round]; round++) {
        output_line(&demo->cli->out, "making %s: point %s", plan->name, plan->points[round]);
        if (round > 0 && !write_changes(demo, collection, round, err))
            return false;
        if (!make_point(demo, collection, plan->points[round], err))
            return false;
    }
    /* What has happened since the last point. */
    return write_changes(demo, collection, DEMO_POINTS_MAX, err);
}

static void clear_collection(struct demo_collection *collection)
{
    for (size_t i = 0; i < DEMO_MACHINES_MAX; i++) {
        machine_clear(&collection->machines[i]);
        for (size_t k = 0; k < DEMO_DISKS_MAX; k++) {
            struct demo_disk *disk = &collection->disks[i][k];
            free(disk->label);
            for (size_t n = 0; n < disk->layer_count; n++)
                free(disk->layers[n]);
        }
    }
}

static bool open_host(struct demo *demo, struct error *err)
{
    CLEANUP_FREE char *store = mem_format("%s/store", demo->directory);
    const struct cli_globals globals = {.host = "local", .store = store};
    demo->host = demo->cli->environment->open_host(&globals, err);
    return demo->host != NULL;
}

static bool make_all(struct demo *demo, struct error *err)
{
    size_t count = 0;
    const struct demo_collection_plan *plan = demo_plan(&count);
    bool ok = open_directory(demo, err) && open_host(demo, err) && make_template(demo, err);
    for (size_t i = 0; i < count && ok; i++) {
        struct demo_collection collection = {.plan = &plan[i]};
        ok = make_collection(demo, &collection, err);
        clear_collection(&collection);
    }
    if (!ok)
        return false;
    if (unlinkat(demo->fd, MARKER, 0) != 0)
        return error_errno(err, errno, "file.remove", "cannot remove %s/%s", demo->directory, MARKER);
    return fs_sync(demo->fd, demo->directory, err);
}

/* Who built the program and has not installed it cannot type its name yet. */
static void say_path(struct output *out)
{
    char own[PATH_MAX];
    struct stat running;
    struct stat found;
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    CLEANUP_FREE char *in_path = proc_find_program("refpoint");
    if (length <= 0 || stat("/proc/self/exe", &running) != 0 ||
        (in_path && stat(in_path, &found) == 0 && found.st_ino == running.st_ino &&
         found.st_dev == running.st_dev))
        return;
    own[length] = '\0';
    *strrchr(own, '/') = '\0';
    CLEANUP_FREE char *word = text_shell_quote(own);
    output_line(out, "  export PATH=%s:\"$PATH\"", word);
}

static void say_made(const struct demo *demo)
{
    struct cli *cli = demo->cli;
    size_t count = 0;
    const struct demo_collection_plan *plan = demo_plan(&count);
    CLEANUP_FREE char *store = mem_format("%s/store", demo->directory);
    CLEANUP_FREE char *exports = mem_format("%s/exports", demo->directory);
    CLEANUP_FREE char *store_word = text_shell_quote(store);
    CLEANUP_FREE char *exports_word = text_shell_quote(exports);
    json_t *more = json_object();
    json_put_text(more, "directory", demo->directory);
    json_put_text(more, "store", store);
    json_put_text(more, "exports", exports);
    json_put_number(more, "collections", count);
    json_put_number(more, "machines", demo->machine_count);
    json_put_number(more, "disks", demo->disk_count);
    json_put_number(more, "points", demo->point_count);
    cli_report_done(cli, more);
    output_line(&cli->out, "%s holds %zu collections, %zu machines, %zu disks and %zu points.",
                demo->directory, count, demo->machine_count, demo->disk_count, demo->point_count);
    output_line(&cli->out, "Try next:");
    say_path(&cli->out);
    output_line(&cli->out, "  export REFPOINT_STORE=%s", store_word);
    output_line(&cli->out, "  refpoint");
    output_line(&cli->out, "  refpoint point list %s", plan[0].name);
    output_line(&cli->out, "  refpoint export %s %s --to %s", plan[0].name, plan[0].points[1], exports_word);
    output_line(&cli->out, "  refpoint export %s %s --to %s --base %s", plan[0].name, plan[0].points[2],
                exports_word, plan[0].points[1]);
    output_line(&cli->out, "  refpoint package list %s", exports_word);
}

static int run_demo(struct cli *cli, const struct args *args)
{
    if (args_flag(args, "live"))
        return demo_live_run(cli, args);
    struct error err = {0};
    struct demo demo = {.cli = cli, .directory = cli_absolute_path(args->operands[0]), .fd = -1, .lock = -1};
    interrupt_open(&demo.interrupt, true);
    int status = CLI_DONE;
    if (make_all(&demo, &err)) {
        say_made(&demo);
    } else {
        take_away(&demo);
        cli_refuse(cli, &err);
        status = demo.interrupted ? CLI_CANCELLED : CLI_REFUSED;
    }
    interrupt_close(&demo.interrupt);
    if (demo.host)
        demo.host->ops->close(demo.host);
    mem_cleanup_fd(&demo.lock);
    mem_cleanup_fd(&demo.fd);
    free(demo.template_path);
    free(demo.directory);
    return status;
}

static const struct args_option options[] = {
    {.name = "live",
     .kind = ARGS_FLAG,
     .help =
         "two machines that run under a libvirt daemon (qemu:///system as root, else qemu:///session, or the "
         "address of --host) and write all the time, a collection of them, and a first point"},
};
static const struct args_operand operands[] = {
    {.name = "DIR", .help = "a directory that does not exist yet or is empty"}};

static const struct cli_command commands[] = {
    {.noun = "demo",
     .summary = "make a small store with real images to try on",
     .purpose =
         "Makes two collections, five machines with seven qcow2 images of 1 to 20 GiB (some hundreds of MiB "
         "of "
         "data), and three or four points of each, with writes, zeroed and discarded ranges between them: "
         "the "
         "store in DIR/store, the images in DIR/images, and DIR/exports to export to. Takes less than a "
         "minute. While it works a file " MARKER
         " stands in DIR; Ctrl-C removes what was made; what a killed "
         "run left is replaced by the next one.",
     .options = options,
     .option_count = ARRAY_LENGTH(options),
     .operands = operands,
     .operand_count = ARRAY_LENGTH(operands),
     .examples = "  refpoint demo /tmp/demo && REFPOINT_STORE=/tmp/demo/store refpoint\n",
     .run = run_demo},
};

const struct cli_noun cli_demo_noun = {.commands = commands, .count = ARRAY_LENGTH(commands)};
