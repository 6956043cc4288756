/* Loops over postings; what is declared in Python beside their callers is described there. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "ascending.h"

/* Texts whose frequencies are added up at once: 32 KB, which stay in the processor's nearest cache. */
enum { BLOCK_TEXTS = 2048, MARK_BITS = 64, MARKS = BLOCK_TEXTS / MARK_BITS };

/* Where the postings of a term begin and end. */
struct span {
    int64_t begin, end;
};

/* Terms are hashes, which lie evenly: each is sought from where it should stand. */
static struct span span_of(const uint64_t *terms, const int64_t *starts, int64_t term_count, uint64_t wanted)
{
    int64_t guess = (int64_t)((double)wanted * 0x1p-64 * (double)term_count), step = 16;
    int64_t low = guess < term_count ? guess : term_count, high = low;
    while (low > 0 && terms[low - 1] >= wanted) {
        high = low - 1;
        low = low > step ? low - step : 0;
        step *= 2;
    }
    while (high < term_count && terms[high] < wanted) {
        low = high + 1;
        high = high + step < term_count ? high + step : term_count;
        step *= 2;
    }
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (terms[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    int is_there = low < term_count && terms[low] == wanted;
    return is_there ? (struct span){starts[low], starts[low + 1]} : (struct span){0, 0};
}

void find_spans(const uint64_t *terms, const int64_t *starts, int64_t term_count, const uint64_t *wanted,
                int64_t wanted_count, int64_t *begins, int64_t *ends)
{
    for (int64_t i = 0; i < wanted_count; i++) {
        struct span span = span_of(terms, starts, term_count, wanted[i]);
        begins[i] = span.begin;
        ends[i] = span.end;
    }
}

/* A row of the table of segments, which has addresses as numbers; `alive` is 0 where all texts are. */
struct segment {
    const uint64_t *terms;
    const int64_t *starts;
    int64_t term_count;
    const int32_t *texts;
    const uint16_t *counts;
    const _Bool *alive;
    int64_t base;
};

static struct segment segment_of(const int64_t *table, int64_t number)
{
    const int64_t *row = table + 7 * number;
    return (struct segment){(const uint64_t *)(intptr_t)row[0], (const int64_t *)(intptr_t)row[1],  row[2],
                            (const int32_t *)(intptr_t)row[3],  (const uint16_t *)(intptr_t)row[4],
                            (const _Bool *)(intptr_t)row[5],    row[6]};
}

/* A row of the table of plans: `hashes` are those of its terms, and then those of its phrases' terms. */
struct plan {
    const uint64_t *hashes;
    int64_t hash_count;
    const double *shares, *wholes;
    int64_t term_count;
    const double *phrases;
    int64_t phrase_count;
};

/* What a plan has for each of its phrases. */
enum phrase { SIZE, WEIGHT, SHARE, PHRASE_NUMBERS };

static struct plan plan_of(const int64_t *table, int64_t number)
{
    const int64_t *row = table + 5 * number;
    const double *shares = (const double *)(intptr_t)row[2];
    return (struct plan){(const uint64_t *)(intptr_t)row[0], row[1], shares, shares + row[3], row[3],
                         shares + 2 * row[3],                row[4]};
}

void find_plans(const int64_t *segments, int64_t segment_count, const int64_t *plans, int64_t plan_count,
                int64_t *spans, int64_t *postings)
{
    memset(postings, 0, (size_t)plan_count * sizeof *postings);
    for (int64_t number = 0; number < segment_count; number++) {
        struct segment segment = segment_of(segments, number);
        for (int64_t i = 0; i < plan_count; i++) {
            struct plan plan = plan_of(plans, i);
            for (int64_t j = 0; j < plan.hash_count; j++, spans += 2) {
                struct span span = span_of(segment.terms, segment.starts, segment.term_count, plan.hashes[j]);
                spans[0] = span.begin;
                spans[1] = span.end;
                postings[i] += j < plan.term_count ? span.end - span.begin : 0;
            }
        }
    }
}

/* The frequencies of texts from `begin` on, any of the terms and whole names, and a bit for each text that has one. */
struct block {
    double sums[BLOCK_TEXTS][2];
    uint64_t marks[MARKS];
    int64_t begin;
};

static void add_to_block(struct block *block, int32_t text, double often, double whole)
{
    int64_t at = text - block->begin;
    block->sums[at][0] += often;
    block->sums[at][1] += whole;
    block->marks[at / MARK_BITS] |= UINT64_C(1) << at % MARK_BITS;
}

/* The texts of a term up to the end of the block. */
static void add_term(struct block *block, const struct segment *segment, struct span *span, double share, double whole)
{
    int64_t at = span->begin;
    for (; at < span->end && segment->texts[at] < block->begin + BLOCK_TEXTS; at++)
        add_to_block(block, segment->texts[at], share * segment->counts[at], whole * segment->counts[at]);
    span->begin = at;
}

/* The list of the fewest texts becomes the phrase's first, from which it is read. */
static void put_shortest_first(struct span *spans, int64_t size)
{
    int64_t shortest = 0;
    for (int64_t i = 1; i < size; i++)
        if (spans[i].end - spans[i].begin < spans[shortest].end - spans[shortest].begin)
            shortest = i;
    struct span first = spans[0];
    spans[0] = spans[shortest];
    spans[shortest] = first;
}

/* The texts of a phrase up to the end of the block; its lists are read on from where they were left. */
static void add_phrase(struct block *block, const struct segment *segment, struct span *spans, const double *phrase)
{
    const int32_t *texts = segment->texts;
    int64_t at = spans[0].begin, size = (int64_t)phrase[SIZE];
    for (; at < spans[0].end && texts[at] < block->begin + BLOCK_TEXTS; at++) {
        int64_t least = segment->counts[at], total = segment->counts[at], other = 1;
        for (; other < size; other++) {
            int64_t met = spans[other].begin = first_from(texts, spans[other].begin, spans[other].end, texts[at]);
            if (met == spans[other].end || texts[met] != texts[at])
                break;
            least = segment->counts[met] < least ? segment->counts[met] : least;
            total += segment->counts[met];
        }
        if (other == size) {
            double whole = phrase[WEIGHT] * (double)least;
            add_to_block(block, texts[at], whole - phrase[SHARE] * (double)total, whole);
        }
    }
    spans[0].begin = at;
}

/* A plan in a segment: the spans of its terms that are not read to the end, whose numbers are `left`, and those of its
   phrases. */
struct reading {
    const struct plan *plan;
    const struct segment *segment;
    struct span *spans;
    int64_t *left, left_count;
};

static struct reading reading_of(const struct plan *plan, const struct segment *segment, struct span *spans,
                                 int64_t *left)
{
    struct reading reading = {plan, segment, spans, left, 0};
    for (int64_t i = 0; i < plan->term_count; i++)
        if (plan->shares[i] != 0 && spans[i].begin < spans[i].end)
            left[reading.left_count++] = i;
    struct span *phrase_spans = spans + plan->term_count;
    for (int64_t i = 0; i < plan->phrase_count; i++) {
        int64_t size = (int64_t)plan->phrases[PHRASE_NUMBERS * i + SIZE];
        put_shortest_first(phrase_spans, size);
        phrase_spans += size;
    }
    return reading;
}

/* The first text that is not read yet, or INT64_MAX. */
static int64_t next_text(const struct reading *reading)
{
    int64_t next = INT64_MAX;
    const int32_t *texts = reading->segment->texts;
    for (int64_t i = 0; i < reading->left_count; i++) {
        int64_t text = texts[reading->spans[reading->left[i]].begin];
        next = text < next ? text : next;
    }
    const struct span *first = reading->spans + reading->plan->term_count;
    for (int64_t i = 0; i < reading->plan->phrase_count; i++) {
        if (first->begin < first->end && texts[first->begin] < next)
            next = texts[first->begin];
        first += (int64_t)reading->plan->phrases[PHRASE_NUMBERS * i + SIZE];
    }
    return next;
}

static void add_plan(struct block *block, struct reading *reading)
{
    const struct plan *plan = reading->plan;
    int64_t kept = 0;
    for (int64_t i = 0; i < reading->left_count; i++) {
        int64_t term = reading->left[i];
        struct span *span = reading->spans + term;
        add_term(block, reading->segment, span, plan->shares[term], plan->wholes[term]);
        if (span->begin < span->end)
            reading->left[kept++] = term;
    }
    reading->left_count = kept;
    struct span *spans = reading->spans + plan->term_count;
    for (int64_t i = 0; i < plan->phrase_count; i++) {
        const double *phrase = plan->phrases + PHRASE_NUMBERS * i;
        add_phrase(block, reading->segment, spans, phrase);
        spans += (int64_t)phrase[SIZE];
    }
}

/* The texts of a concept that were found, with its frequency in each, and whether they have a whole name; and what these
   add up to, in all and by whole names, where no text counts more than once, or than it repeats. */
struct found {
    int32_t *texts;
    double *often;
    _Bool *named;
    int64_t size;
    double any, whole;
};

static void take_block(struct block *block, const struct segment *segment, const double *repeats, struct found *found)
{
    for (int64_t mark = 0; mark < MARKS; mark++) {
        for (uint64_t bits = block->marks[mark]; bits; bits &= bits - 1) {
            int64_t at = mark * MARK_BITS + __builtin_ctzll(bits), text = block->begin + at;
            double any = block->sums[at][0], whole = block->sums[at][1];
            block->sums[at][0] = block->sums[at][1] = 0;
            if (segment->alive && !segment->alive[text])
                continue;
            text += segment->base;
            found->texts[found->size] = (int32_t)text;
            found->often[found->size] = any;
            found->named[found->size++] = whole > 0;
            double times = repeats ? repeats[text] : 1;
            found->any += (any < 1 ? any : 1) * times;
            found->whole += (whole < 1 ? whole : 1) * times;
        }
        block->marks[mark] = 0;
    }
}

/* Lucene's: above 0 for every term that occurs, also in a corpus of one. */
static double idf(double size, double frequency)
{
    return log(1 + (size - frequency + 0.5) / (frequency + 0.5));
}

/* The best score; `often` become scores, of a text without a whole name `partial` of what it would score with one. */
static double weigh(struct found *found, const int32_t *lengths, const double *length_norms, double k1, double partial)
{
    double most = 0, shares[] = {partial, 1};
    for (int64_t i = 0; i < found->size; i++) {
        double often = found->often[i];
        /* in this order, a concept of one term scores bit for bit as in rank_bm25 */
        double score = often * (k1 + 1) / (length_norms[lengths[found->texts[i]]] + often) * shares[found->named[i]];
        found->often[i] = score;
        most = score > most ? score : most;
    }
    return most;
}

void score_plans(const int64_t *segments, int64_t segment_count, const int64_t *plans, int64_t plan_count,
                 const int32_t *lengths, const double *length_norms, const double *repeats, int64_t repeat_count,
                 double k1, double size, const double *told, int64_t told_count, int64_t *spans, int64_t hash_count,
                 int64_t *scratch, int32_t *texts, double *scores, _Bool *named, int64_t *rows, double *numbers)
{
    struct block block;
    struct span *first = (struct span *)spans;
    int64_t end = 0;
    memset(&block, 0, sizeof block);
    for (int64_t i = 0; i < plan_count; i++) {
        struct plan plan = plan_of(plans, i);
        struct found found = {texts + end, scores + end, named + end, 0, 0, 0};
        for (int64_t number = 0; number < segment_count; number++) {
            struct segment segment = segment_of(segments, number);
            struct reading reading = reading_of(&plan, &segment, first + number * hash_count, scratch);
            while ((block.begin = next_text(&reading)) < INT64_MAX) {
                add_plan(&block, &reading);
                take_block(&block, &segment, repeat_count ? repeats : 0, &found);
            }
        }
        first += plan.hash_count;
        double any = told_count ? told[2 * i] : found.any, whole = told_count ? told[2 * i + 1] : found.whole;
        double worth = idf(size, whole != 0 ? whole : any);
        *numbers++ = found.any;
        *numbers++ = found.whole;
        *numbers++ = worth;
        *numbers++ = worth * weigh(&found, lengths, length_norms, k1, idf(size, any) / worth);
        *rows++ = (int64_t)(intptr_t)found.texts;
        *rows++ = (int64_t)(intptr_t)found.often;
        *rows++ = (int64_t)(intptr_t)found.named;
        *rows++ = found.size;
        end += found.size;
    }
}
