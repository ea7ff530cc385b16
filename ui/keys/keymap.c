#include "ui/keys/keymap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "ui/keys/key.h"

struct binding {
    uint32_t key;
    enum ui_action action;
    unsigned line; /* in the file being read; 0 = from an earlier one */
};

struct keymap {
    struct binding *bindings; /* an action's keys in the order of its list */
    size_t count;
};

struct key_name {
    const char *name;
    uint32_t key;
};

/* The first name of a key is the one that is shown. */
static const struct key_name key_names[] = {
    {"Up", KEY_CODE_UP},
    {"Down", KEY_CODE_DOWN},
    {"Left", KEY_CODE_LEFT},
    {"Right", KEY_CODE_RIGHT},
    {"PgUp", KEY_CODE_PAGE_UP},
    {"PageUp", KEY_CODE_PAGE_UP},
    {"PgDn", KEY_CODE_PAGE_DOWN},
    {"PageDown", KEY_CODE_PAGE_DOWN},
    {"Home", KEY_CODE_HOME},
    {"End", KEY_CODE_END},
    {"Insert", KEY_CODE_INSERT},
    {"Delete", KEY_CODE_DELETE},
    {"Backspace", KEY_CODE_BACKSPACE},
    {"Tab", KEY_CODE_TAB},
    {"S-Tab", KEY_CODE_SHIFT_TAB},
    {"Shift-Tab", KEY_CODE_SHIFT_TAB},
    {"Enter", KEY_CODE_ENTER},
    {"Esc", KEY_CODE_ESCAPE},
    {"Escape", KEY_CODE_ESCAPE},
    {"Space", ' '},
};

struct keymap *keymap_new(void)
{
    return mem_alloc(sizeof(struct keymap));
}

void keymap_free(struct keymap *keymap)
{
    if (!keymap)
        return;
    free(keymap->bindings);
    free(keymap);
}

/* Why a control key cannot be told from another key or never arrives; NULL when it can be bound. */
static const char *control_key_trouble(char letter)
{
    switch (letter) {
    case 'h':
        return "terminals send the same for Backspace";
    case 'i':
        return "terminals send the same for Tab";
    case 'j':
    case 'm':
        return "terminals send the same for Enter";
    case 'c':
    case 'q':
    case 's':
    case 'z':
        return "the terminal keeps it for itself";
    default:
        return NULL;
    }
}

static bool is_control_key(uint32_t key)
{
    return key < 0x20;
}

/* "C-l", "Ctrl-L"; false: not of that form. */
static bool parse_control_key(const char *name, uint32_t *key, const char **trouble)
{
    const char *letter = NULL;
    if (strncasecmp(name, "C-", 2) == 0)
        letter = name + 2;
    else if (strncasecmp(name, "Ctrl-", 5) == 0)
        letter = name + 5;
    if (!letter || !letter[0] || letter[1])
        return false;
    char lower = (char)(*letter | 0x20);
    if (lower < 'a' || lower > 'z')
        return false;
    *key = (uint32_t)(lower - 'a' + 1);
    *trouble = control_key_trouble(lower);
    return true;
}

static bool parse_function_key(const char *name, uint32_t *key)
{
    unsigned number = 0;
    int used = 0;
    if (sscanf(name, "F%2u%n", &number, &used) != 1 || name[used] || number < 1 || number > 12)
        return false;
    *key = KEY_CODE_F1 + number - 1;
    return true;
}

static bool parse_character(const char *name, uint32_t *key)
{
    utf8proc_int32_t code_point = -1;
    utf8proc_ssize_t used =
        utf8proc_iterate((const utf8proc_uint8_t *)name, (utf8proc_ssize_t)strnlen(name, 4), &code_point);
    if (used <= 0 || name[used] || code_point <= 0x20 || code_point == 0x7f)
        return false;
    *key = (uint32_t)code_point;
    return true;
}

static bool parse_key(const char *name, uint32_t *key, const char **trouble)
{
    *trouble = "there is no key of that name";
    for (size_t i = 0; i < ARRAY_LENGTH(key_names); i++) {
        if (strcasecmp(name, key_names[i].name) == 0) {
            *key = key_names[i].key;
            return true;
        }
    }
    if (parse_function_key(name, key) || parse_character(name, key))
        return true;
    return parse_control_key(name, key, trouble) && !*trouble;
}

void keymap_key_name(uint32_t key, char *field, size_t size)
{
    if (key == KEY_CODE_SHIFT_TAB) {
        text_copy_cut(field, size, "Shift-Tab");
        return;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(key_names); i++) {
        if (key_names[i].key == key) {
            text_copy_cut(field, size, key_names[i].name);
            return;
        }
    }
    if (key >= KEY_CODE_F1 && key <= KEY_CODE_F12) {
        snprintf(field, size, "F%u", (unsigned)(key - KEY_CODE_F1 + 1));
    } else if (is_control_key(key)) {
        snprintf(field, size, "Ctrl-%c", (char)('A' + key - 1));
    } else {
        char text[8] = "";
        utf8proc_encode_char((utf8proc_int32_t)key, (utf8proc_uint8_t *)text);
        text_copy_cut(field, size, text);
    }
}

static bool destroys(enum ui_action action)
{
    return action == ACTION_CANCEL || action == ACTION_DISCARD;
}

static bool leads_out(enum ui_action action)
{
    return action == ACTION_UP || action == ACTION_DOWN || action == ACTION_OPEN || action == ACTION_BACK ||
           action == ACTION_QUIT;
}

struct reading {
    struct keymap map;
    const char *file;
    struct error *err;
};

static bool complain(const struct reading *reading, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool complain(const struct reading *reading, unsigned line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    CLEANUP_FREE char *sentence = mem_vformat(format, arguments);
    va_end(arguments);
    error_set(reading->err, RETURN_INCORRECT_DATA_TYPE, "keys.invalid", "%s:%u: %s", reading->file, line,
              sentence);
    return error_next(reading->err, "Mend that line with an editor; the keys are as they were before.");
}

static void drop_bindings(struct keymap *map, bool (*matches)(const struct binding *, uint32_t),
                          uint32_t value)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++) {
        if (!matches(&map->bindings[i], value))
            map->bindings[kept++] = map->bindings[i];
    }
    map->count = kept;
}

static bool is_former_key_of(const struct binding *binding, uint32_t action)
{
    return binding->line == 0 && binding->action == (enum ui_action)action;
}

static bool is_former_use_of(const struct binding *binding, uint32_t key)
{
    return binding->line == 0 && binding->key == key;
}

static bool add_binding(struct reading *reading, enum ui_action action, const config_setting_t *item)
{
    unsigned line = (unsigned)config_setting_source_line(item);
    const char *name = config_setting_get_string(item);
    uint32_t key = 0;
    const char *trouble = NULL;
    if (!name)
        return complain(reading, line, "the keys of \"%s\" must be texts", action_info(action)->name);
    if (!parse_key(name, &key, &trouble))
        return complain(reading, line, "\"%s\" cannot be bound: %s", name, trouble);
    if (destroys(action) && is_control_key(key))
        return complain(reading, line, "\"%s\" destroys something and cannot be on a control key (\"%s\")",
                        action_info(action)->name, name);
    for (size_t i = 0; i < reading->map.count; i++) {
        const struct binding *other = &reading->map.bindings[i];
        if (other->line > 0 && other->key == key)
            return complain(reading, line, "\"%s\" is bound to \"%s\" already, in line %u", name,
                            action_info(other->action)->name, other->line);
    }
    drop_bindings(&reading->map, is_former_use_of, key);
    *ARRAY_APPEND(reading->map.bindings, reading->map.count) =
        (struct binding){.key = key, .action = action, .line = line > 0 ? line : 1};
    return true;
}

static bool read_action(struct reading *reading, const config_setting_t *member)
{
    unsigned line = (unsigned)config_setting_source_line(member);
    enum ui_action action = action_by_name(config_setting_name(member));
    if (action == ACTION_NONE)
        return complain(reading, line, "there is no action \"%s\"", config_setting_name(member));
    drop_bindings(&reading->map, is_former_key_of, action);
    if (config_setting_type(member) == CONFIG_TYPE_STRING)
        return add_binding(reading, action, member);
    if (!config_setting_is_list(member) && !config_setting_is_array(member))
        return complain(reading, line, "\"%s\" must be a list of keys", config_setting_name(member));
    int count = config_setting_length(member);
    for (int i = 0; i < count; i++) {
        if (!add_binding(reading, action, config_setting_get_elem(member, (unsigned)i)))
            return false;
    }
    return true;
}

static bool has_key(const struct keymap *map, enum ui_action action)
{
    for (size_t i = 0; i < map->count; i++) {
        if (map->bindings[i].action == action)
            return true;
    }
    return false;
}

/* Only what had a key can lose its last one: the first file of all is checked by the test of shipped files.
 */
static bool check_ways_out(struct reading *reading, const struct keymap *before, unsigned line)
{
    for (int i = ACTION_NONE + 1; i < ACTION_COUNT; i++) {
        enum ui_action action = (enum ui_action)i;
        if (leads_out(action) && has_key(before, action) && !has_key(&reading->map, action))
            return complain(reading, line, "\"%s\" would be left without a key", action_info(action)->name);
    }
    return true;
}

static bool read_all(struct reading *reading, const struct keymap *before, const config_setting_t *root)
{
    int count = config_setting_length(root);
    for (int i = 0; i < count; i++) {
        if (!read_action(reading, config_setting_get_elem(root, (unsigned)i)))
            return false;
    }
    return check_ways_out(reading, before, 1);
}

bool keymap_read(struct keymap *keymap, const config_setting_t *root, const char *name, struct error *err)
{
    struct reading reading = {.file = name, .err = err};
    for (size_t i = 0; i < keymap->count; i++)
        *ARRAY_APPEND(reading.map.bindings, reading.map.count) = keymap->bindings[i];
    bool ok = read_all(&reading, keymap, root);
    if (ok) {
        for (size_t i = 0; i < reading.map.count; i++)
            reading.map.bindings[i].line = 0;
        struct keymap former = *keymap;
        *keymap = reading.map;
        reading.map = former;
    }
    free(reading.map.bindings);
    return ok;
}

enum ui_action keymap_action(const struct keymap *keymap, uint32_t key)
{
    for (size_t i = 0; i < keymap->count; i++) {
        if (keymap->bindings[i].key == key)
            return keymap->bindings[i].action;
    }
    return ACTION_NONE;
}

static bool is_character(uint32_t key)
{
    return !is_control_key(key) && key < KEY_CODE_FIRST;
}

static void label_key(const struct keymap *keymap, enum ui_action action, bool text, char *field, size_t size)
{
    text_copy_cut(field, size, "");
    for (size_t i = 0; i < keymap->count; i++) {
        const struct binding *binding = &keymap->bindings[i];
        if (binding->action == action && !(text && is_character(binding->key))) {
            keymap_key_name(binding->key, field, size);
            return;
        }
    }
}

void keymap_key_label(const struct keymap *keymap, enum ui_action action, char *field, size_t size)
{
    label_key(keymap, action, false, field, size);
}

void keymap_text_key_label(const struct keymap *keymap, enum ui_action action, char *field, size_t size)
{
    label_key(keymap, action, true, field, size);
}

void keymap_keys_label(const struct keymap *keymap, enum ui_action action, char *field, size_t size)
{
    CLEANUP_STRBUF struct strbuf label = {0};
    for (size_t i = 0; i < keymap->count; i++) {
        char name[16];
        if (keymap->bindings[i].action != action)
            continue;
        keymap_key_name(keymap->bindings[i].key, name, sizeof name);
        strbuf_addf(&label, "%s%s", label.length > 0 ? ", " : "", name);
    }
    text_copy_cut(field, size, label.data ? label.data : "");
}
