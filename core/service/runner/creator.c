#include "core/service/runner/creator.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/mem.h"

struct creator_watch {
    int creator_fd;
    int end_fd;
    struct job *job;
    pthread_t thread;
};

static void *watch(void *argument)
{
    const struct creator_watch *watch = argument;
    struct pollfd fds[] = {{.fd = watch->creator_fd, .events = POLLRDHUP},
                           {.fd = watch->end_fd, .events = POLLIN}};
    while (poll(fds, ARRAY_LENGTH(fds), -1) < 0 && errno == EINTR)
        ;
    if (fds[0].revents)
        job_request_state_change(watch->job, REQUESTED_STATE_TERMINATE);
    return NULL;
}

struct creator_watch *creator_watch_begin(int creator_fd, struct job *job, struct error *err)
{
    int end_fd = eventfd(0, EFD_CLOEXEC);
    struct creator_watch *made = mem_alloc(sizeof *made);
    *made = (struct creator_watch){.creator_fd = creator_fd, .end_fd = end_fd, .job = job};
    int number = end_fd < 0 ? errno : pthread_create(&made->thread, NULL, watch, made);
    if (number == 0)
        return made;
    error_errno(err, number, "runner.thread", "cannot watch for whoever waits for the job");
    mem_cleanup_fd(&end_fd);
    free(made);
    return NULL;
}

void creator_watch_end(struct creator_watch *watch)
{
    if (!watch)
        return;
    eventfd_write(watch->end_fd, 1);
    pthread_join(watch->thread, NULL);
    close(watch->end_fd);
    free(watch);
}
