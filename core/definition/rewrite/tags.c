#include "core/definition/rewrite/tags.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* Behind what ends with `end`; the text is well-formed. */
static const char *behind(const char *at, const char *end)
{
    const char *found = strstr(at, end);
    return found ? found + strlen(end) : at + strlen(at);
}

static const char *read_tag(const char *at, struct tag *tag)
{
    char open = '\0';
    *tag = (struct tag){.start = at};
    for (; *at && (open || *at != '>'); at++) {
        if (open && *at == open) {
            open = '\0';
        } else if (!open && (*at == '"' || *at == '\'')) {
            open = *at;
            tag->quote = tag->quote ? tag->quote : open;
        }
    }
    at += *at == '>';
    tag->length = (size_t)(at - tag->start);
    return at;
}

static struct tag *read_tags(const char *text, size_t *count)
{
    struct tag *tags = NULL;
    *count = 0;
    for (const char *at = strchr(text, '<'); at; at = strchr(at, '<')) {
        if (strncmp(at, "<!--", 4) == 0)
            at = behind(at + 4, "-->");
        else if (strncmp(at, "<![CDATA[", 9) == 0)
            at = behind(at, "]]>");
        else if (at[1] == '?')
            at = behind(at, "?>");
        else if (at[1] == '/')
            at = behind(at, ">");
        else {
            struct tag *tag = ARRAY_APPEND(tags, *count);
            at = read_tag(at, tag);
        }
    }
    return tags;
}

/* In the order of the text; NULL behind the last one. */
static xmlNode *next_element(xmlNode *element)
{
    xmlNode *next = xmlFirstElementChild(element);
    while (!next && element->type == XML_ELEMENT_NODE) {
        next = xmlNextElementSibling(element);
        element = element->parent;
    }
    return next;
}

static bool has_name(const struct tag *tag, const xmlNode *element)
{
    const char *prefix = element->ns && element->ns->prefix ? (const char *)element->ns->prefix : "";
    CLEANUP_FREE char *name = mem_format("<%s%s%s", prefix, *prefix ? ":" : "", (const char *)element->name);
    size_t length = strlen(name);
    return tag->length > length && memcmp(tag->start, name, length) == 0 &&
           strchr(" \t\r\n/>", tag->start[length]);
}

static bool belong(const struct tag *tags, size_t count, xmlNode *root)
{
    size_t number = 0;
    for (xmlNode *element = root; element; element = next_element(element)) {
        if (number >= count || !has_name(&tags[number++], element))
            return false;
    }
    return number == count;
}

struct tag *tags_attach(xmlDoc *document, const char *text)
{
    size_t count;
    xmlNode *root = xmlDocGetRootElement(document);
    struct tag *tags = read_tags(text, &count);
    if (!belong(tags, count, root)) {
        free(tags);
        return NULL;
    }
    size_t number = 0;
    for (xmlNode *element = root; element; element = next_element(element))
        element->_private = &tags[number++];
    return tags;
}

struct tag *tag_of(const xmlNode *element)
{
    return element->_private;
}
