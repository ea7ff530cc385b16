#include "core/host/libvirt/remote/account.h"

#include <libxml/uri.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/host/libvirt/remote/options.h"
#include "core/system/proc.h"

#define RUN_PATIENCE_MS 120000

static char *parameter(const char *query, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = query; at && *at;) {
        size_t end = strcspn(at, "&;");
        if (end > length && strncmp(at, name, length) == 0 && at[length] == '=') {
            CLEANUP_FREE char *raw = mem_strndup(at + length + 1, end - length - 1);
            char *plain = xmlURIUnescapeString(raw, 0, NULL);
            char *copy = mem_strdup(plain);
            xmlFree(plain);
            return copy;
        }
        at += end + (at[end] != '\0');
    }
    return NULL;
}

/* "[::1]" is "::1" to ssh. */
static char *without_brackets(const char *server)
{
    size_t length = strlen(server);
    return server[0] == '[' && length > 1 && server[length - 1] == ']' ? mem_strndup(server + 1, length - 2)
                                                                       : mem_strdup(server);
}

static struct account *account_from(const xmlURI *uri)
{
    struct account *account = mem_alloc(sizeof *account);
    CLEANUP_FREE char *verify = parameter(uri->query_raw, "no_verify");
    *account = (struct account){.server = without_brackets(uri->server),
                                .user = mem_strdup(uri->user),
                                .key = parameter(uri->query_raw, "keyfile"),
                                .program = parameter(uri->query_raw, "command"),
                                .any_host_key = verify && strcmp(verify, "1") == 0};
    const char *transport = uri->scheme ? strchr(uri->scheme, '+') : NULL;
    bool by_ssh = transport && strstr(transport, "ssh") != NULL;
    if (by_ssh && uri->port > 0)
        account->port = mem_format("%d", uri->port);
    if (!by_ssh)
        mem_replace(&account->program, NULL);
    account->word =
        account->user ? mem_format("%s@%s", account->user, account->server) : mem_strdup(account->server);
    return account;
}

struct account *account_of(const char *uri)
{
    xmlURI *parsed = xmlParseURI(uri);
    struct account *account = parsed && parsed->server && *parsed->server ? account_from(parsed) : NULL;
    xmlFreeURI(parsed);
    return account;
}

void account_free(struct account *account)
{
    if (!account)
        return;
    free(account->server);
    free(account->user);
    free(account->port);
    free(account->key);
    free(account->program);
    free(account->word);
    free(account);
}

const char *account_word(const struct account *account)
{
    return account->word;
}

size_t account_options(const struct account *account, const char **argv)
{
    static const char *const always[] = {"-T",
                                         "-e",
                                         "none",
                                         "-o",
                                         "BatchMode=yes",
                                         "-o",
                                         "ServerAliveInterval=5",
                                         "-o",
                                         "ServerAliveCountMax=3"};
    size_t count = 0;
    argv[count++] = account->program ? account->program : "ssh";
    for (size_t i = 0; i < ARRAY_LENGTH(always); i++)
        argv[count++] = always[i];
    const struct {
        const char *option;
        const char *value;
    } given[] = {{"-p", account->port},
                 {"-l", account->user},
                 {"-i", account->key},
                 {"-o", account->any_host_key ? "StrictHostKeyChecking=no" : NULL}};
    for (size_t i = 0; i < ARRAY_LENGTH(given); i++) {
        if (!given[i].value)
            continue;
        argv[count++] = given[i].option;
        argv[count++] = given[i].value;
    }
    return count;
}

bool account_advise(const struct account *account, struct error *err)
{
    return error_next(err,
                      "See that this account gets there without a password: \"ssh -o BatchMode=yes %s true\" "
                      "must say nothing (a key in its authorized_keys, an agent, a host key that is known).",
                      account->word);
}

bool account_run(const struct account *account, const char *script, const char *const *arguments,
                 size_t argument_count, int output_to, char **output, struct error *err)
{
    CLEANUP_STRBUF struct strbuf line = {0};
    CLEANUP_FREE char *quoted = text_shell_quote(script);
    const char *argv[ACCOUNT_OPTIONS + 4];
    size_t count = account_options(account, argv);
    strbuf_addf(&line, "sh -c %s sh", quoted);
    for (size_t i = 0; i < argument_count; i++) {
        CLEANUP_FREE char *argument = text_shell_quote(arguments[i]);
        strbuf_addf(&line, " %s", argument);
    }
    argv[count++] = "--";
    argv[count++] = account->server;
    argv[count++] = line.data;
    argv[count] = NULL;
    const struct proc_spec spec = {.argv = argv, .output_to = output_to};
    if (proc_run(&spec, RUN_PATIENCE_MS, "host.ssh", output, err))
        return true;
    error_context(err, "%s", account->word);
    return account_advise(account, err);
}
