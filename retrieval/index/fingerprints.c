/* Loops over fingerprints; what is declared in Python beside their callers is described there. */

#include <stdint.h>

enum { NAME = 1 << 6, FIGURE = 1 << 5, WEIGHT = 0x1F, HASH_SHIFT = 7, NAME_WEIGHT = 4, HAN_WEIGHT = 2 };

static int32_t weight_of(uint32_t term)
{
    return (int32_t)(term & WEIGHT) + (term & NAME ? NAME_WEIGHT : 0);
}

/* For each pair the weight of the terms that both have, in quarters: of terms with one hash the higher weight. The
   terms of text i, ascending, stand from starts[i] to starts[i + 1]. */
void compare_fingerprints(const uint32_t *terms, const int64_t *starts, int64_t size,
                          int32_t *shared, int32_t *figures, int32_t *latin)
{
    for (int64_t i = 0; i < size; i++) {
        for (int64_t a = starts[i]; a < starts[i + 1]; a++)
            if (terms[a] & FIGURE || (terms[a] & WEIGHT) != HAN_WEIGHT)
                latin[i] += weight_of(terms[a]);
        for (int64_t j = i; j < size; j++) {
            int64_t a = starts[i], b = starts[j];
            int32_t sum = 0, sum_of_figures = 0;
            while (a < starts[i + 1] && b < starts[j + 1]) {
                uint32_t one = terms[a] >> HASH_SHIFT, other = terms[b] >> HASH_SHIFT;
                if (one == other) {
                    int32_t first = weight_of(terms[a]), second = weight_of(terms[b]);
                    int32_t weight = first > second ? first : second;
                    sum += weight;
                    if ((terms[a] | terms[b]) & FIGURE)
                        sum_of_figures += weight;
                }
                a += one <= other;
                b += other <= one;
            }
            shared[i * size + j] = shared[j * size + i] = sum;
            figures[i * size + j] = figures[j * size + i] = sum_of_figures;
        }
    }
}
