#include "core/host/libvirt/machine/members.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/host/libvirt/live/block_job.h"
#include "core/host/libvirt/machine/machine.h"

static bool check_state(const struct machine *machine, struct error *err)
{
    if (machine->state != MACHINE_STATE_ASLEEP && machine->state != MACHINE_STATE_UNKNOWN)
        return true;
    error_set(err, RETURN_INVALID_STATE, "machine.asleep", "the machine %s is %s", machine->name,
              machine->state == MACHINE_STATE_ASLEEP ? "suspended by its guest" : "in a state of its own");
    return error_next(err, "Wake it (virsh dompmwakeup %s) or shut it down, then try again.", machine->name);
}

/* Somebody else's work on the disks would be in the way, or ruined. */
static bool check_foreign(virDomainPtr domain, const struct machine *machine, struct error *err)
{
    virDomainJobInfo job;
    if (libvirt()->virDomainGetJobInfo(domain, &job) == 0 && job.type != VIR_DOMAIN_JOB_NONE &&
        job.type != VIR_DOMAIN_JOB_COMPLETED && job.type != VIR_DOMAIN_JOB_FAILED &&
        job.type != VIR_DOMAIN_JOB_CANCELLED) {
        error_set(err, RETURN_IN_USE, "machine.job", "another job works on the machine %s", machine->name);
        return error_next(err, "Let it end (virsh domjobinfo %s shows it), then try again.", machine->name);
    }
    for (size_t i = 0; domain_state_is_active(machine->state) && i < machine->disk_count; i++) {
        const struct block_job disk = {
            .domain = domain, .disk = machine->disks[i].id, .label = machine->disks[i].id};
        int type = 0;
        if (!block_job_find(&disk, &type, err))
            return false;
        if (type == 0)
            continue;
        error_set(err, RETURN_IN_USE, "point.block-job", "machine %s, disk %s: a block job works on it",
                  machine->name, machine->disks[i].id);
        return error_next(err, "Let it end (virsh blockjob %s %s shows it), then try again.", machine->name,
                          machine->disks[i].id);
    }
    return true;
}

/* Each member as it is now: into the store's record, its domain kept at hand. */
static bool look_at(const struct store *store, virConnectPtr connect, bool here, const struct guid *id,
                    struct members *members, struct error *err)
{
    struct machine stored;
    struct host_machine made;
    struct machine record;
    if (!store_read_machine(store, id, &stored, err))
        return false;
    virDomainPtr domain = domain_find(connect, id, stored.name, err);
    bool ok = domain && host_machine_read(domain, &stored, &made, err);
    machine_clear(&stored);
    if (!ok)
        return false;
    ok = host_machine_check_disks(&made, err) && check_state(&made.machine, err) &&
         domain_check_not_saved(made.domain, made.machine.name, err) &&
         check_foreign(made.domain, &made.machine, err) &&
         host_machine_record(store, here, &made, &record, err);
    if (ok) {
        libvirt()->virDomainRef(made.domain);
        ARRAY_APPEND(members->items, members->count)->domain = made.domain;
        machine_clear(&record);
    }
    host_machine_clear(&made);
    return ok;
}

bool members_look(const struct store *store, virConnectPtr connect, bool here,
                  const struct collection *collection, struct members *members, struct error *err)
{
    *members = (struct members){0};
    for (size_t i = 0; i < collection->member_count; i++) {
        if (look_at(store, connect, here, &collection->members[i], members, err))
            continue;
        members_clear(members);
        return error_context(err, "a member of the collection %s", collection->name);
    }
    return true;
}

bool members_take_states(const struct members *members, struct reference_point *point, struct error *err)
{
    for (size_t i = 0; i < members->count; i++) {
        if (!domain_state(members->items[i].domain, &point->members[i].machine.state, err))
            return false;
    }
    return true;
}

bool members_check_quiesce(const struct reference_point *point, bool allow_crash, struct error *err)
{
    if (point->consistency_asked != CONSISTENCY_APPLICATION || allow_crash)
        return true;
    for (size_t i = 0; i < point->member_count; i++) {
        const struct machine *machine = &point->members[i].machine;
        if (machine->state != MACHINE_STATE_PAUSED)
            continue;
        error_set(err, RETURN_INVALID_STATE, "point.quiesce",
                  "the machine %s is paused: its file systems cannot be quiesced", machine->name);
        return error_next(err,
                          "Resume it (virsh resume %s), ask for --consistency crash, or for application "
                          "with --allow-crash.",
                          machine->name);
    }
    return true;
}

void members_clear(struct members *members)
{
    for (size_t i = 0; i < members->count; i++)
        domain_release(&members->items[i].domain);
    free(members->items);
    *members = (struct members){0};
}
