/* WMI object paths: [namespace:]Class.Key="value",Key="value". Source: hyperv-wire.md and the WMI
 * documentation ("Describing a class object path"): names compare without case, `\` and `"` in values are
 * escaped by `\`. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/model/model.h"

#define POINT_CLASS "Msvm_ReferencePointCollection"
#define POINT_KEY "CollectionID"
#define COLLECTION_KEY "VirtualSystemCollectionId"

char *object_path_format(const struct object_path *path)
{
    return mem_format(POINT_CLASS "." POINT_KEY "=\"%s\"," COLLECTION_KEY "=\"%s\"", path->point_id.text,
                      path->collection_id.text);
}

bool object_path_is_none(const struct object_path *path)
{
    return guid_is_none(&path->point_id) && guid_is_none(&path->collection_id);
}

/* Behind the namespace: the last colon outside the quoted values ends it. */
static const char *skip_namespace(const char *text)
{
    size_t unquoted = strcspn(text, "\"");
    for (size_t at = unquoted; at > 0; at--) {
        if (text[at - 1] == ':')
            return text + at;
    }
    return text;
}

/* Takes `word` off the front, whatever its case. */
static bool take_word(const char **at, const char *word)
{
    size_t length = strlen(word);
    if (strncasecmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}

static bool take_value(const char **at, struct guid *guid)
{
    char value[sizeof guid->text + 2]; /* with braces */
    size_t length = 0;
    if (**at != '"' || !guid_is_none(guid))
        return false;
    for (++*at; **at != '"'; ++*at) {
        *at += **at == '\\';
        if (**at == '\0' || length + 1 >= sizeof value)
            return false;
        value[length++] = **at;
    }
    ++*at;
    value[length] = '\0';
    return guid_parse(guid, value);
}

static void skip_space(const char **at)
{
    while (isspace((unsigned char)**at))
        ++*at;
}

bool object_path_parse(struct object_path *path, const char *text)
{
    struct object_path parsed = {0};
    const char *at = skip_namespace(text);
    skip_space(&at);
    if (!take_word(&at, POINT_CLASS "."))
        return false;
    for (int keys = 0; keys < 2; keys++) {
        struct guid *guid = NULL;
        if (keys == 1 && *at++ != ',')
            return false;
        if (take_word(&at, POINT_KEY "="))
            guid = &parsed.point_id;
        else if (take_word(&at, COLLECTION_KEY "="))
            guid = &parsed.collection_id;
        if (!guid || !take_value(&at, guid))
            return false;
    }
    skip_space(&at);
    if (*at != '\0')
        return false;
    *path = parsed;
    return true;
}
