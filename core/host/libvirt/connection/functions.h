/* The functions of libvirt that we call, found when a host of libvirt's is first opened: the library brings
 * forty others along, which nobody waits for whose machines are image files.
 *
 * A function of libvirt is called as libvirt()->virDomainSuspend(domain), and by nobody without library_start
 * having succeeded, as it has where there is a connection, or a domain. Source: the prototypes are those of
 * libvirt's own headers. Ownership: the table lives as long as the process. Threads: any. */
#ifndef REFPOINT_HOST_LIBVIRT_CONNECTION_FUNCTIONS_H
#define REFPOINT_HOST_LIBVIRT_CONNECTION_FUNCTIONS_H

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

/* clang-format off */
#define LIBVIRT_SYMBOLS(X) \
    X(virConnectAuthPtrDefault) \
    X(virConnectClose) \
    X(virConnectIsAlive) \
    X(virConnectListAllDomains) \
    X(virConnectOpenAuth) \
    X(virConnectRef) \
    X(virConnectSetKeepAlive) \
    X(virDomainAbortJob) \
    X(virDomainAgentSetResponseTimeout) \
    X(virDomainBackupBegin) \
    X(virDomainBackupGetXMLDesc) \
    X(virDomainBlockCommit) \
    X(virDomainBlockJobAbort) \
    X(virDomainCheckpointCreateXML) \
    X(virDomainCheckpointDelete) \
    X(virDomainCheckpointFree) \
    X(virDomainCheckpointGetName) \
    X(virDomainCheckpointGetXMLDesc) \
    X(virDomainCheckpointLookupByName) \
    X(virDomainCreate) \
    X(virDomainDefineXMLFlags) \
    X(virDomainFSFreeze) \
    X(virDomainFSThaw) \
    X(virDomainFree) \
    X(virDomainGetBlockInfo) \
    X(virDomainGetBlockJobInfo) \
    X(virDomainGetJobInfo) \
    X(virDomainGetName) \
    X(virDomainGetState) \
    X(virDomainGetUUIDString) \
    X(virDomainGetXMLDesc) \
    X(virDomainHasManagedSaveImage) \
    X(virDomainIsActive) \
    X(virDomainIsPersistent) \
    X(virDomainListAllCheckpoints) \
    X(virDomainLookupByUUIDString) \
    X(virDomainRef) \
    X(virDomainResume) \
    X(virDomainSnapshotCreateXML) \
    X(virDomainSnapshotFree) \
    X(virDomainSuspend) \
    X(virDomainUndefineFlags) \
    X(virEventRegisterDefaultImpl) \
    X(virEventRunDefaultImpl) \
    X(virGetLastError) \
    X(virGetLastErrorCode) \
    X(virInitialize) \
    X(virResetLastError) \
    X(virSetErrorFunc)
/* clang-format on */

/* virConnectAuthPtrDefault is a variable, so that a pointer to it is here. */
struct libvirt_functions {
#define LIBVIRT_MEMBER(name) __typeof__(&(name)) name;
    LIBVIRT_SYMBOLS(LIBVIRT_MEMBER)
#undef LIBVIRT_MEMBER
};

const struct libvirt_functions *libvirt(void);

#endif
