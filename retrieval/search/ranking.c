/* Loops over a question's candidates; what is declared in Python beside their callers is described there. */

#include <math.h>
#include <stdint.h>

#include "../index/ascending.h"
#include "candidates.h"

/* A word's concepts, as numbers from `begin` to `end`. */
struct rows {
    const int64_t *begin, *end;
};

static int has_all(const _Bool *marks, struct rows rows)
{
    for (const int64_t *row = rows.begin; row < rows.end; row++)
        if (!marks[*row])
            return 0;
    return rows.begin < rows.end;
}

static int has_any(const _Bool *marks, struct rows rows)
{
    for (const int64_t *row = rows.begin; row < rows.end; row++)
        if (marks[*row])
            return 1;
    return 0;
}

/* The share of a plain occurrence that a candidate has of a word, by `scores` and, if there are any, by `others`. */
static double share_of(const double *scores, const double *others, const double *weights, struct rows wholes,
                       struct rows parts)
{
    double share = 0, whole = 0, had = 0;
    for (const int64_t *row = wholes.begin; row < wholes.end; row++)
        if (weights[*row] != 0)
            share = larger(share, smaller((scores[*row] + (others ? others[*row] : 0)) / weights[*row], 1));
    for (const int64_t *row = parts.begin; row < parts.end; row++) {
        whole += weights[*row];
        had += smaller(scores[*row] + (others ? others[*row] : 0), weights[*row]);
    }
    return parts.begin < parts.end ? larger(share, had / (whole != 0 ? whole : 1)) : share;
}

void cover_words(const double *scores, const _Bool *marks, int64_t candidate_count, int64_t concept_count,
                 const double *weights, const int64_t *rows, const int64_t *bounds, int64_t word_count,
                 double plain_share, double least_share, double *here, double *nearby, _Bool *there, _Bool *near)
{
    for (int64_t n = 0; n < candidate_count; n++) {
        const double *own = scores + (n * SCORES + OWN) * concept_count, *context = own + CONTEXT * concept_count;
        const double *document = own + DOCUMENT * concept_count;
        const _Bool *named = marks + (n * MARKS + NAMED) * concept_count, *named_near = named + NEAR * concept_count;
        for (int64_t word = 0; word < word_count; word++) {
            const int64_t *bound = bounds + 2 * word;
            struct rows wholes = {rows + bound[0], rows + bound[1]}, parts = {rows + bound[1], rows + bound[2]};
            int64_t at = n * word_count + word;
            here[at] = share_of(own, context, weights, wholes, parts);
            nearby[at] = share_of(document, 0, weights, wholes, parts);
            int is_named = has_any(named, wholes) || has_any(named, parts);
            int is_whole = has_all(named, wholes) || has_all(named, parts);
            /* 'price' alone, of 'house price' and 'home price', adds up to a plain occurrence, but is no name of 房价 */
            int is_plain = here[at] > plain_share && is_named;
            there[at] = (is_whole && here[at] >= least_share) || is_plain;
            near[at] = has_all(named_near, wholes) || has_all(named_near, parts) || is_plain;
        }
    }
}

/* The order of FEATURE_NAMES; the caller fills in the others. */
enum feature { WORDS, COVERED, EVIDENCE, NEARNESS, KIND, INHERITED, LENGTH, FEATURES };

static double share_in(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

void read_features(const double *scores, int64_t candidate_count, int64_t concept_count, double context_weight,
                   double repeated_weight, const double *totals, const double *rarity, const double *here,
                   const double *nearby, const _Bool *there, int64_t word_count, double most_evidence,
                   double elsewhere_weight, double *scratch, double *features)
{
    double *rarities = scratch, *findable = scratch + word_count, *inherited = scratch + 2 * word_count;
    double best_total = 0, best_own = 0;
    for (int64_t word = 0; word < word_count; word++) {
        int is_there = 0, is_found = 0;
        for (int64_t at = word; at < candidate_count * word_count; at += word_count) {
            is_there |= there[at];
            is_found |= here[at] != 0 || nearby[at] != 0;
        }
        /* a word that no candidate has does not distinguish them */
        rarities[word] = is_there ? rarity[word] : 0;
        findable[word] = is_found ? smaller(rarity[word], most_evidence) : 0;
    }
    double rarest = sum_of(rarities, word_count), evidence = sum_of(findable, word_count);
    for (int64_t n = 0; n < candidate_count; n++) {
        best_total = larger(totals[n], best_total);
        best_own = larger(sum_of(scores + (n * SCORES + OWN) * concept_count, concept_count), best_own);
    }
    for (int64_t n = 0; n < candidate_count; n++, features += FEATURES) {
        double covered = 0, had = 0;
        for (int64_t word = 0; word < word_count; word++) {
            int64_t at = n * word_count + word;
            covered += there[at] ? rarities[word] : 0;
            had += findable[word] * sqrt(larger(here[at], elsewhere_weight * nearby[at]));
        }
        const double *own = scores + (n * SCORES + OWN) * concept_count, *context = own + CONTEXT * concept_count;
        const double *document = own + DOCUMENT * concept_count;
        for (int64_t i = 0; i < concept_count; i++)
            inherited[i] = larger(document[i] - direct_score(own[i], context[i], context_weight, repeated_weight), 0);
        features[WORDS] = share_in(totals[n], best_total);
        features[COVERED] = share_in(covered, rarest);
        features[EVIDENCE] = share_in(had, evidence);
        features[INHERITED] = share_in(sum_of(inherited, concept_count), best_own);
    }
}

int64_t add_similar(const int64_t *nearest, int64_t nearest_count, const int64_t *keys, int64_t key_count,
                    const int64_t *points, int64_t point_count, int64_t *added, _Bool *is_similar)
{
    int64_t point = 0, candidate = 0, size = 0;
    for (int64_t n = 0; n < nearest_count; n++) {
        point = find_key(keys, point, key_count, nearest[n]);
        if (point == key_count || keys[point] != nearest[n])
            continue;
        while (candidate < point_count && points[candidate] < point)
            candidate++;
        if (candidate < point_count && points[candidate] == point) {
            is_similar[candidate] = 1;
        } else {
            is_similar[point_count + size] = 1;
            added[size++] = point;
        }
    }
    return size;
}
