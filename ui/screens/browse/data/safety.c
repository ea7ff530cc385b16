#include "ui/screens/browse/data/safety.h"

static struct safety of_package(const struct exported_package *package, size_t packages)
{
    struct safety safety = {.package = package, .packages = packages, .when = package->exported};
    switch (package->state) {
    case EXPORTED_VERIFIED:
        safety.sign = SIGN_GOOD;
        safety.role = ROLE_SUCCESS;
        safety.word = "verified";
        safety.when = package->verified;
        return safety;
    case EXPORTED_BASELESS:
        safety.sign = SIGN_BAD;
        safety.role = ROLE_ERROR;
        safety.word = "no base";
        return safety;
    case EXPORTED_GONE:
        safety.sign = SIGN_BAD;
        safety.role = ROLE_ERROR;
        safety.word = "gone";
        return safety;
    case EXPORTED_TOUCHED:
        safety.sign = SIGN_WARNING;
        safety.role = ROLE_WARNING;
        safety.word = "touched";
        return safety;
    default:
        safety.sign = SIGN_WARNING;
        safety.role = ROLE_WARNING;
        safety.word = "unproven";
        return safety;
    }
}

struct safety safety_of(const struct exported_list *exported, const struct guid *point, bool known)
{
    if (!point || guid_is_none(point))
        return (struct safety){.sign = SIGN_NONE, .role = ROLE_DIM, .word = "no point"};
    size_t count = 0;
    const struct exported_package *package = exported_find(exported, point, &count);
    if (package)
        return of_package(package, count);
    if (!known)
        return (struct safety){.sign = SIGN_NONE, .role = ROLE_DIM, .word = ""};
    return (struct safety){.sign = SIGN_ABSENT, .role = ROLE_DIM, .word = "no copy"};
}
