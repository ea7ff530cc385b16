#include "core/cli/demo/live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/line/path.h"
#include "core/cli/line/report.h"
#include "core/syntax/cfg.h"
#include "core/syntax/xml.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

#define HOST_NAME "demo"
#define COLLECTION_NAME "live"
#define POINT_NAME "first"
#define DISK_SIZE ((off_t)64 << 20)
#define QEMU_IMG_PATIENCE_MS 60000

enum { MACHINES = 2, DISKS = 2 };
static const char *const machine_names[MACHINES] = {"refpoint-demo-web", "refpoint-demo-db"};
static const char *const disk_names[DISKS] = {"hda", "hdb"};

/* What the machines run: 16 bit code at 0x7c00 that writes a sector with a growing counter to both disks in
 * turn, at each tick of the timer, for ever. */
static const unsigned char program[] = {
    0xea, 0x05, 0x7c, 0x00, 0x00,       /*        ljmp $0, $begin */
    0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xc0, /* begin: xorw %ax, %ax; movw %ax, %ds; movw %ax, %es */
    0x8e, 0xd0, 0xbc, 0x00, 0x7c, 0xfb, /*        movw %ax, %ss; movw $0x7c00, %sp; sti */
    0x66, 0xff, 0x06, 0x4e, 0x7c,       /* turn:  incl count */
    0xb2, 0x80, 0xe8, 0x08, 0x00,       /*        movb $0x80, %dl; call put */
    0xb2, 0x81, 0xe8, 0x03, 0x00,       /*        movb $0x81, %dl; call put */
    0xf4, 0xeb, 0xee,                   /*        hlt; jmp turn */
    0x66, 0xa1, 0x4e, 0x7c,             /* put:   movl count, %eax */
    0x66, 0x25, 0xff, 0x3f, 0x00, 0x00, /*        andl $0x3fff, %eax */
    0x66, 0x83, 0xc0, 0x40,             /*        addl $64, %eax */
    0x66, 0xa3, 0x46, 0x7c,             /*        movl %eax, sector */
    0xbe, 0x3e, 0x7c, 0xb8, 0x00, 0x43, /*        movw $packet, %si; movw $0x4300, %ax */
    0xcd, 0x13, 0xc3,                   /*        int $0x13; ret */
    0x10, 0x00, 0x01, 0x00,             /* packet: 16 bytes, one sector */
    0x00, 0x7c, 0x00, 0x00,             /*        from 0:0x7c00: the code itself, with the counter in it */
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* sector: */
    0x00, 0x00, 0x00, 0x00,                         /* count: */
};

struct live_demo {
    struct cli *cli;
    char *directory;
    char *config;
    char *uri;
    struct host *host;
    struct guid ids[MACHINES];
    size_t started;
};

static char *image_path(const struct live_demo *demo, size_t machine, size_t disk)
{
    return mem_format("%s/images/%s-%s.qcow2", demo->directory, machine_names[machine], disk_names[disk]);
}

/* QEMU may run as another account, which must reach the images: everything else stays closed to it. */
static bool make_directories(struct live_demo *demo, struct error *err)
{
    static const char *const names[] = {"images", "exports"};
    if (mkdir(demo->directory, 0711) != 0 && errno != EEXIST)
        return error_errno(err, errno, "directory.create", "cannot create the directory %s", demo->directory);
    char *real = realpath(demo->directory, NULL);
    if (real) {
        free(demo->directory);
        demo->directory = real;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        CLEANUP_FREE char *path = mem_format("%s/%s", demo->directory, names[i]);
        if (mkdir(path, i == 0 ? 0711 : 0700) == 0)
            continue;
        if (errno != EEXIST)
            return error_errno(err, errno, "directory.create", "cannot create the directory %s", path);
        error_set(err, RETURN_INVALID_PARAMETER, "demo.not-empty", "the directory %s is not empty",
                  demo->directory);
        return error_next(err, "Name a directory that does not exist yet; nothing has been changed.");
    }
    return true;
}

static bool write_raw(const char *path, bool boots, struct error *err)
{
    unsigned char sector[512] = {[510] = 0x55, [511] = 0xaa};
    CLEANUP_FD int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    memcpy(sector, program, sizeof program);
    return (fd >= 0 && ftruncate(fd, DISK_SIZE) == 0 &&
            (!boots || pwrite(fd, sector, sizeof sector, 0) == (ssize_t)sizeof sector)) ||
           error_errno(err, errno, "demo.image", "cannot make %s", path);
}

static bool make_disk(const struct live_demo *demo, size_t machine, size_t disk, struct error *err)
{
    CLEANUP_FREE char *path = image_path(demo, machine, disk);
    CLEANUP_FREE char *raw = mem_format("%s.raw", path);
    const char *const arguments[] = {"qemu-img", "convert", "-q", "-f", "raw",
                                     "-O",       "qcow2",   raw,  path, NULL};
    const struct proc_spec spec = {.argv = arguments};
    bool ok =
        write_raw(raw, disk == 0, err) && proc_run(&spec, QEMU_IMG_PATIENCE_MS, "demo.image", NULL, err);
    (void)unlink(raw);
    return ok;
}

static char *describe(const struct live_demo *demo, size_t machine)
{
    CLEANUP_FREE char *first = image_path(demo, machine, 0);
    CLEANUP_FREE char *second = image_path(demo, machine, 1);
    CLEANUP_FREE char *first_text = xml_escape(first);
    CLEANUP_FREE char *second_text = xml_escape(second);
    const char *type = access("/dev/kvm", R_OK | W_OK) == 0 ? "kvm" : "qemu";
    return mem_format("<domain type='%s'><name>%s</name><uuid>%s</uuid><memory unit='MiB'>32</memory>"
                      "<os><type arch='x86_64'>hvm</type></os><features><acpi/></features><devices>"
                      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                      "<source file=\"%s\"/><target dev='hda' bus='ide'/></disk>"
                      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                      "<source file=\"%s\"/><target dev='hdb' bus='ide'/></disk>"
                      "<memballoon model='none'/></devices></domain>",
                      type, machine_names[machine], demo->ids[machine].text, first_text, second_text);
}

static bool write_config(struct live_demo *demo, struct error *err)
{
    config_t config;
    config_init(&config);
    config_setting_t *root = config_root_setting(&config);
    CLEANUP_FREE char *store = mem_format("%s/store", demo->directory);
    cfg_put_text(root, "host", HOST_NAME);
    config_setting_t *host = cfg_put_group(cfg_put_list(root, "hosts"), NULL);
    cfg_put_text(host, "name", HOST_NAME);
    cfg_put_text(host, "kind", "libvirt");
    cfg_put_text(host, "uri", demo->uri);
    cfg_put_text(host, "store", store);
    bool ok = cfg_write(&config, AT_FDCWD, demo->config, 0600, err);
    config_destroy(&config);
    return ok;
}

static bool open_host(struct live_demo *demo, struct error *err)
{
    CLEANUP_FREE char *store = mem_format("%s/store", demo->directory);
    const struct cli_globals globals = {.host = HOST_NAME, .store = store, .config = demo->config};
    demo->host = demo->cli->environment->open_host(&globals, err);
    return demo->host && (demo->host->ops->start_machine || error_set(err, RETURN_NOT_SUPPORTED, "demo.host",
                                                                      "%s starts no machines", demo->uri));
}

static bool start_machines(struct live_demo *demo, struct error *err)
{
    for (size_t i = 0; i < MACHINES; i++) {
        CLEANUP_FREE char *text = describe(demo, i);
        if (!demo->host->ops->start_machine(demo->host, text, err))
            return false;
        demo->started++;
    }
    return true;
}

static bool make_point(struct live_demo *demo, struct error *err)
{
    struct collection made = {0};
    struct reference_point point = {0};
    if (!demo->host->ops->define_collection(demo->host, COLLECTION_NAME, demo->ids, MACHINES, &made, err))
        return false;
    const struct point_request request = {.collection_id = made.id,
                                          .name = POINT_NAME,
                                          .consistency_level = CONSISTENCY_CRASH,
                                          .reference_point_type = POINT_TYPE_LOG_BASED};
    bool ok = demo->host->ops->create_point(demo->host, &request, &point, NULL, err) == RETURN_DONE;
    reference_point_clear(&point);
    collection_clear(&made);
    return ok;
}

static bool make_all(struct live_demo *demo, struct error *err)
{
    if (!make_directories(demo, err))
        return false;
    demo->config = mem_format("%s/refpoint.cfg", demo->directory);
    for (size_t i = 0; i < MACHINES; i++) {
        demo->ids[i] = guid_new();
        for (size_t k = 0; k < DISKS; k++) {
            if (!make_disk(demo, i, k, err))
                return false;
        }
    }
    return write_config(demo, err) && open_host(demo, err) && start_machines(demo, err) &&
           make_point(demo, err);
}

static void say_how_to_remove(const struct live_demo *demo)
{
    struct output *out = &demo->cli->out;
    CLEANUP_FREE char *directory = text_shell_quote(demo->directory);
    output_line(out, "Remove it all with:");
    for (size_t i = 0; i < MACHINES; i++)
        output_line(out, "  virsh -c %s destroy %s; virsh -c %s undefine %s", demo->uri, machine_names[i],
                    demo->uri, machine_names[i]);
    output_line(out, "  rm -rf %s", directory);
}

static void say_made(const struct live_demo *demo)
{
    struct output *out = &demo->cli->out;
    CLEANUP_FREE char *config = text_shell_quote(demo->config);
    CLEANUP_FREE char *exports = mem_format("%s/exports", demo->directory);
    CLEANUP_FREE char *target = text_shell_quote(exports);
    json_t *more = json_object();
    json_put_text(more, "directory", demo->directory);
    json_put_text(more, "config", demo->config);
    json_put_text(more, "uri", demo->uri);
    json_put_text(more, "collection", COLLECTION_NAME);
    json_put_text(more, "point", POINT_NAME);
    cli_report_done(demo->cli, more);
    output_line(out,
                "Two machines run at %s and write to their disks all the time; they are the collection %s, "
                "with the point %s.",
                demo->uri, COLLECTION_NAME, POINT_NAME);
    output_line(out, "Try next:");
    output_line(out, "  refpoint --config %s", config);
    output_line(out, "  refpoint --config %s point create %s --name second", config, COLLECTION_NAME);
    output_line(out, "  refpoint --config %s export %s " POINT_NAME " --to %s", config, COLLECTION_NAME,
                target);
    output_line(out, "  refpoint --config %s export %s second --to %s --base " POINT_NAME, config,
                COLLECTION_NAME, target);
    output_line(out, "  refpoint --config %s point destroy %s " POINT_NAME, config, COLLECTION_NAME);
    say_how_to_remove(demo);
}

int demo_live_run(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    const char *asked = cli->globals.host;
    struct live_demo demo = {
        .cli = cli,
        .directory = cli_absolute_path(args->operands[0]),
        .uri = mem_strdup(asked && strstr(asked, "://") ? asked
                          : geteuid() == 0              ? "qemu:///system"
                                                        : "qemu:///session"),
    };
    bool ok = make_all(&demo, &err);
    if (ok)
        say_made(&demo);
    else
        cli_refuse(cli, &err);
    if (!ok && demo.started > 0)
        say_how_to_remove(&demo);
    if (demo.host)
        demo.host->ops->close(demo.host);
    free(demo.directory);
    free(demo.config);
    free(demo.uri);
    return ok ? CLI_DONE : CLI_REFUSED;
}
