/* The embedded instance of Msvm_CollectionReferencePointExportSettingData: text to value and back.
 *
 * Encoded form: CIM-XML (DSP0201) <INSTANCE CLASSNAME=...><PROPERTY NAME= TYPE=><VALUE>; an array of
 * instances is a PROPERTY.ARRAY whose every VALUE is an escaped INSTANCE; the base is a WMI path. Source:
 * hyperv-wire.md, contract.md. Reading also takes the WMI DTD 2.0 spelling (EmbeddedObject attributes,
 * VALUE.ARRAY of VALUE.OBJECT, DECLARATION wrappers). Hostile text: no DTD, no entities but XML's five, no
 * network, 1 MiB at most. NULL or "" reads as "everything, full". Threads: any. */
#ifndef REFPOINT_MODEL_EMBEDDED_INSTANCE_H
#define REFPOINT_MODEL_EMBEDDED_INSTANCE_H

#include "core/base/error.h"
#include "core/model/model.h"

/* Errors: 32773 not such an instance (no XML, another class, a property that the class does not have), 32776
 * a property of a wrong type. *settings is then empty. */
bool embedded_instance_decode(struct export_setting_data *settings, const char *text,
                              struct error *err) WARN_UNUSED;
/* The caller's; NULL when a machine's or disk's name holds what XML cannot carry (control characters, bytes
 * that are no UTF-8): name it by its id then. */
char *embedded_instance_encode(const struct export_setting_data *settings);

#endif
