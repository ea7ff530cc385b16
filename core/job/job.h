/* The job: identity, state machine, progress. A leaf: it knows nothing of disks, files or screens.
 *
 * One `struct job` lives in the process that does the work (a runner, or the caller of the synchronous form).
 * Worker threads report to it, others read it as a *snapshot*: a plain value copied under the job's lock,
 * once per turn of whoever looks. Progress counts bytes completed, never issued; percent never goes back and
 * is 100 only at the end.
 *
 * States and numbers: contract.md ("The job"), CIM_ConcreteJob. Threads: every function, any thread. Units:
 * bytes, UTC moments, milliseconds where the name says so. */
#ifndef REFPOINT_JOB_JOB_H
#define REFPOINT_JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/base/guid.h"
#include "core/base/return_code.h"
#include "core/base/units.h"
#include "core/job/history.h"

enum job_phase { JOB_PHASE_PLAN = 1, JOB_PHASE_COPY, JOB_PHASE_VERIFY, JOB_PHASE_COMMIT };
#define JOB_PHASE_COUNT 4
const char *job_phase_word(enum job_phase phase); /* "plan", "copy", "verify", "commit" */

enum job_disk_state {
    JOB_DISK_WAITING,
    JOB_DISK_COPYING,
    JOB_DISK_VERIFYING,
    JOB_DISK_DONE,
    JOB_DISK_FAILED
};
const char *job_disk_state_word(enum job_disk_state state);

struct job_disk {
    char machine[256]; /* escaped, cut */
    char disk[128];
    char kind[16];    /* "full", "differential" */
    char reason[256]; /* why full although differential was asked; "" */
    enum job_disk_state state;
    uint64_t bytes_done; /* completed of bytes_total: data and zero ranges that are written */
    uint64_t bytes_total;
    uint64_t bytes_skipped; /* unchanged or unallocated: never read */
    uint64_t bytes_kept;    /* of bytes_done: an earlier process of this job had copied them; proven again */
    uint64_t bytes_zero;    /* of bytes_total: what will be written as zero, without reading */
};

/* Classes of jobs (contract.md, "Objects"). */
#define JOB_CLASS_EXPORT "Msvm_CollectionReferencePointExportJob"
#define JOB_CLASS_CONCRETE "Msvm_ConcreteJob"

/* What stands in the way of one that is suspended without having been asked to be (obstacle.h). */
enum job_obstacle {
    JOB_OBSTACLE_NONE,
    JOB_OBSTACLE_NO_SPACE,
    JOB_OBSTACLE_QUOTA,
    JOB_OBSTACLE_READ_ONLY,
    JOB_OBSTACLE_TARGET, /* the storage of the target fails, or has gone */
    JOB_OBSTACLE_SOURCE, /* that of the images */
};
#define JOB_OBSTACLE_COUNT 6
const char *job_obstacle_word(enum job_obstacle obstacle); /* "none", "no-space", "quota" ... */

/* What holds a copy back most. */
enum job_limit {
    JOB_LIMIT_NONE, /* not known (yet), or nothing more than others */
    JOB_LIMIT_SOURCE,
    JOB_LIMIT_TARGET,
    JOB_LIMIT_PROCESSOR,
    JOB_LIMIT_RATE, /* the limit that was asked for */
};
#define JOB_LIMIT_COUNT 5
const char *job_limit_word(enum job_limit limit);     /* "source" ...; NULL of NONE */
const char *job_limit_sentence(enum job_limit limit); /* "source-limited" ... "your limit"; NULL of NONE */

struct job_identity { /* fixed when the job is made */
    struct guid id;   /* InstanceID */
    char kind[16];    /* "export", "verify", "destroy", "remove-data"; "" = "export", as in journals from when
                         there was no other */
    char collection[256];
    char collection_id[37];
    char point[256];
    char point_id[37];
    char base_point_id[37]; /* "" = full */
    char directory[4096];   /* ExportDirectory */
    char owner[64];
};

/* What is known of the signature of a package (an export's own; a verification's, and those of the packages
 * beneath it). Texts are escaped; owned by who holds it. */
struct job_signature {
    char *package; /* its path */
    char *signer;  /* whom the allowed signers give the key to; NULL = nobody, or nobody was asked */
    char *key;     /* fingerprint of the key that made it; NULL = no signature that fits */
    bool is_signed;
    bool asked;  /* there was a file of allowed signers */
    bool unseen; /* there is one, and nothing to look at it with */
};
void job_signature_clear(struct job_signature *signature);
void job_signature_copy(struct job_signature *to, const struct job_signature *from);
/* "signed by WHO (key ...)", "not signed" ...; NULL where there is nothing to say, or it is a problem that is
 * said elsewhere. The caller's. */
char *job_signature_sentence(const struct job_signature *signature);

struct job_snapshot {
    struct job_identity identity;
    uint32_t state; /* enum job_state */
    enum job_phase phase;
    unsigned percent_complete;
    /* The one total, of which percent_complete is the part that is done: bytes of a base that is verified
     * before (in the plan phase these alone, and percent_complete 0), bytes to copy (data and zeroes), those
     * that are read again of files that are finished, and those that the verify phase will read. Both 0: not
     * known yet, or of a journal of earlier versions. */
    uint64_t work_done;
    uint64_t work_total;
    uint64_t bytes_done; /* of the copy alone: the sum of the disks' */
    uint64_t bytes_total;
    uint64_t bytes_skipped;
    uint64_t bytes_kept;
    /* Rates, estimate and elapsed time are of one clock (course.h), which stands while the job is suspended.
     * Bytes that were kept, and zeroes, are in no rate. */
    uint64_t rate_now;     /* bytes/s of the last seconds since it began or went on; 0 = not stable yet */
    uint64_t rate_average; /* bytes/s over the copy; 0 = not stable yet */
    uint64_t left_low_s;   /* estimate of what is left as a range; both 0 = no estimate yet */
    uint64_t left_high_s;
    enum job_limit limited_by;
    struct job_history history; /* of the rate, over the whole time */
    struct moment started;      /* {0} before Starting */
    struct moment changed;      /* TimeOfLastStateChange */
    int64_t elapsed_ms;         /* of the clock */
    int64_t paused_ms;          /* since the start besides */
    bool cancellable;
    bool cancel_requested;
    bool verified;
    struct error error; /* key "" = none. A warning has code 0 (the job succeeded), key and sentences */
    enum job_obstacle obstacle; /* of a suspended one; NONE: it was asked to be, or is not */
    struct error obstacle_error;
    struct moment obstacle_until; /* then it ends as failed */
    uint64_t bytes_needed;        /* room where it writes, that it still needs, and that there is; with an */
    uint64_t bytes_available;     /* obstacle; both 0 = not known */
    char package[4096];           /* path of the finished package; "" before */
    bool has_freed;               /* a change of a point that knows what came back to the file system */
    int64_t bytes_freed;          /* negative: it took more */
    char package_sum[65];         /* SHA-256 of its SHA256SUMS, in hexadecimal digits; "" = not known */
    char note[256];               /* last line of the job's log, with its time */
    struct job_disk *disks;       /* owned by the snapshot */
    size_t disk_count;
    char **findings; /* sentences that the work has found, escaped; owned by the snapshot */
    size_t finding_count;
    struct job_signature *signatures; /* owned by the snapshot */
    size_t signature_count;
    uint64_t revision; /* grows with every change: same number, same content */
};
void job_snapshot_clear(struct job_snapshot *snapshot);
/* The bytes to show beside the percentage: of the work, and of a job that has succeeded what it copied. */
void job_amounts(const struct job_snapshot *snapshot, uint64_t *done, uint64_t *total);
/* Its amounts are of what is verified before there is anything to copy. */
bool job_verifies_first(const struct job_snapshot *snapshot);
/* "0:17:52, paused 0:05:00": of the job's clock, and what has passed besides. The caller's. */
char *job_elapsed_text(const struct job_snapshot *snapshot);
void job_snapshot_copy(struct job_snapshot *to, const struct job_snapshot *from);
/* Of this kind? */
bool job_is_kind(const struct job_identity *identity, const char *kind);
/* A kind that changes a point and leaves no package: what it does, and has done ("is destroyed"), after the
 * point's name; NULL: another kind. */
const char *job_change_done(const struct job_identity *identity);
/* "1.4 MiB (1462272 bytes) came back to the file system"; negative: it takes more. The caller's. */
char *job_freed_sentence(int64_t bytes);

/* "cannot write to /backup: No space left on device; 3.0 GiB are needed, 1.0 GiB available. Free ...". The
 * caller's. */
char *job_obstacle_text(const struct job_snapshot *snapshot);

struct job;

struct job *job_new(const struct job_identity *identity);
void job_free(struct job *job);
struct guid job_id(const struct job *job);
void job_get_snapshot(struct job *job,
                      struct job_snapshot *snapshot); /* into a zeroed or used one (its array is reused) */

/* A directory that lives as long as the job and goes with it, for what the work needs meanwhile; borrowed; -1
 * = there is none. Set once, before work starts. */
void job_set_directory(struct job *job, int directory);
int job_directory(const struct job *job);

/* Called (on the reporting thread, without the job's lock) after each change of state and each log line; the
 * journal uses it. Set once, before work starts. */
struct job_listener {
    void (*changed)(void *context);
    void (*logged)(void *context, const char *line);
    /* See job_tell_naming; NULL = nobody has to know. */
    void (*naming)(void *context, const char *package, const struct guid *package_id);
    void *context;
};
void job_set_listener(struct job *job, const struct job_listener *listener);

/* Moves the state; an impossible transition is refused (false) and leaves the job as it was. Terminal states
 * are final. Allowed: New→Starting→Running; Running↔Suspended; {New,Starting,Running,Suspended}→Shutting
 * Down; any non-terminal →{Completed, Completed with Warnings, Exception, Terminated, Killed}. Phases only go
 * forward. */
bool job_set_state(struct job *job, enum job_state state);
/* Ends the job. With a warning: Completed with Warnings, the sentences kept, ErrorCode 0 (contract.md:
 * succeeded). A job that has ended stays as it is. */
void job_complete(struct job *job, const char *package, bool verified, const struct error *warning);
void job_fail(struct job *job, const struct error *err); /* Exception */
void job_end_cancelled(struct job *job);                 /* Terminated */

/* For the work */
void job_set_phase(struct job *job, enum job_phase phase);
/* Totals are known before the first byte is copied. Copies the rows. */
void job_set_disks(struct job *job, const struct job_disk *disks, size_t count);
void job_disk_set_state(struct job *job, size_t disk, enum job_disk_state state);
void job_disk_add_done(struct job *job, size_t disk, uint64_t bytes);
/* The same for ranges written as zero: done, but no bytes were moved, so they do not count in the rates. */
void job_disk_add_zeroed(struct job *job, size_t disk, uint64_t bytes);
/* The same for what was there already. */
void job_disk_add_kept(struct job *job, size_t disk, uint64_t bytes);
/* What else is in the one total: what is read again of files that are finished, and what the verify phase
 * will read. Before the copy; without, it is nothing. */
void job_set_later_bytes(struct job *job, uint64_t again, uint64_t verified);
void job_add_read_again(struct job *job, uint64_t bytes);
/* There will be one phase and nothing else (its own bytes: job_set_phase_progress): it has the whole
 * percentage, and its bytes are the job's. */
void job_has_one_phase(struct job *job);
/* A sentence for who reads the outcome; at most JOB_FINDING_LIMIT are kept. */
#define JOB_FINDING_LIMIT 1001
void job_add_finding(struct job *job, const char *sentence);
/* What the change of a point gave back: before job_complete. */
void job_set_freed(struct job *job, int64_t bytes);
/* A package that is there although the job fails. */
void job_set_package(struct job *job, const char *package);
/* The checksum of the package that is made: before job_complete, once it is there. */
void job_set_package_sum(struct job *job, const char *sum);
/* A copy; at most JOB_SIGNATURE_LIMIT are kept. */
#define JOB_SIGNATURE_LIMIT 1000
void job_add_signature(struct job *job, const struct job_signature *signature);
/* Progress of the verify phase, of a base that is verified in the plan phase, or of a job's only phase: done
 * of total in its own bytes. Of others nothing is made of it. */
void job_set_phase_progress(struct job *job, uint64_t done, uint64_t total);
/* The next step gives a finished package this path: whoever finds the job dead can look there. On the thread
 * that calls; returns when that has been kept. */
void job_tell_naming(struct job *job, const char *package, const struct guid *package_id);
void job_log(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Somebody else than the caller can let a suspended job go on: it may wait for an obstacle to be removed
 * (obstacle.h), as long as its patience says. Without, and without patience, it does not. */
void job_set_reachable(struct job *job);
void job_set_patience(struct job *job, int64_t milliseconds);

/* Requests: honoured by the work within a second. Returns a return code of the export job's
 * RequestStateChange: 0 accepted; 32775 when the state does not allow it; 32770 for a state this job does not
 * know. */
uint32_t job_request_state_change(struct job *job, uint32_t requested_state);
bool job_is_cancelled(struct job *job);
/* The work calls this between blocks: blocks while suspended; returns false once cancelled. */
bool job_checkpoint(struct job *job);
/* Part of the work has failed: no pause holds the rest any more, so that the failure is told now, not when
 * somebody lets the job go on. Its state stays until job_fail. */
void job_end_waiting(struct job *job);
/* Becomes readable when cancel is requested; for poll beside other descriptors. Owned by the job. */
int job_cancel_fd(const struct job *job);

#endif
