#include "core/definition/rewrite/edit.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/text.h"
#include "core/definition/rewrite/print.h"
#include "core/definition/rewrite/tags.h"
#include "core/syntax/xml.h"

/* The reader packs short text where the tree may not be changed; a copy is an ordinary tree. */
bool edit_open(struct edit *edit, const char *text, struct error *err)
{
    CLEANUP_XML xmlDoc *read = NULL;
    *edit = (struct edit){0};
    if (!xml_parse(text, "the domain XML", &read, err))
        return false;
    const xmlNode *root = xmlDocGetRootElement(read);
    if (!xml_is(root, "domain")) {
        error_set(err, RETURN_INVALID_PARAMETER, "domain-xml.invalid",
                  "the domain XML: line %ld: <%s> is where <domain> should be", xmlGetLineNo(root),
                  xml_name(root));
        return error_next(err, "Take the definition as \"virsh dumpxml --inactive\" prints it.");
    }
    edit->document = xmlCopyDoc(read, 1);
    if (!edit->document) {
        error_set(err, RETURN_OUT_OF_MEMORY, "xml.memory", "the domain XML: there is no memory to change it");
        return error_next(err, "Free some memory, then try again.");
    }
    edit->domain = xmlDocGetRootElement(edit->document);
    if (text_is_utf8(text) && print_is_utf8(text))
        edit->tags = tags_attach(edit->document, text);
    return true;
}

void edit_close(struct edit *edit)
{
    xmlFreeDoc(edit->document);
    free(edit->tags);
    for (size_t i = 0; i < edit->note_count; i++)
        free(edit->notes[i]);
    free(edit->notes);
    *edit = (struct edit){0};
}

void edit_note(struct edit *edit, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *note = mem_vformat(format, arguments);
    va_end(arguments);
    char **slot = ARRAY_APPEND(edit->notes, edit->note_count);
    *slot = text_escape(note);
}

static xmlNode *element_from(xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

xmlNode *edit_first(const xmlNode *parent)
{
    return element_from(parent->children);
}

xmlNode *edit_next(const xmlNode *element)
{
    return element_from(element->next);
}

/* A definition with a default name space is in it as a whole. */
bool edit_is(const xmlNode *element, const char *name)
{
    return xml_is(element, name) && (!element->ns || !element->ns->prefix);
}

xmlNode *edit_child(const xmlNode *parent, const char *name)
{
    xmlNode *child = parent ? edit_first(parent) : NULL;
    while (child && !edit_is(child, name))
        child = edit_next(child);
    return child;
}

static void touch(struct edit *edit, const xmlNode *element)
{
    struct tag *tag = tag_of(element);
    edit->touched = true;
    if (tag)
        tag->changed = true;
}

static xmlNode *checked(xmlNode *node)
{
    if (!node)
        abort();
    return node;
}

void edit_set(struct edit *edit, xmlNode *element, const char *name, const char *value)
{
    CLEANUP_FREE char *old = xml_attribute(element, name);
    if (value ? old && strcmp(old, value) == 0 : !old)
        return;
    touch(edit, element);
    xmlAttr *attribute = xmlHasNsProp(element, (const xmlChar *)name, NULL);
    if (!value)
        xmlRemoveProp(attribute);
    else if (!xmlSetNsProp(element, NULL, (const xmlChar *)name, (const xmlChar *)value))
        abort();
}

static xmlNode *new_text(struct edit *edit, const char *text)
{
    return checked(xmlNewDocText(edit->document, (const xmlChar *)text));
}

static void empty(xmlNode *element)
{
    while (element->children) {
        xmlNode *child = element->children;
        xmlUnlinkNode(child);
        xmlFreeNode(child);
    }
}

void edit_set_text(struct edit *edit, xmlNode *element, const char *text)
{
    CLEANUP_FREE char *old = xml_text(element);
    if (strcmp(old, text) == 0)
        return;
    edit->touched = true;
    empty(element);
    if (!*text)
        touch(edit, element);
    else
        checked(xmlAddChild(element, new_text(edit, text)));
}

static bool is_text(const xmlNode *node)
{
    return node && node->type == XML_TEXT_NODE && node->content;
}

/* The end of line and the white space that stand right before a node, within the text there; NULL where it
 * does not begin a line. */
static char *line_start(const xmlNode *node)
{
    if (!is_text(node->prev))
        return NULL;
    char *last = strrchr((char *)node->prev->content, '\n');
    return last && last[1 + strspn(last + 1, " \t")] == '\0' ? last : NULL;
}

/* By how much the root's children are indented is how much everything is. */
static char *inner_line_start(const struct edit *edit, const xmlNode *parent)
{
    const xmlNode *first = edit_first(edit->domain);
    const char *unit = first ? line_start(first) : NULL;
    const char *outer = parent == edit->domain ? "\n" : line_start(parent);
    return unit && outer ? mem_format("%s%s", outer, unit + 1) : NULL;
}

static xmlNode *new_element(struct edit *edit, const xmlNode *parent, const char *name)
{
    edit->touched = true;
    return checked(xmlNewDocNode(edit->document, parent->ns, (const xmlChar *)name, NULL));
}

static xmlNode *add_alone(struct edit *edit, xmlNode *parent, const char *name)
{
    CLEANUP_FREE char *start = inner_line_start(edit, parent);
    CLEANUP_FREE char *end = mem_strdup(parent == edit->domain ? "\n" : line_start(parent));
    xmlNode *element = new_element(edit, parent, name);
    bool blank = !is_text(parent->children) || xmlIsBlankNode(parent->children);
    if (blank && parent->children && !parent->children->next)
        empty(parent);
    if (start)
        checked(xmlAddChild(parent, new_text(edit, start)));
    checked(xmlAddChild(parent, element));
    if (start && end)
        checked(xmlAddChild(parent, new_text(edit, end)));
    return element;
}

xmlNode *edit_insert_after(struct edit *edit, xmlNode *sibling, const char *name)
{
    const char *start = line_start(sibling);
    xmlNode *element = new_element(edit, sibling->parent, name);
    xmlNode *before = sibling;
    if (start)
        before = checked(xmlAddNextSibling(sibling, new_text(edit, start)));
    return checked(xmlAddNextSibling(before, element));
}

xmlNode *edit_append(struct edit *edit, xmlNode *parent, const char *name)
{
    xmlNode *last = parent->last;
    while (last && last->type != XML_ELEMENT_NODE)
        last = last->prev;
    return last ? edit_insert_after(edit, last, name) : add_alone(edit, parent, name);
}

xmlNode *edit_insert_first(struct edit *edit, xmlNode *parent, const char *name)
{
    xmlNode *first = edit_first(parent);
    if (!first)
        return add_alone(edit, parent, name);
    const char *start = line_start(first);
    xmlNode *element = checked(xmlAddPrevSibling(first, new_element(edit, parent, name)));
    if (start)
        checked(xmlAddNextSibling(element, new_text(edit, start)));
    return element;
}

static bool ends_line(const xmlNode *node)
{
    if (!node)
        return true;
    return is_text(node) && node->content[strspn((const char *)node->content, " \t")] == '\n';
}

void edit_remove(struct edit *edit, xmlNode *element)
{
    xmlNode *parent = element->parent;
    xmlNode *before = element->prev;
    xmlNode *after = element->next;
    char *start = line_start(element);
    if (start && ends_line(after))
        *start = '\0';
    xmlUnlinkNode(element);
    xmlFreeNode(element);
    if (is_text(before) && is_text(after))
        checked(xmlTextMerge(before, after));
    if (parent->children && !parent->children->next && xmlIsBlankNode(parent->children))
        empty(parent);
    edit->touched = true;
    if (!parent->children)
        touch(edit, parent);
}

bool edit_remove_children(struct edit *edit, xmlNode *parent, const char *name)
{
    bool found = false;
    for (xmlNode *child = edit_child(parent, name), *next; child; child = next) {
        next = edit_next(child);
        if (!edit_is(child, name))
            continue;
        edit_remove(edit, child);
        found = true;
    }
    return found;
}
