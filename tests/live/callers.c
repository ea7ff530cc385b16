/* For selftest.sh: calls libvirt as virsh does not, from several threads at once and from a child.
 *
 *   callers URI NAME NAME
 *
 * Two threads suspend a machine each, and resume it; then a child that was forked calls virDomainSuspend for
 * nothing. The exit status is 0 when all went well and the child ended by itself. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libvirt/libvirt.h>

static pthread_barrier_t all_suspended;

static void *pause_machine(void *domain)
{
    int failed = virDomainSuspend(domain);
    pthread_barrier_wait(&all_suspended);
    if (virDomainResume(domain) < 0)
        failed = -1;
    return failed < 0 ? domain : NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[2];
    virDomainPtr domains[2];
    virConnectPtr connection = argc == 4 ? virConnectOpen(argv[1]) : NULL;
    void *failed;
    int status = -1;
    pid_t child;

    if (!connection)
        return 2;
    pthread_barrier_init(&all_suspended, NULL, 2);
    for (int i = 0; i < 2; i++) {
        domains[i] = virDomainLookupByName(connection, argv[i + 2]);
        if (!domains[i] || pthread_create(&threads[i], NULL, pause_machine, domains[i]) != 0)
            return 2;
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &failed);
        if (failed)
            return 1;
        virDomainFree(domains[i]);
    }
    child = fork();
    if (child == 0)
        _exit(virDomainSuspend(NULL) < 0 ? 0 : 1);
    waitpid(child, &status, 0);
    virConnectClose(connection);
    return status == 0 ? 0 : 1;
}
