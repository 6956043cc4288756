/* Loops over fingerprints; what is declared in Python beside their callers is described there. */

#include <stdint.h>

enum { NAME = 1 << 6, FIGURE = 1 << 5, WEIGHT = 0x1F, HASH_SHIFT = 7, NAME_WEIGHT = 4, HAN_WEIGHT = 2 };

static int32_t weight_of(uint32_t term)
{
    return (int32_t)(term & WEIGHT) + (term & NAME ? NAME_WEIGHT : 0);
}

/* For each pair the weight of the terms that both have, in quarters: of terms with one hash the higher weight. The terms
   of text i stand from starts[i] to starts[i + 1]. `scratch` has room for `slots`, a power of two that is greater than
   the number of all terms, and for two numbers of each term. */
void compare_fingerprints(const uint32_t *terms, const int64_t *starts, int64_t size,
                          int32_t *shared, int32_t *figures, int32_t *latin, int32_t *scratch, int64_t slots)
{
    int32_t *last = scratch, *before = scratch + slots, *owners = before + starts[size];
    for (int64_t slot = 0; slot < slots; slot++)
        last[slot] = -1;
    for (int64_t i = 0; i < size; i++)
        for (int64_t a = starts[i]; a < starts[i + 1]; a++) {
            uint32_t hash = terms[a] >> HASH_SHIFT;
            int32_t weight = weight_of(terms[a]);
            int64_t slot = hash & (slots - 1);
            while (last[slot] >= 0 && terms[last[slot]] >> HASH_SHIFT != hash)
                slot = (slot + 1) & (slots - 1);
            for (int32_t b = last[slot]; b >= 0; b = before[b]) {
                int64_t pair = owners[b] * size + i;
                if (owners[b] == i)
                    continue;
                int32_t other = weight_of(terms[b]);
                shared[pair] += other > weight ? other : weight;
                if ((terms[a] | terms[b]) & FIGURE)
                    figures[pair] += other > weight ? other : weight;
            }
            owners[a] = (int32_t)i;
            before[a] = last[slot];
            last[slot] = (int32_t)a;
            shared[i * size + i] += weight;
            if (terms[a] & FIGURE)
                figures[i * size + i] += weight;
            if (terms[a] & FIGURE || (terms[a] & WEIGHT) != HAN_WEIGHT)
                latin[i] += weight;
        }
    for (int64_t i = 0; i < size; i++)
        for (int64_t j = i + 1; j < size; j++) {
            shared[j * size + i] = shared[i * size + j];
            figures[j * size + i] = figures[i * size + j];
        }
}
