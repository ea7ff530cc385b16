/* Classes and properties of the export settings, for the two halves of the codec. Source: contract.md
 * ("Objects"). */
#ifndef REFPOINT_MODEL_EMBEDDED_INSTANCE_NAMES_H
#define REFPOINT_MODEL_EMBEDDED_INSTANCE_NAMES_H

#define SETTINGS_CLASS "Msvm_CollectionReferencePointExportSettingData"
#define MACHINE_CLASS "Msvm_VirtualMachineToDisks"
#define BASE_PROPERTY "BaseReferencePointCollection"
#define MACHINES_PROPERTY "VirtualMachinesToDisksToExport"
#define MACHINE_ID_PROPERTY "VirtualMachineId"
#define DISKS_PROPERTY "DisksToExport"

#endif
