/* For tests of jobs in processes of their own: the test program is its own runner, each test has a state
 * directory, a scripted host (scripted_host.h) and a service. Waiting is for what a follower reads,
 * never for time. Reports of sanitizers in runners fail the test (their standard error is /dev/null). */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_JOBS_H
#define REFPOINT_TESTS_UNIT_SUPPORT_JOBS_H

#include <sys/types.h>

#include "core/service/follow.h"
#include "core/service/journal/journal.h"
#include "core/service/runner/runner.h"
#include "core/service/service.h"
#include "tests/unit/support/scripted_host.h"

#define PATIENCE_MS 300000

extern char jobs_directory[64];
extern struct service *jobs_service;
extern struct host *jobs_host;

int jobs_set_up(void **state);
int jobs_tear_down(void **state);
#define JOBS_TEST(name) cmocka_unit_test_setup_teardown(name, jobs_set_up, jobs_tear_down)

void jobs_set_script(const char *script); /* makes host and service anew */
struct export_request jobs_request(void);
struct guid jobs_start(void); /* 4096 or the test fails */
size_t jobs_count(void);      /* entries in the directory of jobs, hidden ones too */

typedef bool jobs_condition(const struct job_snapshot *snapshot);
jobs_condition jobs_is_final, jobs_is_suspended, jobs_is_running, jobs_has_a_step, jobs_has_many;
struct follow *jobs_watch(const struct guid *id);
void jobs_wait(struct follow *follow, jobs_condition *wanted, struct job_snapshot *snapshot);
struct job_snapshot jobs_wait_for_end(const struct guid *id);
void jobs_ask(const struct guid *id, uint32_t requested_state);
int jobs_connect(const struct guid *id); /* a bare connection to the runner; -1 */
pid_t jobs_runner(const struct guid *id);

/* main() of a test: runs as a runner when it was started as one. */
bool jobs_is_runner(int argc, char **argv, int *status);

#endif
