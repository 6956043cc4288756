/* Loops over points and a question's postings; what is declared in Python beside their callers is described there. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../index/ascending.h"
#include "candidates.h"

/* Of a range of points: only blocks in which a total reaches the bound are looked through. */
enum { BLOCK_POINTS = 64 };
/* From no score to the highest possible total: so fine is the bound that is known while totals are added up. */
enum { STEPS = 1024 };
/* Of a total: they are in single precision, and points so near the last of the best are compared by exact totals. */
static const double DOUBTED_SHARE = 4e-5;
/* Smaller totals are rounding errors. */
static const double MIN_SCORE = 1e-6;

/* A row of a question's table, which has addresses as numbers. */
struct postings {
    const int32_t *texts;
    const double *scores;
    const _Bool *named;
    int64_t size;
};

static struct postings row_of(const int64_t *table, int64_t row)
{
    const int64_t *at = table + 4 * row;
    return (struct postings){(const int32_t *)(intptr_t)at[0], (const double *)(intptr_t)at[1],
                             (const _Bool *)(intptr_t)at[2], at[3]};
}

static double score_in(struct postings row, int64_t *cursor, int64_t text, double idf, double weight)
{
    *cursor = first_from(row.texts, *cursor, row.size, text);
    return *cursor < row.size && row.texts[*cursor] == text ? row.scores[*cursor] * idf * weight : 0;
}

/* A question: first the rows of the points' own texts, then those of the headings. */
struct question {
    const int64_t *table;
    const double *idfs, *weights;
    int64_t concepts;
    double context_weight;
    const int64_t *heading_bounds;
    const int32_t *headings;
};

/* The total of a point; `cursors` are where the last one before it was found. */
static double exact_total(const struct question *asked, int64_t point, int64_t *cursors)
{
    double total = 0;
    for (int64_t i = 0; i < asked->concepts; i++) {
        int64_t j = asked->concepts + i;
        double own = score_in(row_of(asked->table, i), cursors + i, point, asked->idfs[i], asked->weights[i]);
        double context = score_in(row_of(asked->table, j), cursors + j, asked->headings[point], asked->idfs[j],
                                  asked->weights[j]);
        total += own + asked->context_weight * context;
    }
    return total;
}

/* The n-th largest of these numbers, n from 1, which are put in another order (Hoare, Find, 1961). */
static double nth_largest(double *numbers, int64_t count, int64_t n)
{
    int64_t low = 0, high = count - 1, place = n - 1;
    while (low < high) {
        double middle = numbers[low + (high - low) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (numbers[i] > middle)
                i++;
            while (numbers[j] < middle)
                j--;
            if (i <= j) {
                double number = numbers[i];
                numbers[i++] = numbers[j];
                numbers[j--] = number;
            }
        }
        if (place <= j)
            high = j;
        else if (place >= i)
            low = i;
        else
            break;
    }
    return numbers[place];
}

/* The best totals, equal ones by the lower id; the worst of them stands first, and none is worse than the one at half its
   place. */
struct best {
    double *totals;
    uint64_t *ids;
    int64_t size, most;
};

static int is_better(double total, uint64_t id, double other_total, uint64_t other_id)
{
    return total > other_total || (total == other_total && id < other_id);
}

static void push_best(struct best *best, double total, uint64_t id)
{
    double *totals = best->totals;
    uint64_t *ids = best->ids;
    int64_t at = 0;
    if (best->size < best->most) {
        for (at = best->size++; at > 0; at = (at - 1) / 2) {
            int64_t parent = (at - 1) / 2;
            if (!is_better(totals[parent], ids[parent], total, id))
                break;
            totals[at] = totals[parent];
            ids[at] = ids[parent];
        }
    } else if (is_better(total, id, totals[0], ids[0])) {
        for (;;) {
            int64_t child = 2 * at + 1;
            if (child + 1 < best->size && is_better(totals[child], ids[child], totals[child + 1], ids[child + 1]))
                child++;
            if (child >= best->size || !is_better(total, id, totals[child], ids[child]))
                break;
            totals[at] = totals[child];
            ids[at] = ids[child];
            at = child;
        }
    } else
        return;
    totals[at] = total;
    ids[at] = id;
}

/* Points that may be among the `most` best, ascending, with their totals; those below `least` are not among them.
   `scratch` has as much room. `counts` says how many totals were seen in each of equal steps up to the highest possible
   one: so many as there are best ones were seen from step `lowest` on, `seen` in all. */
struct candidates {
    double *totals, *scratch;
    int64_t *points;
    int64_t size, room, most;
    double least;
    struct best best;
    int64_t lowest, seen;
    double steps;
    int32_t counts[STEPS];
};

/* Raises `least` once enough totals were seen above. */
static void count_total(struct candidates *found, double total)
{
    double step = total * found->steps;
    int64_t at = step < STEPS - 1 ? (int64_t)step : STEPS - 1, lowest = found->lowest;
    if (at < lowest)
        return;
    found->counts[at]++;
    found->seen++;
    while (found->seen - found->counts[lowest] >= found->most)
        found->seen -= found->counts[lowest++];
    if (lowest > found->lowest) {
        double least = (double)lowest / found->steps * (1 - DOUBTED_SHARE);
        found->least = least > found->least ? least : found->least;
        found->lowest = lowest;
    }
}

static void drop_others(struct candidates *found)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < found->size; i++)
        if (found->totals[i] >= found->least) {
            found->totals[kept] = found->totals[i];
            found->points[kept++] = found->points[i];
        }
    found->size = kept;
}

/* Keeps the best by exact totals; those of at least `sure` are among them anyway. */
static void keep_exactly(struct candidates *found, double sure, const struct question *asked, const uint64_t *ids,
                         int64_t *cursors)
{
    struct best *best = &found->best;
    best->size = 0;
    memset(cursors, 0, 2 * (size_t)asked->concepts * sizeof *cursors);
    for (int64_t i = 0; i < found->size; i++) {
        int64_t point = found->points[i];
        found->scratch[i] = found->totals[i] >= sure ? INFINITY : exact_total(asked, point, cursors);
        push_best(best, found->scratch[i], ids[point]);
    }
    int64_t kept = 0;
    for (int64_t i = 0; i < found->size; i++) {
        if (is_better(best->totals[0], best->ids[0], found->scratch[i], ids[found->points[i]]))
            continue;
        found->totals[kept] = found->totals[i];
        found->points[kept++] = found->points[i];
    }
    found->size = kept;
}

/* Keeps those that may be among the best; exactly the best where it is the end, or where others have no room. */
static void keep_best(struct candidates *found, int is_end, const struct question *asked, const uint64_t *ids,
                      int64_t *cursors)
{
    drop_others(found);
    if (found->size <= (is_end ? found->most : found->room / 2))
        return;
    memcpy(found->scratch, found->totals, (size_t)found->size * sizeof *found->scratch);
    double last = nth_largest(found->scratch, found->size, found->most), least = last * (1 - DOUBTED_SHARE);
    found->least = least > found->least ? least : found->least;
    drop_others(found);
    if (found->size > (is_end ? found->most : found->room / 2))
        keep_exactly(found, last * (1 + DOUBTED_SHARE), asked, ids, cursors);
}

/* How many of these numbers reach a bound. */
static int64_t count_reaching(const float *numbers, int64_t count, float bound)
{
    int32_t reaching = 0;
    for (int64_t i = 0; i < count; i++)
        reaching += numbers[i] >= bound;
    return reaching;
}

/* Adds a row's scores to the sums of the points from `begin` to `end`; the cursor may be left behind. */
static void add_row(float *sums, int64_t begin, int64_t end, struct postings row, int64_t *cursor, double factor)
{
    int64_t at = first_from(row.texts, *cursor, row.size, begin);
    for (; at < row.size && row.texts[at] < end; at++)
        sums[row.texts[at] - begin] += (float)(row.scores[at] * factor);
    *cursor = at;
}

/* The same of headings, each of which has many points. */
static void add_headings(float *sums, int64_t begin, int64_t end, struct postings row, int64_t *cursor, double factor,
                         const struct question *asked)
{
    int64_t at = first_from(row.texts, *cursor, row.size, asked->headings[begin]);
    *cursor = at;
    for (; at < row.size && asked->heading_bounds[row.texts[at]] < end; at++) {
        int64_t from = asked->heading_bounds[row.texts[at]], to = asked->heading_bounds[row.texts[at] + 1];
        float score = (float)(row.scores[at] * factor);
        for (int64_t point = from < begin ? begin : from; point < (to < end ? to : end); point++)
            sums[point - begin] += score;
    }
}

/* How many postings these rows have in a range, on average. */
static double postings_of(const struct question *asked, const int64_t *order, int64_t first, double range_share,
                          double heading_share)
{
    double postings = 0;
    for (int64_t i = first; i < 2 * asked->concepts; i++)
        postings += (double)row_of(asked->table, order[i]).size *
                    (order[i] < asked->concepts ? range_share : heading_share);
    return postings;
}

int64_t find_best(int64_t point_count, const int64_t *table, const double *idfs, const double *weights,
                  const double *factors, const double *mosts, const int64_t *order, int64_t concept_count,
                  double context_weight, const int64_t *heading_bounds, const int32_t *headings, int64_t heading_count,
                  const _Bool *mask, int64_t mask_count, const uint64_t *ids, double exact_postings, float *sums,
                  int64_t range, int64_t *cursors, double *totals, int64_t *points, int64_t room, double *best_totals,
                  uint64_t *best_ids, int64_t most)
{
    struct question asked = {table, idfs, weights, concept_count, context_weight, heading_bounds, headings};
    struct candidates found = {.totals = totals, .scratch = totals + room, .points = points, .room = room,
                               .most = most, .least = MIN_SCORE, .best = {best_totals, best_ids, 0, most}};
    int64_t rows = 2 * concept_count, *exact_cursors = cursors + rows, *last_cursors = cursors + 2 * rows;
    double all = 0;
    for (int64_t i = 0; i < rows; i++)
        all += mosts[i];
    found.steps = all > 0 ? STEPS / all : 0;
    for (int64_t begin = 0; begin < point_count; begin += range) {
        int64_t end = begin + range < point_count ? begin + range : point_count, i = 0;
        double left = all, bound = found.least;
        for (int is_tried = 0; i < rows; i++) {
            if (left < found.least && !is_tried) {
                double rest = postings_of(&asked, order, i, (double)range / (double)point_count,
                                          (double)range / (double)heading_count);
                bound = (found.least - left) * (1 - DOUBTED_SHARE);
                is_tried = 1;
                if ((double)count_reaching(sums, end - begin, (float)bound) * exact_postings < rest)
                    break;
                bound = found.least;
            }
            int64_t row = order[i];
            if (row < concept_count)
                add_row(sums, begin, end, row_of(table, row), cursors + row, factors[row]);
            else
                add_headings(sums, begin, end, row_of(table, row), cursors + row, factors[row], &asked);
            left -= mosts[row];
        }
        for (int64_t block = begin; block < end; block += BLOCK_POINTS) {
            int64_t block_end = block + BLOCK_POINTS < end ? block + BLOCK_POINTS : end;
            if (!count_reaching(sums + (block - begin), block_end - block, (float)bound))
                continue;
            int64_t reaching[BLOCK_POINTS], count = 0;
            for (int64_t point = block; point < block_end; point++) {
                reaching[count] = point; /* and is overwritten, without a branch, if it does not */
                count += sums[point - begin] >= (float)bound;
            }
            for (int64_t at = 0; at < count; at++) {
                int64_t point = reaching[at];
                if (mask_count && !mask[point])
                    continue;
                double total = i < rows ? exact_total(&asked, point, exact_cursors) : sums[point - begin];
                if (total < found.least)
                    continue;
                count_total(&found, total);
                found.totals[found.size] = total;
                found.points[found.size++] = point;
                if (found.size == room)
                    keep_best(&found, 0, &asked, ids, last_cursors);
            }
        }
        memset(sums, 0, (size_t)range * sizeof *sums);
    }
    keep_best(&found, 1, &asked, ids, last_cursors);
    return found.size;
}

/* The document of a point, which is not before document `number`. */
static int64_t document_of(const int64_t *bounds, int64_t number, int64_t document_count, int64_t point)
{
    int64_t high = document_count;
    while (high - number > 1) {
        int64_t middle = number + (high - number) / 2;
        if (bounds[middle] <= point)
            number = middle;
        else
            high = middle;
    }
    return number;
}

void score_points(const int64_t *points, int64_t point_count, const int64_t *bounds, int64_t document_count,
                  const int32_t *headings, const int64_t *table, const double *idfs, const double *weights,
                  int64_t concept_count, double context_weight, double repeated_weight, double document_weight,
                  int64_t *cursors, double *addends, double *scores, _Bool *marks, double *totals)
{
    int64_t number = 0;
    for (int64_t n = 0; n < point_count; n++) {
        double *own = scores + n * SCORES * concept_count, *context = own + CONTEXT * concept_count;
        double *document = own + DOCUMENT * concept_count;
        _Bool *named = marks + n * MARKS * concept_count, *near = named + NEAR * concept_count;
        int is_first = n == 0 || points[n] >= bounds[number + 1];
        if (is_first)
            number = document_of(bounds, number, document_count, points[n]);
        int64_t begin = bounds[number], end = bounds[number + 1];
        for (int64_t i = 0; i < concept_count; i++) {
            int64_t j = concept_count + i;
            struct postings text = row_of(table, i), heading = row_of(table, j);
            if (is_first) {
                double best = 0;
                _Bool is_near = 0;
                cursors[i] = first_from(text.texts, cursors[i], text.size, begin);
                cursors[j] = first_from(heading.texts, cursors[j], heading.size, headings[begin]);
                for (int64_t k = cursors[i]; k < text.size && text.texts[k] < end; k++) {
                    double score = text.scores[k] * idfs[i] * weights[i];
                    best = larger(score, best);
                    is_near |= text.named[k];
                }
                for (int64_t k = cursors[j]; k < heading.size && heading.texts[k] <= headings[end - 1]; k++)
                    is_near |= heading.named[k];
                document[i] = best;
                near[i] = is_near;
            } else {
                document[i] = document[i - SCORES * concept_count];
                near[i] = near[i - MARKS * concept_count];
            }
            /* a document has few points: the next one is not far */
            while (cursors[i] < text.size && text.texts[cursors[i]] < points[n])
                cursors[i]++;
            while (cursors[j] < heading.size && heading.texts[cursors[j]] < headings[points[n]])
                cursors[j]++;
            int64_t k = cursors[i], l = cursors[j];
            int in_text = k < text.size && text.texts[k] == points[n];
            int in_heading = l < heading.size && heading.texts[l] == headings[points[n]];
            own[i] = in_text ? text.scores[k] * idfs[i] * weights[i] : 0;
            context[i] = in_heading ? heading.scores[l] * idfs[j] * weights[j] : 0;
            named[i] = (in_text && text.named[k]) || (in_heading && heading.named[l]);
            double direct = direct_score(own[i], context[i], context_weight, repeated_weight);
            addends[i] = direct + document_weight * larger(document[i] - direct, 0);
        }
        totals[n] = sum_of(addends, concept_count);
    }
}
