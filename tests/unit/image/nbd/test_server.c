/* qemu-nbd on descriptors: chains, writing, discarding, failing and being ended. */
#include "core/image/nbd/server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/units.h"
#include "core/image/nbd/client.h"
#include "tests/pulse.h"
#include "tests/unit/support/image_files.h"

#define BLOCK ((size_t)64 << 10)

static int make_files(void **state)
{
    struct image_files *files = mem_alloc(sizeof *files);
    image_files_make(files);
    shell(files, "qemu-img create -q -f raw base.raw 1000001 && printf base | dd of=base.raw conv=notrunc "
                 "status=none");
    shell(files, "qemu-img create -q -f qcow2 -b base.raw -F raw middle.qcow2 4M");
    shell(files, "qemu-io -c 'write -P 2 64k 128k' middle.qcow2");
    shell(files, "qemu-img create -q -f qcow2 -b middle.qcow2 -F qcow2 top.qcow2 4M");
    shell(files, "qemu-io -c 'write -P 3 128k 64k' -c 'write -z 1M 64k' top.qcow2");
    *state = files;
    return 0;
}

static int remove_files(void **state)
{
    image_files_remove(*state);
    free(*state);
    return 0;
}

struct chain {
    struct image_layer layers[4];
    size_t count;
};

static void chain_add(struct chain *chain, const struct image_files *files, const char *name,
                      enum disk_format format, int flags)
{
    chain->layers[chain->count++] =
        (struct image_layer){.fd = image_open(files, name, flags), .format = format};
}

static struct nbd_server *chain_serve(struct chain *chain, bool writable)
{
    struct nbd_server *server = NULL;
    struct error err = {0};
    struct nbd_server_spec spec = {.layers = chain->layers,
                                   .layer_count = chain->count,
                                   .writable = writable,
                                   .connections = 4,
                                   .label = "web01/vda"};
    if (!nbd_server_start(&spec, &server, &err))
        fail_msg("%s: %s", err.what, err.cause);
    for (size_t i = 0; i < chain->count; i++)
        close(chain->layers[i].fd); /* the server has its own */
    return server;
}

static struct nbd_client *client_on(struct nbd_server *server)
{
    struct nbd_client *client = NULL;
    struct error err = {0};
    struct nbd_client_spec spec = {
        .socket = nbd_server_socket(server), .label = "web01/vda", .extents = true, .depth = true};
    if (!nbd_client_open(&spec, &client, &err)) {
        nbd_server_explain(server, &err);
        fail_msg("%s: %s", err.what, err.cause);
    }
    return client;
}

static void assert_bytes(struct nbd_client *client, uint64_t offset, unsigned char expected)
{
    struct error err = {0};
    unsigned char data[512];
    assert_true(nbd_client_read(client, data, sizeof data, offset, &err));
    assert_int_equal(data[0], expected);
    assert_int_equal(data[511], expected);
}

static void assert_ends(struct nbd_server *server)
{
    struct error err = {0};
    if (!nbd_server_end(server, &err))
        fail_msg("%s: %s", err.what, err.cause);
}

static void test_reads_a_chain_with_depths(void **state)
{
    struct image_files *files = *state;
    struct chain chain = {0};
    chain_add(&chain, files, "top.qcow2", DISK_FORMAT_QCOW2, O_RDONLY);
    chain_add(&chain, files, "middle.qcow2", DISK_FORMAT_QCOW2, O_RDONLY);
    chain_add(&chain, files, "base.raw", DISK_FORMAT_RAW, O_RDONLY);
    struct nbd_server *server = chain_serve(&chain, false);
    struct nbd_client *client = client_on(server);
    struct nbd_client *second = client_on(server);
    assert_int_equal(nbd_client_size(client), 4 << 20);
    unsigned char text[4];
    struct error err = {0};
    assert_true(nbd_client_read(second, text, sizeof text, 0, &err));
    assert_memory_equal(text, "base", 4);
    assert_bytes(client, BLOCK, 2);
    assert_bytes(client, 2 * BLOCK, 3);

    struct nbd_extents extents = {0};
    assert_true(nbd_client_status(client, BLOCK, 2 * BLOCK, &extents, &err));
    assert_int_equal(extents.count, 2);
    assert_int_equal(extents.items[0].depth, 2);
    assert_int_equal(extents.items[0].length, BLOCK);
    assert_int_equal(extents.items[1].depth, 1);
    assert_true(nbd_client_status(client, 1 << 20, BLOCK, &extents, &err));
    assert_int_equal(extents.items[0].depth, 1);
    assert_true(extents.items[0].zero);
    nbd_extents_clear(&extents);
    nbd_client_close(second);
    nbd_client_close(client);
    assert_ends(server);
}

static void test_the_end_of_the_chain_is_the_end(void **state)
{
    struct image_files *files = *state;
    struct chain chain = {0};
    chain_add(&chain, files, "top.qcow2", DISK_FORMAT_QCOW2, O_RDONLY);
    struct nbd_server *server = chain_serve(&chain, false);
    struct nbd_client *client = client_on(server);
    assert_bytes(client, 0, 0); /* the header names middle.qcow2, which must not be opened */
    assert_bytes(client, 2 * BLOCK, 3);
    nbd_client_close(client);
    assert_ends(server);
}

static void test_writes_and_discards_in_the_top_only(void **state)
{
    struct image_files *files = *state;
    shell(files, "qemu-img create -q -f qcow2 -b middle.qcow2 -F qcow2 work.qcow2 4M");
    shell(files, "qemu-io -c 'write -P 7 2M 64k' work.qcow2 && chmod 0444 middle.qcow2 base.raw && "
                 "sha256sum middle.qcow2 base.raw >sums");
    struct chain chain = {0};
    chain_add(&chain, files, "work.qcow2", DISK_FORMAT_QCOW2, O_RDWR);
    chain_add(&chain, files, "middle.qcow2", DISK_FORMAT_QCOW2, O_RDONLY);
    chain_add(&chain, files, "base.raw", DISK_FORMAT_RAW, O_RDONLY);
    struct nbd_server *server = chain_serve(&chain, true);
    struct nbd_client *client = client_on(server);
    unsigned char *block = mem_alloc(BLOCK);
    memset(block, 9, BLOCK);
    struct error err = {0};
    assert_true(nbd_client_write(client, block, BLOCK, 0, &err));
    assert_true(nbd_client_zero(client, BLOCK, BLOCK, &err));
    assert_true(nbd_client_trim(client, BLOCK, 2 << 20, &err));
    assert_true(nbd_client_flush(client, &err));
    nbd_client_close(client);
    assert_ends(server);
    free(block);
    shell(files, "sha256sum -c sums && qemu-img check work.qcow2 && qemu-io -r -c 'read -P 9 0 64k' "
                 "-c 'read -P 0 64k 64k' -c 'read -P 2 128k 64k' -c 'read -P 0 2M 64k' work.qcow2");
    shell(files, "qemu-img info work.qcow2 | grep -q 'backing file: middle.qcow2'");
    /* The discarded cluster no longer takes room. */
    shell(files, "! qemu-img map --output=json work.qcow2 | grep '\"start\": 2097152.*\"data\": true'");
}

static void test_a_failure_says_why(void **state)
{
    struct image_files *files = *state;
    struct chain chain = {0};
    chain_add(&chain, files, "base.raw", DISK_FORMAT_QCOW2, O_RDONLY);
    struct nbd_server *server = chain_serve(&chain, false);
    struct nbd_client *client = NULL;
    struct error err = {0};
    assert_false(nbd_client_open(
        &(struct nbd_client_spec){.socket = nbd_server_socket(server), .label = "web01/vda"}, &client, &err));
    assert_string_equal(err.key, "image.open");
    nbd_server_explain(server, &err);
    assert_string_equal(err.cause, "qemu-nbd: Image is not in qcow2 format");
    nbd_server_abort(server);

    struct image_layer raw_above[2] = {{.fd = 0, .format = DISK_FORMAT_RAW},
                                       {.fd = 0, .format = DISK_FORMAT_QCOW2}};
    struct nbd_server_spec spec = {.layers = raw_above, .layer_count = 2, .label = "web01/vda"};
    assert_false(nbd_server_start(&spec, &server, &err));
    assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
    assert_null(server);
}

static pid_t child_of_test(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    long pid = 0;
    assert_int_equal(fscanf(file, "%ld", &pid), 1);
    fclose(file);
    return (pid_t)pid;
}

static bool always(void *context)
{
    return ++*(int *)context > 2;
}

static void test_a_hanging_server_is_given_up(void **state)
{
    struct image_files *files = *state;
    struct chain chain = {0};
    chain_add(&chain, files, "top.qcow2", DISK_FORMAT_QCOW2, O_RDONLY);
    struct nbd_server *server = chain_serve(&chain, false);
    struct nbd_client *client = NULL;
    struct error err = {0};
    int asked = -1000000;
    struct nbd_client_spec spec = {
        .socket = nbd_server_socket(server), .label = "web01/vda", .stopped = always, .context = &asked};
    assert_true(nbd_client_open(&spec, &client, &err));
    assert_int_equal(kill(child_of_test(), SIGSTOP), 0);
    asked = 0;
    struct pulse *pulse = pulse_start();
    unsigned char data[512];
    assert_false(nbd_client_read(client, data, sizeof data, 0, &err));
    assert_string_equal(err.key, "image.stopped");
    assert_false(nbd_client_read(client, data, sizeof data, 0, &err));
    assert_string_equal(err.key, "image.nbd");
    nbd_client_close(client);
    nbd_server_abort(server);
    assert_true(pulse_stop(pulse) < 1000);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* reaped */
}

static void serve_once(const struct image_files *files, const char *empty, struct job *job)
{
    struct chain chain = {0};
    struct nbd_server *server = NULL;
    struct error err = {0};
    chain_add(&chain, files, "top.qcow2", DISK_FORMAT_QCOW2, O_RDONLY);
    const struct nbd_server_spec spec = {.layers = chain.layers,
                                         .layer_count = chain.count,
                                         .connections = 1,
                                         .label = "web01/vda",
                                         .job = job};
    assert_true(nbd_server_start(&spec, &server, &err));
    for (size_t i = 0; i < chain.count; i++)
        close(chain.layers[i].fd);
    if (empty)
        assert_int_equal(rmdir(empty), 0); /* even while it runs */
    struct nbd_client *client = client_on(server);
    nbd_client_close(client);
    assert_ends(server);
}

/* A socket's file, as a process leaves it that is killed at the wrong instant. */
static char *leave_socket(const char *directory, const char *name, bool is_old)
{
    char *path = mem_format("%s/%s", directory, name);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(strlen(path) < sizeof address.sun_path);
    strcpy(address.sun_path, path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = time(NULL) - 3600}};
    assert_int_equal(is_old ? utimensat(AT_FDCWD, path, times, 0) : 0, 0);
    return path;
}

/* Where the socket has its name for an instant: with the job, else in the state directory, else elsewhere. */
static void test_nothing_is_left_behind(void **state)
{
    struct image_files *files = *state;
    CLEANUP_FREE char *home = image_path(files, "state");
    CLEANUP_FREE char *sockets = image_path(files, "state/refpoint/sockets");
    CLEANUP_FREE char *own = image_path(files, "job");
    CLEANUP_FREE char *runtime = image_path(files, "runtime");
    CLEANUP_FREE char *before = mem_strdup(getenv("XDG_STATE_HOME"));
    const struct job_identity identity = {.id = guid_new()};
    struct job *job = job_new(&identity);
    assert_int_equal(mkdir(own, 0700), 0);
    assert_int_equal(mkdir(runtime, 0700), 0);
    setenv("XDG_STATE_HOME", home, 1);
    CLEANUP_FD int directory = open(own, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    job_set_directory(job, directory);
    serve_once(files, own, job);
    assert_int_equal(access(home, F_OK), -1);
    serve_once(files, NULL, job); /* its directory has gone, as that of a job that was discarded */
    job_free(job);

    CLEANUP_FREE char *old = leave_socket(sockets, "nbd-old", true);
    CLEANUP_FREE char *new = leave_socket(sockets, "nbd-new", false);
    CLEANUP_FREE char *other = leave_socket(sockets, "other", true);
    serve_once(files, NULL, NULL);
    assert_int_equal(access(old, F_OK), -1);
    assert_int_equal(access(new, F_OK), 0);
    assert_int_equal(access(other, F_OK), 0);
    assert_true(unlink(new) == 0 && unlink(other) == 0);
    assert_int_equal(rmdir(sockets), 0);

    assert_int_equal(close(open(sockets, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 0); /* in its way */
    setenv("XDG_RUNTIME_DIR", runtime, 1);
    serve_once(files, runtime, NULL);
    serve_once(files, NULL, NULL); /* in /tmp, then */
    unsetenv("XDG_RUNTIME_DIR");
    if (before)
        setenv("XDG_STATE_HOME", before, 1);
    else
        unsetenv("XDG_STATE_HOME");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_a_chain_with_depths),
        cmocka_unit_test(test_the_end_of_the_chain_is_the_end),
        cmocka_unit_test(test_writes_and_discards_in_the_top_only),
        cmocka_unit_test(test_a_failure_says_why),
        cmocka_unit_test(test_a_hanging_server_is_given_up),
        cmocka_unit_test(test_nothing_is_left_behind),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
