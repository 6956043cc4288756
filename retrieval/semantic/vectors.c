/* Loops over vectors; what is declared in Python beside their callers is described there. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "processor.h"

#define PLANES 3 /* PLANE_BITS of quantization.py */
#define GROUPS 2 /* points of the next one are left out */
enum { WORD_BITS = 64, HALF = 1 << (PLANES - 1) };
enum { CHUNK = 1024 }; /* points of which the close ones are noted first: then their codes can be fetched ahead */
enum { AHEAD = 16 };   /* points: so many are in the time that fetching takes */

/* Compiled for each of these processors, and chosen when called: counting bits takes others up to 17 times as long. */
#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vpopcntdq")))
#define COUNTS __attribute__((target("popcnt")))
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE uint64_t ones(uint64_t word)
{
    return (uint64_t)__builtin_popcountll(word);
}

/* Of the highest plane: what differs from plane n of the question counts 2 ** n. `words` is known where it is 8. */
INLINE void measure_distances(const uint64_t *highest, const uint64_t *asked, int64_t size, int64_t words,
                              int16_t *distances)
{
    for (int64_t point = 0; point < size; point++) {
        uint64_t differing = 0;
        for (int64_t word = 0; word < words; word++) {
            uint64_t code = highest[point * words + word];
            for (int plane = 0; plane < PLANES; plane++)
                differing += ones(code ^ asked[plane * words + word]) << plane;
        }
        distances[point] = (int16_t)differing;
    }
}

INLINE uint64_t shared_bits(const uint64_t *codes, const uint64_t *asked, int64_t size, int64_t words, int64_t point)
{
    uint64_t shared = 0;
    for (int64_t word = 0; word < words; word++)
        for (int plane = 0; plane < PLANES; plane++) {
            uint64_t code = codes[(plane * size + point) * words + word];
            for (int other = 0; other < PLANES; other++)
                shared += ones(code & asked[other * words + word]) << (plane + other);
        }
    return shared;
}

INLINE void fetch(const uint64_t *codes, int64_t size, int64_t words, int64_t point)
{
    for (int plane = 0; plane < PLANES; plane++)
        __builtin_prefetch(codes + (plane * size + point) * words);
}

/* A heap with the farthest point first: the lowest product, of equal ones the highest id. */
typedef struct {
    const uint64_t *ids;
    float *products;
    int64_t *points;
    int64_t size;
} Heap;

/* Without a branch on which product is lower: half of these would be guessed wrong. */
INLINE int is_farther(const Heap *heap, float product, int64_t point, int64_t other)
{
    int farther = product < heap->products[other];
    if (product == heap->products[other])
        farther = heap->ids[point] > heap->ids[heap->points[other]];
    return farther;
}

INLINE int is_place_farther(const Heap *heap, int64_t one, int64_t other)
{
    return is_farther(heap, heap->products[one], heap->points[one], other);
}

INLINE void put(Heap *heap, int64_t at, float product, int64_t point)
{
    heap->products[at] = product;
    heap->points[at] = point;
}

/* From the last place, which is free, towards the first. */
INLINE void rise(Heap *heap, float product, int64_t point)
{
    int64_t at = heap->size++;
    for (int64_t parent; at && is_farther(heap, product, point, parent = (at - 1) / 2); at = parent)
        put(heap, at, heap->products[parent], heap->points[parent]);
    put(heap, at, product, point);
}

/* From the first place, whose point goes, towards the last. */
INLINE void sink(Heap *heap, float product, int64_t point)
{
    int64_t at = 0;
    for (int64_t child; (child = 2 * at + 1) < heap->size; at = child) {
        if (child + 1 < heap->size)
            child += is_place_farther(heap, child + 1, child);
        if (is_farther(heap, product, point, child))
            break;
        put(heap, at, heap->products[child], heap->points[child]);
    }
    put(heap, at, product, point);
}

INLINE void offer(Heap *heap, int64_t point, float product, int64_t most)
{
    if (heap->size < most)
        rise(heap, product, point);
    else if (heap->size && !is_farther(heap, product, point, 0))
        sink(heap, product, point);
}

/* The distance of the point that comes at place `most`. */
INLINE int64_t bound_of(const int32_t *counts, int64_t bins, int64_t most)
{
    int64_t at = 0;
    while (at < bins - 1 && (most -= counts[at]) > 0)
        at++;
    return at;
}

typedef struct {
    const uint64_t *codes;
    const float *offsets;
    const uint64_t *ids;
    const uint8_t *groups;
    int64_t size;
    const uint64_t *asked;
    float scale;
    int64_t most_rough, most;
    int16_t *distances;
    int32_t *counts;
    int64_t *points;
    float *products;
    int64_t *found;
} Search;

INLINE void find_nearest(const Search *search, int64_t words)
{
    const int64_t size = search->size, bins = ((1 << PLANES) - 1) * WORD_BITS * words + 1, room = search->most;
    const uint8_t *groups = search->groups;
    int16_t *distances = search->distances;
    int64_t bounds[GROUPS + 1] = {[GROUPS] = -1}, close[CHUNK];
    float products[CHUNK];
    Heap heaps[GROUPS];
    measure_distances(search->codes + (PLANES - 1) * size * words, search->asked, size, words, distances);
    for (int64_t point = 0; point < size; point++)
        search->counts[groups[point] * bins + distances[point]]++;
    for (int group = 0; group < GROUPS; group++) {
        bounds[group] = bound_of(search->counts + group * bins, bins, search->most_rough);
        heaps[group] = (Heap){search->ids, search->products + group * room, search->points + group * room, 0};
    }
    for (int64_t begin = 0; begin < size; begin += CHUNK) {
        int64_t count = 0, end = begin + CHUNK < size ? begin + CHUNK : size;
        for (int64_t point = begin; point < end; point++) {
            close[count] = point;
            count += distances[point] <= bounds[groups[point]];
        }
        for (int64_t at = 0; at < AHEAD && at < count; at++)
            fetch(search->codes, size, words, close[at]);
        for (int64_t at = 0; at < count; at++) {
            if (at + AHEAD < count)
                fetch(search->codes, size, words, close[at + AHEAD]);
            float shared = (float)shared_bits(search->codes, search->asked, size, words, close[at]);
            products[at] = shared / search->scale + search->offsets[close[at]];
        }
        for (int64_t at = 0; at < count; at++)
            offer(&heaps[groups[close[at]]], close[at], products[at], search->most);
    }
    for (int group = 0; group < GROUPS; group++)
        search->found[group] = heaps[group].size;
}

INLINE void find_nearest_of_size(const Search *search, int64_t words)
{
    if (words == 8)
        find_nearest(search, 8);
    else
        find_nearest(search, words);
}

#ifdef WIDE
WIDE static void find_nearest_wide(const Search *search, int64_t words)
{
    find_nearest_of_size(search, words);
}

COUNTS static void find_nearest_counting(const Search *search, int64_t words)
{
    find_nearest_of_size(search, words);
}
#endif

void nearest_points(const uint64_t *asked, float scale, const uint8_t *groups, int64_t most_rough, int64_t most,
                    int16_t *distances, int32_t *counts, int64_t *points, float *products, int64_t *found,
                    const uint64_t *ids, const uint64_t *codes, const float *offsets, int64_t size, int64_t words)
{
    const Search search = {codes,      offsets, ids,       groups, size,   asked,    scale,
                           most_rough, most,    distances, counts, points, products, found};
#ifdef WIDE
    if ((processor_features() & (HAS_AVX2 | HAS_VPOPCNT)) == (HAS_AVX2 | HAS_VPOPCNT))
        find_nearest_wide(&search, words);
    else if (processor_features() & HAS_POPCNT)
        find_nearest_counting(&search, words);
    else
#endif
        find_nearest_of_size(&search, words);
}

/* Numbers are packed as bits of bytes, the first in the highest one; beyond the last are zeros. */
void quantize_vectors(const float *vectors, int64_t count, int64_t size, float scale, int64_t words, uint64_t *codes,
                      int64_t *sums)
{
    for (int64_t vector = 0; vector < count; vector++) {
        sums[vector] = 0;
        for (int64_t word = 0; word < words; word++) {
            uint8_t packed[PLANES][WORD_BITS / 8] = {{0}};
            for (int64_t at = word * WORD_BITS; at < size && at < (word + 1) * WORD_BITS; at++) {
                float step = floorf(vectors[vector * size + at] * scale) + HALF;
                int code = step > 0 ? step < 2 * HALF ? (int)step : 2 * HALF - 1 : 0;
                sums[vector] += code;
                for (int plane = 0; plane < PLANES; plane++)
                    packed[plane][at % WORD_BITS / 8] |= (code >> plane & 1) << (7 - at % 8);
            }
            for (int plane = 0; plane < PLANES; plane++)
                memcpy(codes + (plane * count + vector) * words + word, packed[plane], sizeof packed[plane]);
        }
    }
}
