#include "ui/screens/palette/find.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "ui/widgets/sorting.h"

#define SHORTER 512 /* of texts that fit as well, the shorter one */
#define UNAVAILABLE 60
#define ON_AN_ITEM 5

/* What can be done with a thing, and the words for it. */
static const struct deed {
    enum palette_kind kind;
    enum ui_action action;
    const char *verb;
} deeds[] = {
    {PALETTE_POINT, ACTION_OPEN, "Open"},       {PALETTE_POINT, ACTION_EXPORT, "Export"},
    {PALETTE_POINT, ACTION_VERIFY, "Verify"},   {PALETTE_POINT, ACTION_REMOVE_DATA, "Remove data of"},
    {PALETTE_POINT, ACTION_DESTROY, "Destroy"}, {PALETTE_COLLECTION, ACTION_CREATE, "New point of"},
};

struct scores { /* of each word; 0: it does not fit */
    unsigned of[MATCH_WORDS];
    unsigned sum;
    unsigned fitting; /* words, as bits */
};

static struct scores score(const struct match_query *query, const struct match_text *text)
{
    struct scores scores = {0};
    for (size_t i = 0; i < query->count; i++) {
        scores.of[i] = match_word(text, &query->words[i], NULL);
        scores.sum += scores.of[i];
        scores.fitting |= scores.of[i] > 0 ? 1U << i : 0;
    }
    return scores;
}

static void add(struct palette_rows *found, size_t item, const struct deed *deed, unsigned points,
                size_t letters)
{
    size_t shorter = letters < SHORTER ? SHORTER - letters : 0;
    *ARRAY_APPEND(found->rows, found->count) =
        (struct palette_row){.item = item,
                             .verb = deed ? deed->verb : NULL,
                             .action = deed ? deed->action : ACTION_NONE,
                             .score = points * SHORTER * 2 + (unsigned)shorter};
}

/* The words of a deed are meant as such: letters here and there are not enough. */
static void keep_word_starts(struct scores *scores)
{
    for (size_t i = 0; i < MATCH_WORDS; i++) {
        if (scores->of[i] >= 80)
            continue;
        scores->of[i] = 0;
        scores->fitting &= ~(1U << i);
    }
}

static unsigned both(const struct scores *left, const struct scores *right)
{
    unsigned sum = 0;
    for (size_t i = 0; i < MATCH_WORDS; i++)
        sum += left->of[i] > right->of[i] ? left->of[i] : right->of[i];
    return sum;
}

struct finding {
    const struct palette_items *items;
    struct match_query query;
    struct scores deeds[ARRAY_LENGTH(deeds)];
    unsigned all; /* words, as bits */
};

static void find_item(struct palette_rows *found, const struct finding *finding, size_t at)
{
    const struct palette_item *item = &finding->items->items[at];
    const struct match_text text = palette_item_text(finding->items, at);
    const struct scores scores = score(&finding->query, &text);
    unsigned off = item->unavailable ? UNAVAILABLE : 0;
    if (scores.fitting == finding->all)
        add(found, at, NULL, scores.sum > off ? scores.sum - off : 1, text.count);
    for (size_t i = 0; i < ARRAY_LENGTH(deeds) && scores.fitting; i++) {
        const struct scores *deed = &finding->deeds[i];
        if (deeds[i].kind == item->kind && deed->fitting &&
            (scores.fitting | deed->fitting) == finding->all && scores.fitting & ~deed->fitting)
            add(found, at, &deeds[i], both(&scores, deed) - ON_AN_ITEM, text.count);
    }
}

static void sort(struct palette_rows *found)
{
    struct sort_key *keys = mem_alloc((found->count + 1) * sizeof *keys);
    for (size_t i = 0; i < found->count; i++)
        keys[i].number = found->rows[i].score;
    CLEANUP_FREE size_t *order = sorting_order(keys, found->count, true);
    struct palette_row *sorted = mem_alloc((found->count + 1) * sizeof *sorted);
    for (size_t i = 0; i < found->count; i++)
        sorted[i] = found->rows[order[i]];
    free(found->rows);
    free(keys);
    found->rows = sorted;
}

void palette_find(struct palette_rows *found, const struct palette_items *items, const char *text)
{
    struct finding finding = {.items = items};
    free(found->rows);
    *found = (struct palette_rows){0};
    match_query_read(&finding.query, text);
    finding.all = (1U << finding.query.count) - 1;
    if (finding.all == 0) {
        for (size_t i = 0; i < items->count; i++) {
            const struct palette_item *item = &items->items[i];
            if (item->kind == PALETTE_ACTION && !item->unavailable && !item->minor)
                add(found, i, NULL, 0, 0);
        }
        return;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(deeds); i++) {
        struct fold_letters letters = {0};
        fold_letters_add(&letters, deeds[i].verb);
        const struct match_text verb = {.letters = letters.items, .count = letters.count};
        finding.deeds[i] = score(&finding.query, &verb);
        keep_word_starts(&finding.deeds[i]);
        free(letters.items);
    }
    for (size_t i = 0; i < items->count; i++)
        find_item(found, &finding, i);
    sort(found);
}
