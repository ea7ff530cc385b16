#include "core/service/kinds/point_change.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/service/kinds/request.h"

static void to_json(json_t *object, const void *work)
{
    const struct object_path *path = work;
    json_put_text(object, "point_id", path->point_id.text);
    json_put_text(object, "collection_id", path->collection_id.text);
}

static void *from_json(const json_t *object)
{
    struct object_path *path = mem_alloc(sizeof *path);
    const char *point = json_get_text(object, "point_id", "");
    const char *collection = json_get_text(object, "collection_id", "");
    if (guid_parse(&path->point_id, point) && guid_parse(&path->collection_id, collection))
        return path;
    free(path);
    return NULL;
}

static void *copy(const void *work)
{
    struct object_path *path = mem_alloc(sizeof *path);
    *path = *(const struct object_path *)work;
    return path;
}

static void release(void *work)
{
    free(work);
}

static uint32_t check(struct host *host, const void *work, void *found, struct error *err)
{
    struct reference_point point = {0};
    (void)found;
    if (!host->ops->read_point(host, work, &point, err))
        return err->code;
    reference_point_clear(&point);
    return RETURN_DONE;
}

static bool describe(struct host *host, const void *work, struct job_identity *identity, struct error *err)
{
    struct reference_point point = {0};
    if (!host->ops->read_point(host, work, &point, err))
        return false;
    request_copy_escaped(identity->collection, sizeof identity->collection, point.collection_name);
    request_copy_escaped(identity->point, sizeof identity->point, point.name);
    text_copy_cut(identity->collection_id, sizeof identity->collection_id, point.collection_id.text);
    text_copy_cut(identity->point_id, sizeof identity->point_id, point.id.text);
    reference_point_clear(&point);
    return true;
}

static bool go_on(void *context, uint64_t done, uint64_t total)
{
    struct job *job = context;
    job_set_phase_progress(job, done, total);
    return job_checkpoint(job);
}

typedef uint32_t point_method(struct host *host, const struct object_path *path, struct watch *watch,
                              struct error *err);

static uint32_t end_cancelled(struct job *job, const struct error *err)
{
    CLEANUP_FREE char *text = error_text(err);
    job_log(job, "cancelled: %s", text);
    job_end_cancelled(job);
    return err->code;
}

static void tell_freed(struct job *job, int64_t bytes)
{
    CLEANUP_FREE char *sentence = job_freed_sentence(bytes);
    job_set_freed(job, bytes);
    job_log(job, "%s", sentence);
}

static uint32_t do_change(point_method *method, struct host *host, const struct object_path *path,
                          struct job *job, struct error *err)
{
    struct watch watch = {.go_on = go_on, .context = job};
    *err = (struct error){0};
    job_has_one_phase(job);
    if (job_set_state(job, JOB_STATE_STARTING)) {
        job_set_state(job, JOB_STATE_RUNNING);
        job_set_phase(job, JOB_PHASE_COMMIT);
        if (method(host, path, &watch, err) == RETURN_DONE) {
            job_log(job, "completed");
            if (watch.has_freed)
                tell_freed(job, watch.freed);
            job_complete(job, "", false, NULL);
            return RETURN_DONE;
        }
    } else {
        error_set(err, RETURN_FAILED, "point.ended", "it was cancelled before it had begun");
    }
    if (job_is_cancelled(job))
        return end_cancelled(job, err);
    CLEANUP_FREE char *text = error_text(err);
    job_log(job, "failed: %s", text);
    job_fail(job, err);
    return err->code;
}

static uint32_t run_destroy(struct host *host, const void *work, struct job *job, struct error *err)
{
    return do_change(host->ops->destroy_point, host, work, job, err);
}

static uint32_t run_remove_data(struct host *host, const void *work, struct job *job, struct error *err)
{
    return do_change(host->ops->remove_associated_data, host, work, job, err);
}

static void log_destroy(struct job *job, const struct job_identity *identity)
{
    job_log(job, "job %s: destruction of the point %s of %s, asked for by %s", identity->id.text,
            identity->point, identity->collection, identity->owner);
}

static void log_remove_data(struct job *job, const struct job_identity *identity)
{
    job_log(job, "job %s: removal of the data of the point %s of %s, asked for by %s", identity->id.text,
            identity->point, identity->collection, identity->owner);
}

static void explain_destroy(struct job_snapshot *snapshot, const struct job_naming *named)
{
    struct error *err = &snapshot->error;
    (void)named;
    error_set(err, RETURN_FAILED, "job.interrupted", "the destruction of %s was interrupted at %u%%",
              snapshot->identity.point, snapshot->percent_complete);
    error_cause(err, "the process that did it was killed, or the machine went down");
    error_next(err, "\"refpoint store check\" goes on with it.");
}

static void explain_remove_data(struct job_snapshot *snapshot, const struct job_naming *named)
{
    struct error *err = &snapshot->error;
    (void)named;
    error_set(err, RETURN_FAILED, "job.interrupted", "removing the data of %s was interrupted at %u%%",
              snapshot->identity.point, snapshot->percent_complete);
    error_cause(err, "the process that did it was killed, or the machine went down");
    error_next(err, "\"refpoint store check\" goes on with it.");
}

const struct job_kind job_kind_destroy = {.name = "destroy",
                                          .class_name = JOB_CLASS_CONCRETE,
                                          .job_type = 208,
                                          .needs_host = true,
                                          .to_json = to_json,
                                          .from_json = from_json,
                                          .copy = copy,
                                          .release = release,
                                          .check = check,
                                          .describe = describe,
                                          .log_begin = log_destroy,
                                          .run = run_destroy,
                                          .explain_interruption = explain_destroy};

const struct job_kind job_kind_remove_data = {.name = "remove-data",
                                              .class_name = JOB_CLASS_CONCRETE,
                                              .job_type = 207,
                                              .needs_host = true,
                                              .to_json = to_json,
                                              .from_json = from_json,
                                              .copy = copy,
                                              .release = release,
                                              .check = check,
                                              .describe = describe,
                                              .log_begin = log_remove_data,
                                              .run = run_remove_data,
                                              .explain_interruption = explain_remove_data};
