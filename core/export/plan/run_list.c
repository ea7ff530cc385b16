#include "core/export/plan/run_list.h"

#include <stdlib.h>

#include "core/base/mem.h"

bool run_list_open(struct run_list *list, int directory, struct error *err)
{
    *list = (struct run_list){.spool = {.fd = -1}};
    if (!spool_open(&list->spool, directory, sizeof *list->pending, err))
        return false;
    list->pending = mem_alloc(RUN_BUFFER * sizeof *list->pending);
    return true;
}

bool run_list_finish(struct run_list *list, struct error *err)
{
    if (!spool_put(&list->spool, list->count - list->pending_count, list->pending, list->pending_count, err))
        return false;
    list->pending_count = 0;
    return true;
}

bool run_list_add(struct run_list *list, const struct run *run, struct error *err)
{
    if (list->pending_count == RUN_BUFFER && !run_list_finish(list, err))
        return false;
    list->pending[list->pending_count++] = *run;
    list->count++;
    return true;
}

void run_list_close(struct run_list *list)
{
    if (list->pending)
        spool_close(&list->spool);
    free(list->pending);
    *list = (struct run_list){.spool = {.fd = -1}};
}

void run_reader_open(struct run_reader *reader, const struct run_list *list)
{
    *reader = (struct run_reader){.list = list, .buffer = mem_alloc(RUN_BUFFER * sizeof *reader->buffer)};
}

bool run_reader_next(struct run_reader *reader, struct run *run, struct error *err)
{
    if (reader->at == reader->count) {
        uint64_t left = reader->list->count - reader->next;
        reader->at = 0;
        reader->count = left < RUN_BUFFER ? (size_t)left : RUN_BUFFER;
        if (!spool_get(&reader->list->spool, reader->next, reader->buffer, reader->count, err))
            return false;
        reader->next += reader->count;
    }
    *run = (struct run){.kind = RUN_SKIP};
    if (reader->count > 0)
        *run = reader->buffer[reader->at++];
    return true;
}

void run_reader_close(struct run_reader *reader)
{
    free(reader->buffer);
    *reader = (struct run_reader){0};
}
