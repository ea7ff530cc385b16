#include "core/image/image_map.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/image/said.h"
#include "core/system/proc.h"

#define SLICE_MS 100
#define BUFFER_SIZE ((size_t)256 << 10)
#define SAID_LIMIT ((size_t)2048)
#define FIRST_LAYER_FD 3
#define END_PATIENCE_MS 100

struct image_map {
    struct proc proc;
    char *label;
    bool (*stopped)(void *context);
    void *context;
    uint64_t position;
    uint64_t end;
    struct map_line array;
    bool at_end; /* of what the child writes */
    bool done;   /* the child ended well */
    bool failed; /* a call has failed before */
    char *buffer;
    size_t at;
    size_t filled;
    struct strbuf said;
};

static bool is_stopped(const struct image_map *map)
{
    return map->stopped && map->stopped(map->context);
}

static bool stop(struct error *err)
{
    return error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
}

static bool refuse(const struct image_map *map, const char *why, struct error *err)
{
    error_set(err, RETURN_FAILED, "image.map", "%s: QEMU does not tell where its data is", map->label);
    return error_cause(err, "%s (at %llu)", why, (unsigned long long)map->position);
}

static void read_errors(struct image_map *map)
{
    char block[1024];
    ssize_t got = read(map->proc.error_fd, block, sizeof block - 1);
    if (got <= 0)
        return;
    block[got] = '\0';
    if (map->said.length < SAID_LIMIT)
        strbuf_add(&map->said, block);
}

/* Waits until the child has written something, or ended; false when it is time to stop. What it says to its
 * standard error is taken on the way, so that it never waits for us. */
static bool wait_for_output(struct image_map *map)
{
    for (;;) {
        struct pollfd fds[2] = {{.fd = map->proc.output_fd, .events = POLLIN},
                                {.fd = map->proc.error_fd, .events = POLLIN}};
        if (is_stopped(map))
            return false;
        if (poll(fds, 2, SLICE_MS) <= 0)
            continue;
        if (fds[1].revents & POLLIN)
            read_errors(map);
        if (fds[0].revents)
            return true;
    }
}

/* More bytes behind those that are there; *more is false at the end of the stream. */
static bool fill(struct image_map *map, bool *more, struct error *err)
{
    memmove(map->buffer, map->buffer + map->at, map->filled - map->at);
    map->filled -= map->at;
    map->at = 0;
    if (map->filled == BUFFER_SIZE)
        return refuse(map, "it wrote a line without an end", err);
    ssize_t got;
    do {
        if (!wait_for_output(map))
            return stop(err);
        got = read(map->proc.output_fd, map->buffer + map->filled, BUFFER_SIZE - map->filled);
    } while (got < 0 && (errno == EINTR || errno == EAGAIN));
    if (got < 0)
        return error_errno(err, errno, "image.map", "%s: cannot read what qemu-img says", map->label);
    map->filled += (size_t)got;
    *more = got > 0;
    return true;
}

/* The next line without its end; the last one may have none. *line NULL: there is none. */
static bool next_line(struct image_map *map, const char **line, size_t *length, struct error *err)
{
    size_t searched = 0; /* of what is not read yet */
    for (;;) {
        const char *begin = map->buffer + map->at;
        const char *end = memchr(begin + searched, '\n', map->filled - map->at - searched);
        bool more = true;
        if (end) {
            *line = begin;
            *length = (size_t)(end - begin);
            map->at += *length + 1;
            return true;
        }
        searched = map->filled - map->at;
        if (!fill(map, &more, err))
            return false;
        if (!more) {
            map->at_end = true;
            *length = map->filled - map->at;
            *line = *length > 0 ? map->buffer + map->at : NULL;
            map->at = map->filled;
            return true;
        }
    }
}

static bool explain(struct image_map *map, int status, struct error *err)
{
    while (poll(&(struct pollfd){.fd = map->proc.error_fd, .events = POLLIN}, 1, 0) > 0 &&
           map->said.length < SAID_LIMIT) {
        size_t before = map->said.length;
        read_errors(map);
        if (map->said.length == before)
            break;
    }
    CLEANUP_FREE char *said = mem_strdup(map->said.data ? map->said.data : "");
    for (size_t length = strlen(said); length > 0 && strchr("\r\n ", said[length - 1]);)
        said[--length] = '\0';
    for (char *at = said; *at; at++)
        *at = *at == '\n' ? ' ' : *at;
    bool is_locked = said_is_locked(said);
    error_set(err, is_locked ? RETURN_IN_USE : RETURN_FAILED, "image.map",
              "%s: QEMU does not tell where its data is", map->label);
    const char *reason = said_reason(said, "qemu-img");
    CLEANUP_FREE char *cause = *reason ? mem_format("qemu-img: %s", reason) : mem_strdup("");
    proc_explain(status, cause, err);
    if (is_locked)
        error_next(err, "Another process has this image open for writing; end it and try again.");
    return false;
}

/* Behind the last line. */
static bool finish(struct image_map *map, struct error *err)
{
    int status = -1;
    while (!proc_wait(&map->proc, SLICE_MS, &status)) {
        if (is_stopped(map))
            return stop(err);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return explain(map, status, err);
    if (!map->array.ended || map->position != map->end)
        return refuse(map, "it ended too early", err);
    map->done = true;
    return true;
}

static bool check_range(struct image_map *map, const struct image_map_range *range, struct error *err)
{
    if (range->start != map->position)
        return refuse(map, "its ranges do not follow each other", err);
    if (range->length == 0 || range->length > map->end - map->position)
        return refuse(map, "a range lies outside the disk", err);
    if (range->has_offset && range->offset > (uint64_t)INT64_MAX - range->length)
        return refuse(map, "a place lies outside every file", err);
    map->position += range->length;
    return true;
}

static bool read_range(struct image_map *map, struct image_map_range *range, struct error *err)
{
    bool found = false;
    while (!found) {
        const char *line;
        size_t length;
        *range = (struct image_map_range){.start = map->end};
        if (map->done)
            return true;
        if (!next_line(map, &line, &length, err))
            return false;
        if (!line)
            return finish(map, err);
        if (!map_line_parse(&map->array, line, length, range,
                            &found)) /* a line that was cut says why it was */
            return map->at_end ? finish(map, err) && refuse(map, "it wrote something else", err)
                               : refuse(map, "it wrote something else", err);
        /* A part of no bytes is told as a range of none. */
        found = found && !(range->length == 0 && map->position == map->end && map->array.ended);
    }
    return check_range(map, range, err);
}

bool image_map_next(struct image_map *map, struct image_map_range *range, struct error *err)
{
    if (map->failed)
        return refuse(map, "it was given up before", err);
    map->failed = !read_range(map, range, err);
    return !map->failed;
}

static bool start_child(const struct image_map_spec *spec, struct image_map *map, struct error *err)
{
    CLEANUP_FREE char *chain =
        spec->path ? image_path_options(spec->path, spec->layers, spec->layer_count)
                   : image_layers_name(spec->layers, spec->layer_count, FIRST_LAYER_FD, IMAGE_ACCESS_OF_TOOL);
    CLEANUP_FREE char *start = mem_format("--start-offset=%llu", (unsigned long long)spec->start);
    CLEANUP_FREE char *length =
        mem_format("--max-length=%llu", (unsigned long long)(spec->end - spec->start));
    const char *argv[] = {"qemu-img", "map", "--output=json", start, length, "--", chain, NULL, NULL};
    if (spec->path) {
        argv[5] = "--image-opts";
        argv[6] = "--";
        argv[7] = chain;
    }
    size_t count = spec->path ? 0 : spec->layer_count;
    CLEANUP_FREE int *descriptors = mem_alloc((count + 1) * sizeof *descriptors);
    for (size_t i = 0; i < count; i++)
        descriptors[i] = spec->layers[i].fd;
    if (!proc_start(&(struct proc_spec){.argv = argv, .descriptors = descriptors, .descriptor_count = count},
                    true, &map->proc, err))
        return error_context(err, "%s", spec->label);
    /* A child that need not wait for us at each turn; the default will do where there may be no more. */
    (void)fcntl(map->proc.output_fd, F_SETPIPE_SZ, (int)BUFFER_SIZE);
    return true;
}

bool image_map_open(const struct image_map_spec *spec, struct image_map **map, struct error *err)
{
    struct image_map *made = mem_alloc(sizeof *made);
    *made = (struct image_map){.proc = {.pid = -1, .output_fd = -1, .error_fd = -1},
                               .label = mem_strdup(spec->label),
                               .stopped = spec->stopped,
                               .context = spec->context,
                               .position = spec->start,
                               .end = spec->end,
                               .buffer = mem_alloc(BUFFER_SIZE)};
    *map = NULL;
    if (!start_child(spec, made, err)) {
        image_map_close(made);
        return false;
    }
    *map = made;
    return true;
}

void image_map_close(struct image_map *map)
{
    if (!map)
        return;
    if (map->proc.pid > 0)
        kill(map->proc.pid, SIGKILL); /* it only reads */
    proc_end(&map->proc, END_PATIENCE_MS);
    strbuf_free(&map->said);
    free(map->buffer);
    free(map->label);
    free(map);
}
