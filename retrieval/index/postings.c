/* Loops over postings; what is declared in Python beside their callers is described there. */

#include <stdint.h>
#include <string.h>

#include "ascending.h"

/* Texts whose frequencies are added up at once: 32 KB, which stay in the processor's nearest cache. */
enum { BLOCK_TEXTS = 2048, MARK_BITS = 64, MARKS = BLOCK_TEXTS / MARK_BITS };

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

int64_t find_spans(const uint64_t *terms, const int64_t *starts, int64_t term_count, const uint64_t *wanted,
                   int64_t wanted_count, int64_t *begins, int64_t *ends)
{
    int64_t total = 0;
    for (int64_t i = 0; i < wanted_count; i++) {
        int64_t low = 0, high = term_count;
        while (low < high) {
            int64_t middle = low + (high - low) / 2;
            if (terms[middle] < wanted[i])
                low = middle + 1;
            else
                high = middle;
        }
        int is_there = low < term_count && terms[low] == wanted[i];
        begins[i] = is_there ? starts[low] : 0;
        ends[i] = is_there ? starts[low + 1] : 0;
        total += ends[i] - begins[i];
    }
    return total;
}

/* The list of the fewest texts becomes the phrase's first, from which it is read. */
static void put_shortest_first(int64_t *begins, int64_t *ends, int64_t first, int64_t beyond)
{
    int64_t shortest = first;
    for (int64_t i = first + 1; i < beyond; i++)
        if (ends[i] - begins[i] < ends[shortest] - begins[shortest])
            shortest = i;
    int64_t begin = begins[shortest], end = ends[shortest];
    begins[shortest] = begins[first];
    ends[shortest] = ends[first];
    begins[first] = begin;
    ends[first] = end;
}

/* The texts of a phrase up to the end of the block; its lists are read on from where they were left. */
static void add_phrase(struct block *block, const int32_t *texts, const uint16_t *counts, int64_t *begins,
                       const int64_t *ends, int64_t first, int64_t beyond, double weight, double share)
{
    int64_t at = begins[first];
    for (; at < ends[first] && texts[at] < block->begin + BLOCK_TEXTS; at++) {
        int64_t least = counts[at], total = counts[at], other = first + 1;
        for (; other < beyond; other++) {
            int64_t met = begins[other] = first_from(texts, begins[other], ends[other], texts[at]);
            if (met == ends[other] || texts[met] != texts[at])
                break;
            least = counts[met] < least ? counts[met] : least;
            total += counts[met];
        }
        if (other == beyond) {
            double whole = weight * (double)least;
            add_to_block(block, texts[at], whole - share * (double)total, whole);
        }
    }
    begins[first] = at;
}

/* A question's plans: those of plan i have the terms from `term_bounds[i]` and the phrases from `phrase_bounds[i]` on. */
struct plans {
    const double *shares, *wholes;
    const int64_t *term_bounds, *phrase_bounds, *phrase_starts;
    const double *phrase_weights, *phrase_shares;
};

/* The first text of a plan that is not read yet, or INT64_MAX. */
static int64_t next_text(const struct plans *plans, int64_t plan, const int32_t *texts, const int64_t *begins,
                         const int64_t *ends)
{
    int64_t next = INT64_MAX;
    for (int64_t i = plans->term_bounds[plan]; i < plans->term_bounds[plan + 1]; i++)
        if (begins[i] < ends[i] && texts[begins[i]] < next)
            next = texts[begins[i]];
    for (int64_t i = plans->phrase_bounds[plan]; i < plans->phrase_bounds[plan + 1]; i++) {
        int64_t first = plans->phrase_starts[i];
        if (begins[first] < ends[first] && texts[begins[first]] < next)
            next = texts[begins[first]];
    }
    return next;
}

/* The frequencies of a plan in the texts of a block. */
static void add_plan(struct block *block, const struct plans *plans, int64_t plan, const int32_t *texts,
                     const uint16_t *counts, int64_t *begins, const int64_t *ends)
{
    for (int64_t i = plans->term_bounds[plan]; i < plans->term_bounds[plan + 1]; i++) {
        int64_t at = begins[i];
        for (; at < ends[i] && texts[at] < block->begin + BLOCK_TEXTS; at++)
            add_to_block(block, texts[at], plans->shares[i] * counts[at], plans->wholes[i] * counts[at]);
        begins[i] = at;
    }
    for (int64_t i = plans->phrase_bounds[plan]; i < plans->phrase_bounds[plan + 1]; i++)
        add_phrase(block, texts, counts, begins, ends, plans->phrase_starts[i], plans->phrase_starts[i + 1],
                   plans->phrase_weights[i], plans->phrase_shares[i]);
}

void count_concepts(const int32_t *texts, const uint16_t *counts, const _Bool *alive, int64_t alive_count,
                    const double *repeats, int64_t repeat_count, int64_t base, const double *shares,
                    const double *wholes, const int64_t *term_bounds, const int64_t *phrase_bounds,
                    const int64_t *phrase_starts, const double *phrase_weights, const double *phrase_shares,
                    int64_t plan_count, int64_t *begins, int64_t *ends, int32_t *found, double *often, double *named,
                    int64_t *sizes, double *frequencies)
{
    struct plans plans = {shares, wholes, term_bounds, phrase_bounds, phrase_starts, phrase_weights, phrase_shares};
    struct block block;
    memset(&block, 0, sizeof block);
    for (int64_t i = 0; i < term_bounds[plan_count]; i++)
        if (shares[i] == 0)
            begins[i] = ends[i];
    for (int64_t i = 0; i < phrase_bounds[plan_count]; i++)
        put_shortest_first(begins, ends, phrase_starts[i], phrase_starts[i + 1]);
    int64_t size = 0;
    for (int64_t plan = 0; plan < plan_count; plan++) {
        int64_t first = size;
        double df = 0, df_whole = 0;
        while ((block.begin = next_text(&plans, plan, texts, begins, ends)) < INT64_MAX) {
            add_plan(&block, &plans, plan, texts, counts, begins, ends);
            for (int64_t mark = 0; mark < MARKS; mark++) {
                for (uint64_t bits = block.marks[mark]; bits; bits &= bits - 1) {
                    int64_t at = mark * MARK_BITS + __builtin_ctzll(bits), text = block.begin + at;
                    double any = block.sums[at][0], whole = block.sums[at][1];
                    block.sums[at][0] = block.sums[at][1] = 0;
                    if (alive_count && !alive[text])
                        continue;
                    text += base;
                    found[size] = (int32_t)text;
                    often[size] = any;
                    named[size] = whole;
                    size++;
                    double times = repeat_count ? repeats[text] : 1;
                    df += (any < 1 ? any : 1) * times;
                    df_whole += (whole < 1 ? whole : 1) * times;
                }
                block.marks[mark] = 0;
            }
        }
        sizes[plan] = size - first;
        frequencies[2 * plan] = df;
        frequencies[2 * plan + 1] = df_whole;
    }
}

void weigh_concepts(const int32_t *found, const double *often, const double *wholes, const int64_t *sizes,
                    int64_t plan_count, const int32_t *lengths, const double *length_norms, double k1,
                    const double *partials, int64_t *places, int32_t *texts, double *scores, _Bool *named,
                    double *mosts)
{
    for (int64_t plan = 0; plan < plan_count; plan++) {
        int64_t at = places[plan];
        double most = mosts[plan];
        for (int64_t i = 0; i < sizes[plan]; i++) {
            /* in this order, a concept of one term scores bit for bit as in rank_bm25 */
            double score = often[i] * (k1 + 1) / (length_norms[lengths[found[i]]] + often[i]);
            if (!(wholes[i] > 0))
                score *= partials[plan];
            texts[at + i] = found[i];
            scores[at + i] = score;
            named[at + i] = wholes[i] > 0;
            most = score > most ? score : most;
        }
        found += sizes[plan];
        often += sizes[plan];
        wholes += sizes[plan];
        places[plan] += sizes[plan];
        mosts[plan] = most;
    }
}
