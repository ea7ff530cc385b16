#include "ui/screens/screens.h"

#include "ui/screens/browse/browse.h"
#include "ui/screens/change/change.h"
#include "ui/screens/collection/define.h"
#include "ui/screens/collection/delete.h"
#include "ui/screens/create/create.h"
#include "ui/screens/dialog/dialog.h"
#include "ui/screens/files/files.h"
#include "ui/screens/form/base_list.h"
#include "ui/screens/form/screen.h"
#include "ui/screens/help/help.h"
#include "ui/screens/hosts/hosts.h"
#include "ui/screens/job/job.h"
#include "ui/screens/job/list.h"
#include "ui/screens/leave/leave.h"
#include "ui/screens/log/log.h"
#include "ui/screens/machine/form.h"
#include "ui/screens/machine/list.h"
#include "ui/screens/machine/remove.h"
#include "ui/screens/package/import/import.h"
#include "ui/screens/package/list.h"
#include "ui/screens/package/package.h"
#include "ui/screens/palette/palette.h"
#include "ui/screens/point/point.h"
#include "ui/screens/review/review.h"
#include "ui/screens/settings/settings.h"
#include "ui/screens/start/start.h"
#include "ui/screens/store/check.h"
#include "ui/screens/theme/theme.h"

screen_constructor *const screens[SCREEN_COUNT] = {
    [SCREEN_BROWSE] = browse_screen_new,
    [SCREEN_POINT] = point_screen_new,
    [SCREEN_EXPORT_FORM] = export_form_screen_new,
    [SCREEN_BASE_LIST] = base_screen_new,
    [SCREEN_REVIEW] = review_screen_new,
    [SCREEN_JOB] = job_screen_new,
    [SCREEN_JOB_LIST] = job_list_screen_new,
    [SCREEN_LOG] = log_screen_new,
    [SCREEN_HELP] = help_screen_new,
    [SCREEN_PALETTE] = palette_screen_new,
    [SCREEN_THEME] = theme_screen_new,
    [SCREEN_DIALOG] = dialog_screen_new,
    [SCREEN_LEAVE] = leave_dialog_new,
    [SCREEN_HOSTS] = hosts_screen_new,
    [SCREEN_CREATE] = create_screen_new,
    [SCREEN_REMOVE_DATA] = remove_data_screen_new,
    [SCREEN_DESTROY] = destroy_screen_new,
    [SCREEN_DEFINE_COLLECTION] = define_screen_new,
    [SCREEN_DELETE_COLLECTION] = delete_collection_screen_new,
    [SCREEN_FILES] = files_screen_new,
    [SCREEN_MACHINES] = machine_list_screen_new,
    [SCREEN_MACHINE_FORM] = machine_form_screen_new,
    [SCREEN_REMOVE_MACHINE] = remove_machine_screen_new,
    [SCREEN_DEMO] = demo_screen_new,
    [SCREEN_STORE] = store_screen_new,
    [SCREEN_PACKAGES] = packages_screen_new,
    [SCREEN_PACKAGE] = package_screen_new,
    [SCREEN_IMPORT] = import_screen_new,
    [SCREEN_CHECK] = check_screen_new,
    [SCREEN_SETTINGS] = settings_screen_new,
};
