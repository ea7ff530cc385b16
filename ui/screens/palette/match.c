#include "ui/screens/palette/match.h"

#include <stdlib.h>
#include <string.h>

enum {
    SCORE_WHOLE = 120,
    SCORE_PREFIX = 100,
    SCORE_WHOLE_WORD = 90,
    SCORE_WORD_START = 80,
    SCORE_INSIDE = 40,
    SCORE_LETTERS = 10, /* and up to that many more for those that begin a word or follow each other */
    SCORE_LETTERS_MORE = 20,
};

void match_query_read(struct match_query *query, const char *text)
{
    struct fold_letters letters = {0};
    *query = (struct match_query){0};
    fold_letters_add(&letters, text);
    struct match_word *word = NULL;
    for (size_t i = 0; i < letters.count; i++) {
        if (letters.items[i].code == ' ') {
            word = NULL;
            continue;
        }
        if (!word && query->count == MATCH_WORDS)
            break;
        if (!word)
            word = &query->words[query->count++];
        if (word->count < MATCH_WORD_LETTERS)
            word->letters[word->count++] = letters.items[i].code;
    }
    free(letters.items);
}

static bool is_at(const struct match_text *text, size_t at, const struct match_word *word)
{
    if (at + word->count > text->count)
        return false;
    for (size_t i = 0; i < word->count; i++) {
        if (text->letters[at + i].code != word->letters[i])
            return false;
    }
    return true;
}

static bool ends_word(const struct match_text *text, size_t behind)
{
    if (behind >= text->count)
        return true;
    uint32_t code = text->letters[behind].code;
    return code < 0x80 && !(code >= 'a' && code <= 'z') && !(code >= '0' && code <= '9');
}

static unsigned score_at(const struct match_text *text, size_t at, const struct match_word *word)
{
    bool ends = ends_word(text, at + word->count);
    if (at == 0)
        return word->count == text->count ? SCORE_WHOLE : ends ? SCORE_PREFIX + 5 : SCORE_PREFIX;
    if (text->letters[at].starts)
        return ends ? SCORE_WHOLE_WORD : SCORE_WORD_START;
    return SCORE_INSIDE;
}

static unsigned whole(const struct match_text *text, const struct match_word *word, size_t *hits)
{
    unsigned best = 0;
    for (size_t at = 0; at + word->count <= text->count && best < SCORE_PREFIX; at++) {
        if (text->letters[at].code != word->letters[0] || !is_at(text, at, word))
            continue;
        unsigned score = score_at(text, at, word);
        if (score <= best)
            continue;
        best = score;
        for (size_t i = 0; hits && i < word->count; i++)
            hits[i] = at + i;
    }
    return best;
}

/* From this letter on, each next one in the nearest place; what lies further apart is no word. */
static unsigned scattered(const struct match_text *text, size_t from, const struct match_word *word,
                          size_t *hits)
{
    size_t at = from;
    unsigned more = 0;
    for (size_t i = 0; i < word->count; i++) {
        size_t before = at;
        while (at < text->count && text->letters[at].code != word->letters[i])
            at++;
        if (at >= text->count || at - from > 2 * word->count + 2)
            return 0;
        more += text->letters[at].starts ? 3 : i > 0 && at == before ? 2 : 0;
        hits[i] = at++;
    }
    return SCORE_LETTERS + (more < SCORE_LETTERS_MORE ? more : SCORE_LETTERS_MORE);
}

unsigned match_word(const struct match_text *text, const struct match_word *word, size_t *hits)
{
    size_t tried[MATCH_WORD_LETTERS];
    unsigned best = whole(text, word, hits);
    if (best > 0 || word->count < 2)
        return best;
    for (size_t at = 0; at < text->count; at++) {
        if (!text->letters[at].starts || text->letters[at].code != word->letters[0])
            continue;
        unsigned score = scattered(text, at, word, tried);
        if (score <= best)
            continue;
        best = score;
        if (hits)
            memcpy(hits, tried, word->count * sizeof *hits);
    }
    return best;
}
