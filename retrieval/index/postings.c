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

int64_t count_concept(const int32_t *texts, const uint16_t *counts, const _Bool *alive, int64_t alive_count,
                      const double *repeats, int64_t repeat_count, int64_t base, const double *shares,
                      const double *wholes, int64_t term_count, const int64_t *phrase_starts,
                      const double *phrase_weights, const double *phrase_shares, int64_t phrase_count,
                      int64_t *begins, int64_t *ends, int32_t *found, double *often, double *named, double *df)
{
    struct block block;
    memset(&block, 0, sizeof block);
    int64_t size = 0;
    df[0] = df[1] = 0;
    for (int64_t i = 0; i < term_count; i++)
        if (shares[i] == 0)
            begins[i] = ends[i];
    for (int64_t i = 0; i < phrase_count; i++)
        put_shortest_first(begins, ends, phrase_starts[i], phrase_starts[i + 1]);
    for (;;) {
        block.begin = INT64_MAX;
        for (int64_t i = 0; i < term_count; i++)
            if (begins[i] < ends[i] && texts[begins[i]] < block.begin)
                block.begin = texts[begins[i]];
        for (int64_t i = 0; i < phrase_count; i++) {
            int64_t first = phrase_starts[i];
            if (begins[first] < ends[first] && texts[begins[first]] < block.begin)
                block.begin = texts[begins[first]];
        }
        if (block.begin == INT64_MAX)
            return size;
        for (int64_t i = 0; i < term_count; i++) {
            int64_t at = begins[i];
            for (; at < ends[i] && texts[at] < block.begin + BLOCK_TEXTS; at++)
                add_to_block(&block, texts[at], shares[i] * counts[at], wholes[i] * counts[at]);
            begins[i] = at;
        }
        for (int64_t i = 0; i < phrase_count; i++)
            add_phrase(&block, texts, counts, begins, ends, phrase_starts[i], phrase_starts[i + 1], phrase_weights[i],
                       phrase_shares[i]);
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
                df[0] += (any < 1 ? any : 1) * times;
                df[1] += (whole < 1 ? whole : 1) * times;
            }
            block.marks[mark] = 0;
        }
    }
}

double weigh_texts(const int32_t *texts, const double *frequencies, const double *wholes, int64_t size,
                   const double *length_norms, double k1, double partial, double *scores, _Bool *named)
{
    double best = 0;
    for (int64_t i = 0; i < size; i++) {
        /* in this order, a concept of one term scores bit for bit as in rank_bm25 */
        double score = frequencies[i] * (k1 + 1) / (length_norms[texts[i]] + frequencies[i]);
        named[i] = wholes[i] > 0;
        if (!named[i])
            score *= partial;
        scores[i] = score;
        best = score > best ? score : best;
    }
    return best;
}
