#include "core/definition/rewrite/print.h"

#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/definition/rewrite/tags.h"

static void add_character(struct strbuf *text, char character)
{
    strbuf_add_bytes(text, &character, 1);
}

/* A reader normalizes white space in values and returns in text: they are written as numbers. */
static void add_escaped(struct strbuf *text, const xmlChar *value, char quote)
{
    for (const char *at = (const char *)value; at && *at; at++) {
        if (*at == '&')
            strbuf_add(text, "&amp;");
        else if (*at == '<')
            strbuf_add(text, "&lt;");
        else if (*at == '>')
            strbuf_add(text, "&gt;");
        else if (quote && *at == quote)
            strbuf_add(text, quote == '"' ? "&quot;" : "&apos;");
        else if (*at == '\r' || (quote && (*at == '\n' || *at == '\t')))
            strbuf_addf(text, "&#%d;", *at);
        else
            add_character(text, *at);
    }
}

/* libxml2 leaves an ampersand in the name of a name space as the reference "&#38;" that it makes of it. */
static void add_name_space(struct strbuf *text, const char *name, char quote)
{
    static const char reference[] = "&#38;";
    for (const char *at = strstr(name, reference); at; at = strstr(name, reference)) {
        CLEANUP_FREE char *part = mem_strndup(name, (size_t)(at - name));
        add_escaped(text, (const xmlChar *)part, quote);
        strbuf_add(text, "&amp;");
        name = at + strlen(reference);
    }
    add_escaped(text, (const xmlChar *)name, quote);
}

static void add_name(struct strbuf *text, const xmlNs *ns, const xmlChar *name)
{
    if (ns && ns->prefix)
        strbuf_addf(text, "%s:", (const char *)ns->prefix);
    strbuf_add(text, (const char *)name);
}

static void add_attributes(struct strbuf *text, const xmlNode *element, char quote)
{
    for (const xmlAttr *attribute = element->properties; attribute; attribute = attribute->next) {
        strbuf_add(text, " ");
        add_name(text, attribute->ns, attribute->name);
        strbuf_addf(text, "=%c", quote);
        for (const xmlNode *part = attribute->children; part; part = part->next)
            add_escaped(text, part->content, quote);
        add_character(text, quote);
    }
    for (const xmlNs *ns = element->nsDef; ns; ns = ns->next) {
        strbuf_add(text, ns->prefix ? " xmlns:" : " xmlns");
        strbuf_addf(text, "%s=%c", ns->prefix ? (const char *)ns->prefix : "", quote);
        add_name_space(text, (const char *)ns->href, quote);
        add_character(text, quote);
    }
}

static void add_node(struct strbuf *text, const xmlNode *node, char quote);

/* Whether it ends the element too. */
static bool add_start(struct strbuf *text, const xmlNode *element, const struct tag *tag, char quote)
{
    bool ends = tag && tag->start[tag->length - 2] == '/';
    if (tag && !tag->changed && !(ends && element->children)) {
        strbuf_add_bytes(text, tag->start, tag->length);
        return ends;
    }
    add_character(text, '<');
    add_name(text, element->ns, element->name);
    add_attributes(text, element, quote);
    strbuf_add(text, element->children ? ">" : "/>");
    return !element->children;
}

static void add_element(struct strbuf *text, const xmlNode *element, char quote)
{
    const struct tag *tag = tag_of(element);
    if (tag && tag->quote)
        quote = tag->quote;
    if (add_start(text, element, tag, quote))
        return;
    for (const xmlNode *child = element->children; child; child = child->next)
        add_node(text, child, quote);
    strbuf_add(text, "</");
    add_name(text, element->ns, element->name);
    add_character(text, '>');
}

/* There are no other kinds: without a document type no references, and the reader makes text of CDATA. */
static void add_node(struct strbuf *text, const xmlNode *node, char quote)
{
    const char *content = node->content ? (const char *)node->content : "";
    if (node->type == XML_ELEMENT_NODE)
        add_element(text, node, quote);
    else if (node->type == XML_TEXT_NODE)
        add_escaped(text, node->content, '\0');
    else if (node->type == XML_COMMENT_NODE)
        strbuf_addf(text, "<!--%s-->", content);
    else if (node->type == XML_PI_NODE)
        strbuf_addf(text, "<?%s%s%s?>", (const char *)node->name, *content ? " " : "", content);
}

/* The kind of quotes that follows more of the equal signs. */
static char usual_quote(const char *model)
{
    size_t single = 0;
    size_t both = 0;
    for (const char *at = strchr(model, '='); at; at = strchr(at + 1, '=')) {
        single += at[1] == '\'';
        both += at[1] == '\'' || at[1] == '"';
    }
    return single >= both - single ? '\'' : '"';
}

/* What follows "<?xml"; NULL: there is no declaration. */
static const char *declaration(const char *model)
{
    const char *start = strncmp(model, "\xef\xbb\xbf", 3) == 0 ? model + 3 : model;
    bool is_there = strncmp(start, "<?xml", 5) == 0 && start[5] != '\0' && strchr(" \t\r\n", start[5]);
    return is_there ? start + 5 : NULL;
}

bool print_is_utf8(const char *model)
{
    const char *start = declaration(model);
    const char *end = start ? strstr(start, "?>") : NULL;
    const char *word = start ? strstr(start, "encoding") : NULL;
    if (!word || !end || word > end)
        return true;
    word += strlen("encoding");
    word += strspn(word, " \t\r\n=\"'");
    return strncasecmp(word, "UTF-8", 5) == 0 && (word[5] == '"' || word[5] == '\'');
}

char *print_xml(const xmlDoc *document, const char *model)
{
    struct strbuf text = {0};
    char quote = usual_quote(model);
    if (declaration(model))
        strbuf_addf(&text, "<?xml version=%c1.0%c encoding=%cUTF-8%c?>\n", quote, quote, quote, quote);
    for (const xmlNode *node = document->children; node; node = node->next) {
        add_node(&text, node, quote);
        add_character(&text, '\n');
    }
    return strbuf_take(&text);
}
