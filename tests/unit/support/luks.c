#include "tests/unit/support/luks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/system/proc.h"

void make_luks(const char *format, const char *path)
{
    const char *options = strcmp(format, "qcow2") == 0
                              ? "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=200"
                              : "key-secret=s,iter-time=200";
    const char *const argv[] = {"qemu-img", "create", "-q", "-f", format, "--object", "secret,id=s,data=abc",
                                "-o",       options,  path, "8M", NULL};
    struct error err = {0};
    const struct proc_spec spec = {.argv = argv};
    for (int i = 0; i < 100; i++) {
        if (proc_run(&spec, 60000, "test", NULL, &err))
            return;
        if (!strstr(err.cause, "CPU usage"))
            break;
    }
    fail_msg("%s: %s", err.what, err.cause);
}
