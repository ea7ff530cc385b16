#include "core/export/copy/lead.h"

#include <stdlib.h>
#include <string.h>

#include "core/export/copy/buffer.h"
#include "core/job/condition.h"

void lead_open(struct lead *lead, enum lead_kind kind, uint64_t longest, size_t buffers)
{
    memset(lead, 0, sizeof *lead);
    lead->kind = kind;
    lead->longest = longest;
    lead->buffers_limit = buffers < LEAD_BUFFERS_LIMIT ? buffers : LEAD_BUFFERS_LIMIT;
    pthread_mutex_init(&lead->lock, NULL);
    condition_init(&lead->room);
    condition_init(&lead->arrived);
}

void lead_close(struct lead *lead)
{
    pthread_cond_destroy(&lead->room);
    pthread_cond_destroy(&lead->arrived);
    pthread_mutex_destroy(&lead->lock);
    for (size_t i = 0; i < lead->free_count; i++)
        free(lead->free[i]);
    for (size_t i = 0; i < LEAD_WINDOWS; i++)
        free(lead->handed[i]);
}

static bool has_buffer(const struct lead *lead)
{
    return lead->free_count > 0 || lead->buffers_made < lead->buffers_limit;
}

unsigned char *lead_lend(struct lead *lead, struct halt *halt, struct error *err)
{
    unsigned char *buffer = NULL;
    pthread_mutex_lock(&lead->lock);
    while (!halt_is_asked(halt) && !has_buffer(lead))
        condition_wait(&lead->room, &lead->lock);
    if (lead->free_count > 0)
        buffer = lead->free[--lead->free_count];
    else if (lead->buffers_made == lead->buffers_limit)
        error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
    else if ((buffer = copy_buffer_new(err)))
        lead->buffers_made++;
    pthread_mutex_unlock(&lead->lock);
    return buffer;
}

static void take_back(struct lead *lead, unsigned char *buffer)
{
    if (buffer)
        lead->free[lead->free_count++] = buffer;
}

void lead_give_back(struct lead *lead, unsigned char *buffer)
{
    pthread_mutex_lock(&lead->lock);
    take_back(lead, buffer);
    pthread_mutex_unlock(&lead->lock);
}

/* Not for each window: waking a thread costs as much as hashing one. */
static bool is_far_enough(const struct lead *lead, uint64_t index, uint64_t bytes)
{
    uint64_t windows = lead->kind == LEAD_BUFFERS ? lead->buffers_limit : LEAD_WINDOWS;
    return lead->ended ||
           (lead->done > index && (lead->done_bytes >= bytes || lead->done >= index + windows / 2 ||
                                   lead->done_bytes - lead->followed_bytes >= lead->longest / 2));
}

static bool is_too_long(const struct lead *lead, uint64_t index)
{
    if (lead->kind == LEAD_ALONE)
        return index >= lead->done + LEAD_WINDOWS;
    return index >= lead->followed + LEAD_WINDOWS || lead->done_bytes - lead->followed_bytes > lead->longest;
}

bool lead_enter(struct lead *lead, uint64_t index, struct halt *halt)
{
    bool go;
    pthread_mutex_lock(&lead->lock);
    while ((go = !halt_is_asked(halt)) && is_too_long(lead, index))
        condition_wait(&lead->room, &lead->lock);
    pthread_mutex_unlock(&lead->lock);
    return go;
}

void lead_done(struct lead *lead, uint64_t index, uint64_t bytes, unsigned char **buffer)
{
    pthread_mutex_lock(&lead->lock);
    if (lead->kind == LEAD_BUFFERS) {
        lead->handed[index % LEAD_WINDOWS] = *buffer;
        *buffer = NULL;
    }
    lead->beyond[index % LEAD_WINDOWS] = bytes;
    for (uint64_t *next; *(next = &lead->beyond[lead->done % LEAD_WINDOWS]) != 0; *next = 0) {
        lead->done_bytes += *next;
        lead->done++;
    }
    if (lead->kind == LEAD_ALONE)
        pthread_cond_broadcast(&lead->room);
    else if (is_far_enough(lead, lead->wanted_index, lead->wanted_bytes))
        pthread_cond_signal(&lead->arrived);
    pthread_mutex_unlock(&lead->lock);
}

void lead_end(struct lead *lead)
{
    pthread_mutex_lock(&lead->lock);
    lead->ended = true;
    pthread_cond_signal(&lead->arrived);
    pthread_mutex_unlock(&lead->lock);
}

bool lead_wait(struct lead *lead, uint64_t index, uint64_t *bytes, struct halt *halt)
{
    bool go;
    pthread_mutex_lock(&lead->lock);
    lead->wanted_index = index;
    lead->wanted_bytes = *bytes;
    if (lead->longest == LEAD_CACHED_BYTES && lead->done <= index &&
        lead->wanted_bytes < lead->followed_bytes + LEAD_BATCH)
        lead->wanted_bytes = lead->followed_bytes + LEAD_BATCH;
    while ((go = !halt_is_asked(halt)) && !is_far_enough(lead, index, lead->wanted_bytes))
        condition_wait(&lead->arrived, &lead->lock);
    *bytes = lead->done_bytes;
    go = go && lead->done > index;
    pthread_mutex_unlock(&lead->lock);
    return go;
}

const unsigned char *lead_handed(struct lead *lead, uint64_t index)
{
    pthread_mutex_lock(&lead->lock);
    const unsigned char *buffer = lead->handed[index % LEAD_WINDOWS];
    pthread_mutex_unlock(&lead->lock);
    return buffer;
}

void lead_follow(struct lead *lead, uint64_t bytes)
{
    pthread_mutex_lock(&lead->lock);
    take_back(lead, lead->handed[lead->followed % LEAD_WINDOWS]);
    lead->handed[lead->followed % LEAD_WINDOWS] = NULL;
    lead->followed++;
    lead->followed_bytes += bytes;
    pthread_cond_broadcast(&lead->room);
    pthread_mutex_unlock(&lead->lock);
}
