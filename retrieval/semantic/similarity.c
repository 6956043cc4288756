/* How points' vectors stand to a question's; what is declared in Python beside its caller is described there. */

#include <math.h>
#include <stdint.h>

#include "../index/ascending.h"
#include "processor.h"

enum { LANGUAGES = 2 };
enum { LANES = 16 };            /* sums side by side, as many as the processor can make at once, whatever it is */
enum { LINE_BYTES = 64 };       /* of the processor's cache */
enum { ROW_AHEAD_BYTES = 512 }; /* of a matrix's next row: the processor itself fetches ahead within a page only */
enum { AHEAD = 4 };             /* points whose vectors are fetched meanwhile */
enum { MIN_SAMPLE_POINTS = 3 }; /* of a language from which one can stand out among them */
static const double FIXED_POINT_SCALE = 16384; /* of score_normalization.py */
static const double ROUNDING_ERROR = 1e-12; /* of the mean's square: what rounding leaves of a variance of equal points */

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2,avx512f,avx512bw,avx512vl")))
#define AVX2 __attribute__((target("avx2")))
#endif
#define INLINE static inline __attribute__((always_inline))

/* The number of 16384ths nearest to a half below 256: its bits are a float's, but for the scale of the exponent. */
INLINE float steps_of(uint16_t half)
{
    const float scale = 0x1p126f, rounding = 0x1.8p23f; /* adding the latter leaves no bits behind the point */
    union {
        uint32_t bits;
        float value;
    } number = {(uint32_t)(half & 0x7fff) << 13};
    number.value = number.value * scale + rounding - rounding;
    number.bits |= (uint32_t)(half & 0x8000) << 16;
    return number.value;
}

INLINE double product_of(const uint16_t *halves, const double *question, int64_t size)
{
    double sums[LANES] = {0}, sum = 0;
    int64_t at = 0;
    for (; at + LANES <= size; at += LANES)
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += steps_of(halves[at + lane]) * question[at + lane];
    for (; at < size; at++)
        sum += steps_of(halves[at]) * question[at];
    for (int lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    return sum;
}

INLINE double dot(const double *one, const double *other, int64_t size)
{
    double sums[LANES] = {0}, sum = 0;
    int64_t at = 0;
    for (; at + LANES <= size; at += LANES)
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += one[at + lane] * other[at + lane];
    for (; at < size; at++)
        sum += one[at] * other[at];
    for (int lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    return sum;
}

INLINE void fetch_bytes(const void *begin, int64_t size)
{
    for (int64_t at = 0; at < size; at += LINE_BYTES)
        __builtin_prefetch((const char *)begin + at);
}

/* Of a language's vectors, each with its hubness as one more number: how many, their sum, and the sum of each one's
   products with itself. */
typedef struct {
    int64_t count;
    const double *total, *products;
} Distribution;

/* Mean and deviation of the products with a question, less a share of the hubness, times what chance makes of them. */
typedef struct {
    double mean, chance;
} Scale;

INLINE void measure(const Distribution *distribution, const double *question, int64_t size, const double *shares,
                    int share_count, Scale *scales)
{
    const double *products = distribution->products, *last = products + size * (size + 1);
    double square = 0, count = (double)distribution->count;
    if (distribution->count < MIN_SAMPLE_POINTS) {
        for (int n = 0; n < share_count; n++)
            scales[n] = (Scale){0, INFINITY};
        return;
    }
    /* the products are symmetric: half of them is half the memory to read */
    for (int64_t row = 0; row < size; row++) {
        const double *right = products + row * (size + 2);
        fetch_bytes(right + size + 2, ROW_AHEAD_BYTES);
        square += question[row] * (right[0] * question[row] + 2 * dot(right + 1, question + row + 1, size - row - 1));
    }
    const double total = dot(distribution->total, question, size), hub = dot(last, question, size);
    for (int n = 0; n < share_count; n++) {
        double mean = (total - shares[n] * distribution->total[size]) / count;
        double squares = square - 2 * shares[n] * hub + shares[n] * shares[n] * last[size];
        double variance = squares / count - mean * mean;
        int is_varied = variance > ROUNDING_ERROR * (mean * mean);
        scales[n] = (Scale){mean, is_varied ? sqrt(2 * log(count) * variance) : INFINITY};
    }
}

/* The index, by ascending key. Vectors are in parts, each with its first place and its address. */
typedef struct {
    const int64_t *keys;
    int64_t count, size;
    const _Bool *chinese;
    const int16_t *hubness;
    const int32_t *places;
    const int64_t *parts;
    int64_t part_count;
    Distribution distributions[LANGUAGES];
} Index;

INLINE const uint16_t *vector_at(const Index *index, int64_t row)
{
    int64_t place = index->places[row], part = index->part_count - 1;
    while (part > 0 && index->parts[2 * part] > place)
        part--;
    return (const uint16_t *)(intptr_t)index->parts[2 * part + 1] + (place - index->parts[2 * part]) * index->size;
}

INLINE void fetch(const Index *index, int64_t row)
{
    fetch_bytes(vector_at(index, row), index->size * (int64_t)sizeof(uint16_t));
}

typedef struct {
    const int64_t *keys;
    int64_t count;
    const _Bool *closely;
    const float *vector;
    double *question;
    int64_t *rows;
    double *standing, *corrected;
} Asked;

INLINE void compare(const Index *index, const Asked *asked)
{
    const double shares[] = {0, FIXED_POINT_SCALE};
    Scale scales[LANGUAGES][2];
    for (int64_t at = 0; at < index->size; at++)
        asked->question[at] = rint((double)asked->vector[at] * FIXED_POINT_SCALE);
    for (int language = 0; language < LANGUAGES; language++)
        measure(&index->distributions[language], asked->question, index->size, shares, 2, scales[language]);
    for (int64_t at = 0, row = 0; at < asked->count; at++) {
        asked->rows[at] = -1;
        if (!asked->closely[at])
            continue;
        if (row >= index->count || index->keys[row] > asked->keys[at])
            row = 0;
        row = find_key(index->keys, row, index->count, asked->keys[at]);
        if (row < index->count && index->keys[row] == asked->keys[at])
            asked->rows[at] = row;
    }
    for (int64_t at = 0; at < asked->count; at++) {
        int64_t row = asked->rows[at];
        asked->standing[at] = asked->corrected[at] = 0;
        if (at + AHEAD < asked->count && asked->rows[at + AHEAD] >= 0)
            fetch(index, asked->rows[at + AHEAD]);
        if (row < 0)
            continue;
        double product = product_of(vector_at(index, row), asked->question, index->size);
        const Scale *scale = scales[index->chinese[row]];
        asked->standing[at] = (product - scale[0].mean) / scale[0].chance;
        asked->corrected[at] = (product - FIXED_POINT_SCALE * index->hubness[row] - scale[1].mean) / scale[1].chance;
    }
}

#ifdef WIDE
WIDE static void compare_wide(const Index *index, const Asked *asked)
{
    compare(index, asked);
}

AVX2 static void compare_avx2(const Index *index, const Asked *asked)
{
    compare(index, asked);
}
#endif

void compare_points(const int64_t *keys, int64_t count, const _Bool *closely, const float *vector, double *question,
                    int64_t *rows, double *standing, double *corrected, const int64_t *index_keys,
                    int64_t index_count, int64_t size, const _Bool *chinese, const int16_t *hubness,
                    const int32_t *places, const int64_t *parts, int64_t part_count, int64_t other_count,
                    const double *other_total, const double *other_products, int64_t chinese_count,
                    const double *chinese_total, const double *chinese_products)
{
    const Index index = {index_keys, index_count, size, chinese, hubness, places, parts, part_count,
                         {{other_count, other_total, other_products}, {chinese_count, chinese_total, chinese_products}}};
    const Asked asked = {keys, count, closely, vector, question, rows, standing, corrected};
#ifdef WIDE
    if (processor_features() & HAS_AVX512)
        compare_wide(&index, &asked);
    else if (processor_features() & HAS_AVX2)
        compare_avx2(&index, &asked);
    else
#endif
        compare(&index, &asked);
}
