/* Layers of the encoder; what is declared in Python beside their callers is described there. */

#include <math.h>
#include <stdint.h>

#include "processor.h"

#define BLOCK 64 /* LAYER_BLOCK of layers.py */
#define INLINE static inline __attribute__((always_inline))

/* Adds to a few rows of results the products of as many rows with COLUMNS vectors' width of weights. All sums are in
   registers: ROWS and COLUMNS are how many there is room for. BLAS copies the weights first, which for the ten pieces
   of a question takes longer than multiplying. What the processor can fuse is fused, as BLAS does. */
#define DEFINE_MULTIPLY(NAME, TARGET, VECTOR, ROWS, COLUMNS, LOAD, STORE, REPEAT, FUSE)                                \
    TARGET INLINE void multiply_few_##NAME(const float *rows, int64_t step, const float *weights, int64_t inner,       \
                                           int64_t outer, float *results, int count)                                   \
    {                                                                                                                  \
        const int width = sizeof(VECTOR) / sizeof(float);                                                              \
        VECTOR sums[ROWS][COLUMNS], weight[COLUMNS];                                                                   \
        for (int row = 0; row < count; row++)                                                                          \
            for (int column = 0; column < COLUMNS; column++)                                                           \
                sums[row][column] = LOAD(results + row * outer + column * width);                                      \
        for (int64_t at = 0; at < inner; at++) {                                                                       \
            for (int column = 0; column < COLUMNS; column++)                                                           \
                weight[column] = LOAD(weights + at * BLOCK + column * width);                                          \
            for (int row = 0; row < count; row++) {                                                                    \
                VECTOR factor = REPEAT(rows[row * step + at]);                                                         \
                for (int column = 0; column < COLUMNS; column++)                                                       \
                    sums[row][column] = FUSE(weight[column], factor, sums[row][column]);                               \
            }                                                                                                          \
        }                                                                                                              \
        for (int row = 0; row < count; row++)                                                                          \
            for (int column = 0; column < COLUMNS; column++)                                                           \
                STORE(results + row * outer + column * width, sums[row][column]);                                      \
    }                                                                                                                  \
                                                                                                                       \
    TARGET static void multiply_##NAME(const float *rows, int64_t step, const float *weights, int64_t count,           \
                                       int64_t inner, int64_t outer, float *results)                                   \
    {                                                                                                                  \
        int64_t parts = (count + ROWS - 1) / ROWS;                                                                     \
        for (int64_t column = 0; column < outer; column += COLUMNS * sizeof(VECTOR) / sizeof(float))                   \
            for (int64_t part = 0; part < parts; part++) {                                                             \
                int64_t begin = count * part / parts, size = count * (part + 1) / parts - begin;                       \
                const float *few = rows + begin * step;                                                                \
                const float *there = weights + column / BLOCK * BLOCK * inner + column % BLOCK;                        \
                float *sums = results + begin * outer + column;                                                        \
                if (size == 6 && ROWS >= 6)                                                                            \
                    multiply_few_##NAME(few, step, there, inner, outer, sums, 6);                                      \
                else if (size == 5 && ROWS >= 5)                                                                       \
                    multiply_few_##NAME(few, step, there, inner, outer, sums, 5);                                      \
                else if (size == 4 && ROWS >= 4)                                                                       \
                    multiply_few_##NAME(few, step, there, inner, outer, sums, 4);                                      \
                else if (size == 3 && ROWS >= 3)                                                                       \
                    multiply_few_##NAME(few, step, there, inner, outer, sums, 3);                                      \
                else if (size == 2)                                                                                    \
                    multiply_few_##NAME(few, step, there, inner, outer, sums, 2);                                      \
                else                                                                                                   \
                    multiply_few_##NAME(few, step, there, inner, outer, sums, 1);                                      \
            }                                                                                                          \
    }

typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));
#define LOAD_FOUR(at) (*(const Four *)(at))
#define STORE_FOUR(at, four) (*(Four *)(at) = (four))
#define REPEAT_FOUR(one) ((Four){one, one, one, one})
#define ADD_PRODUCT(one, other, sum) ((one) * (other) + (sum))
DEFINE_MULTIPLY(four, , Four, 4, 2, LOAD_FOUR, STORE_FOUR, REPEAT_FOUR, ADD_PRODUCT)

#if defined(__x86_64__)
#include <immintrin.h>
#define EIGHT __attribute__((target("avx2,fma")))
#define SIXTEEN __attribute__((target("avx512f")))
DEFINE_MULTIPLY(eight, EIGHT, __m256, 3, 4, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_set1_ps, _mm256_fmadd_ps)
DEFINE_MULTIPLY(sixteen, SIXTEEN, __m512, 5, 4, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_set1_ps, _mm512_fmadd_ps)
#endif

void multiply_add(const float *rows, int64_t step, const float *weights, int64_t count, int64_t inner, int64_t outer,
                  float *results)
{
#if defined(__x86_64__)
    if (processor_features() & HAS_AVX512)
        multiply_sixteen(rows, step, weights, count, inner, outer, results);
    else if (processor_features() & HAS_AVX2)
        multiply_eight(rows, step, weights, count, inner, outer, results);
    else
#endif
        multiply_four(rows, step, weights, count, inner, outer, results);
}

void add_windows(const float *products, const int64_t *kinds, int64_t count, int64_t order, int64_t size,
                 float *results)
{
    for (int64_t row = 0; row < count; row++)
        for (int64_t place = 0; place < order; place++) {
            const float *product = products + (kinds[row + place] * order + place) * size;
            for (int64_t at = 0; at < size; at++)
                results[row * size + at] += product[at];
        }
}

#define LANES 16 /* sums side by side: more exact than one after the other, and as fast as the processor can */

INLINE float sum_of(const float *numbers, int64_t size, float less, int power)
{
    float sums[LANES] = {0}, sum = 0;
    for (int64_t at = 0; at < size; at += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            float number = numbers[at + lane] - less;
            sums[lane] += power == 2 ? number * number : number;
        }
    for (int lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    return sum;
}

void normalize_rows(float *rows, const float *gain, const float *bias, int64_t count, int64_t size, float eps)
{
    for (float *row = rows; row < rows + count * size; row += size) {
        float mean = sum_of(row, size, 0, 1) / size;
        float deviation = sqrtf(sum_of(row, size, mean, 2) / size + eps);
        for (int64_t at = 0; at < size; at++)
            row[at] = (row[at] - mean) / deviation * gain[at] + bias[at];
    }
}
