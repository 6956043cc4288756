/* Loops over points and a question's postings; what is declared in Python beside their callers is described there. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../index/ascending.h"

/* Smaller totals are rounding errors. */
static const double MIN_SCORE = 1e-6;
/* Totals are in single precision: they only choose candidates. */
static const double ROUNDING_MARGIN = 1 - 1e-5;

/* Of a total: points so near the last of the best are compared by their exact totals. */
static const double DOUBTED_SHARE = 4e-5;

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

/* The best by total and then by the lower id; the worst of them stands first, and no other is worse than the one at
   half its place. */
struct best {
    double *totals;
    uint64_t *ids;
    int64_t *points;
    int64_t size, most;
};

static int is_better(double total, uint64_t id, double other_total, uint64_t other_id)
{
    return total > other_total || (total == other_total && id < other_id);
}

static void push_best(struct best *best, double total, uint64_t id, int64_t point)
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
            best->points[at] = best->points[parent];
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
            best->points[at] = best->points[child];
            at = child;
        }
    } else
        return;
    totals[at] = total;
    ids[at] = id;
    best->points[at] = point;
}

/* The totals of all points, the best of each block of 2^bits points, room for as many, and which points may be shown. */
struct totals {
    float *of_points, *of_blocks, *sorted;
    int64_t points, blocks, bits;
    const _Bool *mask;
};

static void add_total(struct totals *totals, int64_t point, float score)
{
    if (totals->mask && !totals->mask[point])
        return;
    float total = totals->of_points[point] += score;
    float *best = totals->of_blocks + (point >> totals->bits);
    if (total > *best)
        *best = total;
}

/* The n-th largest of these numbers, n from 1, which are put in another order (Hoare, Find, 1961). */
static float nth_largest(float *numbers, int64_t count, int64_t n)
{
    int64_t low = 0, high = count - 1, place = n - 1;
    while (low < high) {
        float middle = numbers[low + (high - low) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (numbers[i] > middle)
                i++;
            while (numbers[j] < middle)
                j--;
            if (i <= j) {
                float number = numbers[i];
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

/* A bound that at least `most` totals reach, since the best ones of as many blocks do; 0 if fewer have any. */
static double lower_bound(const struct totals *totals, int64_t most)
{
    int64_t count = 0;
    for (int64_t block = 0; block < totals->blocks; block++) {
        totals->sorted[count] = totals->of_blocks[block];
        count += totals->of_blocks[block] > 0;
    }
    return count < most ? 0 : nth_largest(totals->sorted, count, most);
}

/* The next point from `point` whose total reaches the bound, or the number of all points. */
static int64_t next_reaching(const struct totals *totals, int64_t point, double bound)
{
    while (point < totals->points) {
        int64_t end = ((point >> totals->bits) + 1) << totals->bits;
        if (end > totals->points)
            end = totals->points;
        if (totals->of_blocks[point >> totals->bits] < bound)
            point = end;
        for (; point < end; point++)
            if (totals->of_points[point] >= bound)
                return point;
    }
    return point;
}

static double reached_by(double bound)
{
    return bound * ROUNDING_MARGIN > MIN_SCORE ? bound * ROUNDING_MARGIN : MIN_SCORE;
}

static int reach_more(const struct totals *totals, double bound, int64_t most)
{
    int64_t count = 0;
    for (int64_t point = next_reaching(totals, 0, bound); point < totals->points;
         point = next_reaching(totals, point + 1, bound))
        if (++count > most)
            return 1;
    return 0;
}

static double score_in(struct postings row, int64_t *cursor, int64_t text, double idf, double weight)
{
    *cursor = first_from(row.texts, *cursor, row.size, text);
    return *cursor < row.size && row.texts[*cursor] == text ? row.scores[*cursor] * idf * weight : 0;
}

/* What totals of all postings say of the best points: those from `sure` on are among them, those below `least` are not;
   `sure_count` are sure. */
struct bounds {
    double least, sure;
    int64_t sure_count;
};

static struct bounds bounds_of(const struct totals *totals, int64_t most)
{
    double bound = reached_by(lower_bound(totals, most));
    struct bounds unsure = {bound, INFINITY, 0};
    int64_t count = 0;
    for (int64_t point = next_reaching(totals, 0, bound); point < totals->points;
         point = next_reaching(totals, point + 1, bound)) {
        if (count == totals->blocks)
            return unsure;
        totals->sorted[count++] = totals->of_points[point];
    }
    if (count <= most)
        return (struct bounds){bound, bound, count};
    double last = nth_largest(totals->sorted, count, most);
    struct bounds bounds = {last * (1 - DOUBTED_SHARE), last * (1 + DOUBTED_SHARE), 0};
    for (int64_t i = 0; i < most; i++)
        bounds.sure_count += totals->sorted[i] >= bounds.sure;
    return bounds;
}

/* Adds up a question's postings, best by `mosts` first; bounds of the best points by what is added up. */
static struct bounds add_up(struct totals *totals, const int64_t *table, const double *factors, const double *mosts,
                            const int64_t *order, int64_t concept_count, const int64_t *heading_bounds,
                            int64_t heading_count, double dense_share, int64_t max_scored, int64_t most)
{
    double left = 0, done = 0;
    for (int64_t i = 0; i < 2 * concept_count; i++)
        left += mosts[i];
    for (int64_t i = 0; i < 2 * concept_count; i++) {
        struct postings row = row_of(table, order[i]);
        int is_heading = order[i] >= concept_count;
        if (left < done && row.size > dense_share * (double)(is_heading ? heading_count : totals->points)) {
            double bound = lower_bound(totals, most);
            if (left < bound && !reach_more(totals, reached_by(bound - left), max_scored))
                return (struct bounds){reached_by(bound - left), INFINITY, 0};
        }
        for (int64_t n = 0; n < row.size; n++) {
            float score = (float)(row.scores[n] * factors[order[i]]);
            if (!is_heading)
                add_total(totals, row.texts[n], score);
            else
                for (int64_t point = heading_bounds[row.texts[n]]; point < heading_bounds[row.texts[n] + 1]; point++)
                    add_total(totals, point, score);
        }
        left -= mosts[order[i]];
        done += mosts[order[i]];
    }
    return bounds_of(totals, most);
}

int64_t find_best(float *point_totals, int64_t point_count, float *block_totals, int64_t block_count,
                  int64_t block_bits, const int64_t *table, const double *idfs, const double *weights,
                  const double *factors, const double *mosts, const int64_t *order, int64_t concept_count,
                  double context_weight, double dense_share, int64_t max_scored, const int64_t *heading_bounds,
                  const int32_t *headings, int64_t heading_count, const _Bool *mask, int64_t mask_count,
                  const uint64_t *ids, int64_t *cursors, double *best_totals, uint64_t *best_ids, int64_t *best_points,
                  int64_t most)
{
    struct totals totals = {point_totals, block_totals, block_totals + block_count, point_count,
                            block_count,  block_bits,   mask_count ? mask : 0};
    struct bounds bounds = add_up(&totals, table, factors, mosts, order, concept_count, heading_bounds, heading_count,
                                  dense_share, max_scored, most);
    int64_t sure = 0;
    struct best best = {best_totals, best_ids, best_points + bounds.sure_count, 0, most - bounds.sure_count};
    for (int64_t point = next_reaching(&totals, 0, bounds.least); point < point_count;
         point = next_reaching(&totals, point + 1, bounds.least)) {
        if (point_totals[point] >= bounds.sure) {
            best_points[sure++] = point;
            continue;
        }
        double total = 0;
        for (int64_t i = 0; i < concept_count; i++) {
            int64_t j = concept_count + i;
            double own = score_in(row_of(table, i), cursors + i, point, idfs[i], weights[i]);
            double context = score_in(row_of(table, j), cursors + j, headings[point], idfs[j], weights[j]);
            total += own + context_weight * context;
        }
        if (total > 0 && best.most)
            push_best(&best, total, ids[point], point);
    }
    memset(point_totals, 0, (size_t)point_count * sizeof *point_totals);
    return sure + best.size;
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
                  const int32_t *headings, const int64_t *table, const double *idfs, const double *weights, int64_t concept_count,
                  int64_t *cursors, double *own, double *context, double *document, _Bool *named, _Bool *near)
{
    int64_t number = 0;
    for (int64_t n = 0; n < point_count; n++) {
        int is_first = n == 0 || points[n] >= bounds[number + 1];
        if (is_first)
            number = document_of(bounds, number, document_count, points[n]);
        int64_t begin = bounds[number], end = bounds[number + 1];
        for (int64_t i = 0; i < concept_count; i++) {
            int64_t j = concept_count + i, at = n * concept_count + i;
            struct postings text = row_of(table, i), heading = row_of(table, j);
            if (is_first) {
                double best = 0;
                _Bool is_near = 0;
                cursors[i] = first_from(text.texts, cursors[i], text.size, begin);
                cursors[j] = first_from(heading.texts, cursors[j], heading.size, headings[begin]);
                for (int64_t k = cursors[i]; k < text.size && text.texts[k] < end; k++) {
                    double score = text.scores[k] * idfs[i] * weights[i];
                    best = score > best ? score : best;
                    is_near |= text.named[k];
                }
                for (int64_t k = cursors[j]; k < heading.size && heading.texts[k] <= headings[end - 1]; k++)
                    is_near |= heading.named[k];
                document[at] = best;
                near[at] = is_near;
            } else {
                document[at] = document[at - concept_count];
                near[at] = near[at - concept_count];
            }
            /* a document has few points: the next one is not far */
            while (cursors[i] < text.size && text.texts[cursors[i]] < points[n])
                cursors[i]++;
            while (cursors[j] < heading.size && heading.texts[cursors[j]] < headings[points[n]])
                cursors[j]++;
            int64_t k = cursors[i], l = cursors[j];
            int in_text = k < text.size && text.texts[k] == points[n];
            int in_heading = l < heading.size && heading.texts[l] == headings[points[n]];
            own[at] = in_text ? text.scores[k] * idfs[i] * weights[i] : 0;
            context[at] = in_heading ? heading.scores[l] * idfs[j] * weights[j] : 0;
            named[at] = (in_text && text.named[k]) || (in_heading && heading.named[l]);
        }
    }
}
