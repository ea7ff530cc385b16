/* A buffer of bytes not yet understood, and the moment the last ones came. take_* functions return how many
 * bytes of the front they used, 0 when they need more. Silence settles what is open: a lone Esc is the key,
 * half a sequence is thrown away. Where the link was slower than the escape delay, the rest of an arrow comes
 * after its Esc has been taken for the key: it is known by coming whole and soon, and is swallowed. */
#include "ui/terminal/input.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/keys/key.h"
#include "ui/terminal/mouse.h"

#define SEQUENCE_LIMIT 64 /* of a CSI sequence; a longer one is noise */
#define STRING_LIMIT 4096 /* of an OSC or DCS string */
/* A slow link may split a sequence. Once it has begun beyond doubt, it is waited for this long. */
#define SEQUENCE_PATIENCE_MS 500
#define PASTE_PATIENCE_MS 1000
#define ANSWER_PATIENCE_MS 2000 /* nobody types the beginning of an answer */

static const char paste_end[] = "\033[201~";

struct learned {
    char *sequence;
    uint32_t key;
};

struct input {
    int escape_delay_ms;
    struct learned *learned;
    size_t learned_count;
    struct strbuf pending;
    size_t used; /* of pending */
    int64_t last_ms;
    int64_t orphan_until_ms; /* the rest of a sequence whose Esc came alone may come until then */
    int64_t answers_until_ms;
    struct answers answers;
    struct pointer_event pointer;
    bool points; /* the mouse is on */
    bool asked;
    bool pasting;
    struct strbuf paste;
    char text[8];
};

struct input *input_new(int escape_delay_ms)
{
    struct input *input = mem_alloc(sizeof *input);
    input->escape_delay_ms = escape_delay_ms;
    return input;
}

void input_free(struct input *input)
{
    if (!input)
        return;
    for (size_t i = 0; i < input->learned_count; i++)
        free(input->learned[i].sequence);
    free(input->learned);
    strbuf_free(&input->pending);
    strbuf_free(&input->paste);
    free(input);
}

void input_learn(struct input *input, const char *sequence, uint32_t key)
{
    if (!sequence || !*sequence || (sequence[1] == '\0' && (unsigned char)*sequence >= 0x20))
        return;
    struct learned *learned = ARRAY_APPEND(input->learned, input->learned_count);
    *learned = (struct learned){.sequence = mem_strdup(sequence), .key = key};
}

void input_expect_answers(struct input *input, int64_t until_ms)
{
    input->answers = (struct answers){0};
    input->answers_until_ms = until_ms;
    input->asked = true;
}

const struct answers *input_answers(const struct input *input)
{
    return &input->answers;
}

void input_expect_pointer(struct input *input)
{
    input->points = true;
}

const struct pointer_event *input_pointer(const struct input *input)
{
    return &input->pointer;
}

static bool is_waiting_for_answer(const struct input *input)
{
    return input->asked && !input->answers.background;
}

void input_feed(struct input *input, const char *bytes, size_t length, int64_t now_ms)
{
    if (input->used > 0) {
        input->pending.length -= input->used;
        memmove(input->pending.data, input->pending.data + input->used, input->pending.length + 1);
        input->used = 0;
    }
    strbuf_add_bytes(&input->pending, bytes, length);
    input->last_ms = now_ms;
}

static size_t left_of(const struct input *input)
{
    return input->pending.length - input->used;
}

/* A learned sequence in front; *partial: what is there begins one. */
static size_t take_learned(const struct input *input, const char *at, size_t left, uint32_t *key,
                           bool *partial)
{
    size_t best = 0;
    for (size_t i = 0; i < input->learned_count; i++) {
        const char *sequence = input->learned[i].sequence;
        size_t length = strlen(sequence);
        if (length <= left && memcmp(at, sequence, length) == 0 && length > best) {
            best = length;
            *key = input->learned[i].key;
        } else if (length > left && memcmp(at, sequence, left) == 0) {
            *partial = true;
        }
    }
    return best;
}

static uint32_t key_of_letter(char letter)
{
    switch (letter) {
    case 'A':
        return KEY_CODE_UP;
    case 'B':
        return KEY_CODE_DOWN;
    case 'C':
        return KEY_CODE_RIGHT;
    case 'D':
        return KEY_CODE_LEFT;
    case 'F':
        return KEY_CODE_END;
    case 'H':
        return KEY_CODE_HOME;
    case 'I':
        return KEY_CODE_TAB;
    case 'M':
        return KEY_CODE_ENTER; /* keypad Enter in application mode */
    case 'P':
    case 'Q':
    case 'R':
    case 'S':
        return KEY_CODE_F1 + (uint32_t)(letter - 'P');
    case 'Z':
        return KEY_CODE_SHIFT_TAB;
    default:
        return KEY_CODE_UNKNOWN;
    }
}

static uint32_t key_of_number(long number)
{
    /* VT220 and xterm: CSI number ~ */
    static const uint32_t keys[] = {
        [1] = KEY_CODE_HOME,    [2] = KEY_CODE_INSERT,    [3] = KEY_CODE_DELETE,   [4] = KEY_CODE_END,
        [5] = KEY_CODE_PAGE_UP, [6] = KEY_CODE_PAGE_DOWN, [7] = KEY_CODE_HOME,     [8] = KEY_CODE_END,
        [11] = KEY_CODE_F1,     [12] = KEY_CODE_F1 + 1,   [13] = KEY_CODE_F1 + 2,  [14] = KEY_CODE_F1 + 3,
        [15] = KEY_CODE_F1 + 4, [17] = KEY_CODE_F1 + 5,   [18] = KEY_CODE_F1 + 6,  [19] = KEY_CODE_F1 + 7,
        [20] = KEY_CODE_F1 + 8, [21] = KEY_CODE_F1 + 9,   [23] = KEY_CODE_F1 + 10, [24] = KEY_CODE_F1 + 11};
    if (number < 0 || (size_t)number >= ARRAY_LENGTH(keys) || keys[number] == 0)
        return KEY_CODE_UNKNOWN;
    return keys[number];
}

/* ESC [ < ... M, and from terminals that know no better ESC [ M and three bytes. */
static size_t take_pointer(struct input *input, const char *at, size_t end, size_t left, uint32_t *key)
{
    bool bytes = end == 2;
    size_t used = bytes ? end + 4 : end + 1;
    if (left < used)
        return 0;
    bool known = bytes ? mouse_read_bytes(&input->pointer, at + 3) : mouse_read(&input->pointer, at + 1, end);
    *key = known ? KEY_CODE_POINTER : KEY_CODE_NONE;
    return used;
}

/* ESC [ parameters intermediates final (ECMA-48 5.4); the Linux console's ESC [ [ A beside it. */
static size_t take_csi(struct input *input, const char *at, size_t left, uint32_t *key)
{
    if (left >= 3 && at[2] == '[') {
        if (left < 4)
            return 0;
        *key = at[3] >= 'A' && at[3] <= 'E' ? KEY_CODE_F1 + (uint32_t)(at[3] - 'A') : KEY_CODE_UNKNOWN;
        return 4;
    }
    size_t end = 2;
    while (end < left && (unsigned char)at[end] >= 0x20 && (unsigned char)at[end] < 0x40)
        end++;
    *key = KEY_CODE_UNKNOWN;
    if (end == left)
        return left < SEQUENCE_LIMIT ? 0 : left;
    if ((unsigned char)at[end] < 0x40 || (unsigned char)at[end] > 0x7e)
        return end; /* broken off by something else, which is read by itself */
    if (input->points &&
        ((at[end] == 'M' && end == 2) || (at[2] == '<' && (at[end] == 'M' || at[end] == 'm'))))
        return take_pointer(input, at, end, left, key);
    bool plain = end == 2 || (at[2] >= '0' && at[2] <= '9') || at[2] == ';';
    if (plain && at[end] == '~') {
        long number = strtol(at + 2, NULL, 10);
        if (number == 200)
            input->pasting = true;
        *key = number == 200 ? KEY_CODE_NONE : key_of_number(number);
    } else if (plain) {
        *key = key_of_letter(at[end]);
    } else if (answers_take_sequence(&input->answers, at + 1, end)) {
        *key = KEY_CODE_NONE;
    }
    return end + 1;
}

/* To BEL or ESC \; from: where it cannot end yet. */
static size_t end_of_string(const char *at, size_t left, size_t from)
{
    for (size_t end = from; end < left; end++) {
        if (at[end] == '\a')
            return end + 1;
        if (at[end] == '\\' && at[end - 1] == '\033')
            return end + 1;
    }
    return left < STRING_LIMIT ? 0 : left;
}

/* ESC ] ... and its like: an answer of the terminal. */
static size_t take_string(struct input *input, const char *at, size_t left, uint32_t *key)
{
    size_t used = end_of_string(at, left, 2);
    if (used > 0 && answers_take_string(&input->answers, at + 1, used - 1))
        *key = KEY_CODE_NONE;
    return used;
}

static size_t take_character(struct input *input, const char *at, size_t left, uint32_t *key);

static size_t take_escape(struct input *input, const char *at, size_t left, uint32_t *key);

/* Esc and at once another key's bytes are that key with Alt, which means nothing here. Never Esc and the key:
 * Esc leaves a screen. Two Escs are two, unless they begin Alt with an arrow (ESC ESC [ A). */
static size_t take_alt(struct input *input, const char *at, size_t left, uint32_t *key)
{
    bool escape = at[1] == '\033';
    if (escape && left < 3)
        return 0;
    if (escape && at[2] != '[' && at[2] != 'O') {
        *key = KEY_CODE_ESCAPE;
        return 1;
    }
    size_t used =
        escape ? take_escape(input, at + 1, left - 1, key) : take_character(input, at + 1, left - 1, key);
    input->text[0] = '\0';
    *key = input->pasting ? KEY_CODE_NONE : KEY_CODE_UNKNOWN;
    return used > 0 ? used + 1 : 0;
}

static size_t take_escape(struct input *input, const char *at, size_t left, uint32_t *key)
{
    if (left < 2)
        return 0;
    *key = KEY_CODE_UNKNOWN;
    switch (at[1]) {
    case '[':
        return take_csi(input, at, left, key);
    case 'O':
        if (left < 3)
            return 0;
        *key = key_of_letter(at[2]);
        return 3;
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
        return take_string(input, at, left, key);
    default:
        return take_alt(input, at, left, key);
    }
}

static uint32_t key_of_control(unsigned char byte)
{
    switch (byte) {
    case '\r':
    case '\n':
        return KEY_CODE_ENTER;
    case '\t':
        return KEY_CODE_TAB;
    case '\b':
    case 0x7f:
        return KEY_CODE_BACKSPACE;
    case 0:
        return ' '; /* Ctrl-Space */
    default:
        return byte;
    }
}

static size_t take_character(struct input *input, const char *at, size_t left, uint32_t *key)
{
    unsigned char lead = (unsigned char)*at;
    size_t need = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
    utf8proc_int32_t code_point = -1;
    if (left < need) {
        for (size_t i = 1; i < left; i++) {
            if (((unsigned char)at[i] & 0xc0) != 0x80)
                need = 0; /* no character comes of this */
        }
        if (need)
            return 0;
    }
    utf8proc_ssize_t used =
        utf8proc_iterate((const utf8proc_uint8_t *)at, (utf8proc_ssize_t)left, &code_point);
    if (used <= 0) {
        *key = KEY_CODE_UNKNOWN;
        return 1;
    }
    if (code_point < 0x20 || code_point == 0x7f) {
        *key = key_of_control((unsigned char)code_point);
        return 1;
    }
    *key = code_point < 0xa0 && code_point >= 0x80 ? KEY_CODE_UNKNOWN : (uint32_t)code_point;
    if (*key != KEY_CODE_UNKNOWN) {
        memcpy(input->text, at, (size_t)used);
        input->text[used] = '\0';
    }
    return (size_t)used;
}

/* Moves what is pasted aside; true at its end. */
static bool take_paste(struct input *input)
{
    while (left_of(input) > 0) {
        const char *at = input->pending.data + input->used;
        size_t left = left_of(input);
        size_t end_length = sizeof paste_end - 1;
        if (*at == '\033' && memcmp(at, paste_end, left < end_length ? left : end_length) == 0) {
            if (left < end_length)
                return false;
            input->used += end_length;
            input->pasting = false;
            return true;
        }
        if (*at && input->paste.length < INPUT_PASTE_LIMIT)
            strbuf_add_bytes(&input->paste, at, 1);
        input->used++;
    }
    return false;
}

/* "[A" or "OA" right after an Esc that was given out as a key. */
static size_t take_orphan(const char *at, size_t left)
{
    if (left < 2 || (*at != '[' && *at != 'O'))
        return 0;
    size_t end = 1;
    while (*at == '[' && end < left && (unsigned char)at[end] >= 0x20 && (unsigned char)at[end] < 0x40)
        end++;
    return end < left && (unsigned char)at[end] >= 0x40 && (unsigned char)at[end] < 0x7f ? end + 1 : 0;
}

/* The rest of an answer whose Esc was given out as a key: "]11;..." to its end. */
static bool is_orphaned_answer(const struct input *input, const char *at, size_t left)
{
    return is_waiting_for_answer(input) && input->last_ms < input->orphan_until_ms &&
           answers_may_begin(at, left);
}

static size_t take_orphaned_answer(struct input *input, const char *at, size_t left, bool silent,
                                   uint32_t *key)
{
    size_t used = answers_has_begun(at, left) ? end_of_string(at, left, 1) : 0;
    *key = KEY_CODE_NONE;
    if (used > 0)
        answers_take_string(&input->answers, at, used);
    else
        input->orphan_until_ms = input->last_ms + ANSWER_PATIENCE_MS;
    return used == 0 && silent ? left : used;
}

static bool is_escapes(const char *at, size_t left)
{
    return *at == '\033' && (left == 1 || (left == 2 && at[1] == '\033'));
}

/* Alt with a letter that would begin a string: of a string there would be more. */
static bool is_alt(const char *at, size_t left)
{
    return left == 2 && *at == '\033' && strchr("]PX^_", at[1]) && at[1];
}

static bool is_answer(const char *at, size_t left)
{
    return *at == '\033' && answers_has_begun(at + 1, left - 1);
}

static size_t take_key(struct input *input, const char *at, size_t left, bool silent, uint32_t *key)
{
    if (is_orphaned_answer(input, at, left) && (answers_has_begun(at, left) || !silent))
        return take_orphaned_answer(input, at, left, silent, key);
    if (input->last_ms < input->orphan_until_ms) {
        size_t orphan = take_orphan(at, left);
        *key = KEY_CODE_UNKNOWN;
        if (orphan > 0)
            return orphan;
    }
    bool partial = false;
    size_t used = take_learned(input, at, left, key, &partial);
    if (used > 0)
        return used;
    used = *at == '\033' ? take_escape(input, at, left, key) : take_character(input, at, left, key);
    if (used > 0 && !partial)
        return used;
    if (!silent)
        return 0;
    if (used > 0)
        return used;
    bool lone = is_escapes(at, left);
    if (lone)
        input->orphan_until_ms = input->last_ms + SEQUENCE_PATIENCE_MS;
    *key = lone ? KEY_CODE_ESCAPE : is_answer(at, left) ? KEY_CODE_NONE : KEY_CODE_UNKNOWN;
    return lone ? 1 : left;
}

static bool is_unfinished_answer(const struct input *input, const char *at, size_t left)
{
    if (left < 2)
        return false;
    if (*at != '\033')
        return is_orphaned_answer(input, at, left);
    return is_answer(at, left) || (is_waiting_for_answer(input) && answers_may_begin(at + 1, left - 1));
}

/* How long silence must last until what is open is settled. */
static int patience(const struct input *input)
{
    if (input->pasting)
        return PASTE_PATIENCE_MS;
    size_t left = left_of(input);
    const char *at = left > 0 ? input->pending.data + input->used : "";
    if (is_unfinished_answer(input, at, left))
        return ANSWER_PATIENCE_MS;
    if (!is_escapes(at, left) && !is_alt(at, left))
        return SEQUENCE_PATIENCE_MS;
    if (!is_waiting_for_answer(input) || input->last_ms >= input->answers_until_ms)
        return input->escape_delay_ms;
    int answer = (int)(input->answers_until_ms - input->last_ms);
    return answer > input->escape_delay_ms ? answer : input->escape_delay_ms;
}

bool input_next(struct input *input, int64_t now_ms, uint32_t *key, const char **text)
{
    for (;;) {
        bool silent = now_ms - input->last_ms >= patience(input);
        input->text[0] = '\0';
        *text = input->text;
        if (input->pasting) {
            /* A paste whose end never comes must not swallow the keyboard for good. */
            if (!take_paste(input) && !silent)
                return false;
            input->pasting = false;
            *key = KEY_CODE_PASTE;
            *text = input->paste.data ? input->paste.data : "";
            return true;
        }
        strbuf_free(&input->paste);
        size_t left = left_of(input);
        if (left == 0)
            return false;
        size_t used = take_key(input, input->pending.data + input->used, left, silent, key);
        if (used == 0)
            return false;
        input->used += used;
        if (*key != KEY_CODE_NONE)
            return true;
    }
}

int input_wait_ms(const struct input *input, int64_t now_ms)
{
    if (left_of(input) == 0 && !input->pasting)
        return -1;
    int64_t wait = input->last_ms + patience(input) - now_ms;
    return wait > 0 ? (int)wait : 0;
}
