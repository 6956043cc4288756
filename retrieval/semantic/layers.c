/* The encoder's forward pass; what is declared in Python beside its caller is described there. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "processor.h"

enum { BLOCK = 64, EMBEDDING = 512, BRANCH = 256, HIDDEN = 320 }; /* as in weights.py */
enum { BRANCHES = 3, PROJECTED = BRANCHES * BRANCH, FEATURES = EMBEDDING + PROJECTED, MAX_ORDER = 5 };
enum { CHUNK = 64 }; /* rows of weights that are unpacked at once: 16 KB, which stay in the processor's nearest cache */

enum { LINE_BYTES = 64 }; /* of the processor's cache */

static const int ORDERS[BRANCHES] = {2, 3, 5};
static const int LEFT_CONTEXTS[BRANCHES] = {0, 1, 2}; /* how many pieces before its own an n-gram has */

#define INLINE static inline __attribute__((always_inline))

/* What is compiled for each kind of processor: `multiply` adds to rows of results, which lie `outer` numbers apart, the
   products of rows, `step` apart, with unpacked weights. */
typedef struct {
    void (*unpack)(const int8_t *packed, float scale, float *weights);
    void (*multiply)(const float *rows, int64_t step, const float *weights, int64_t count, float *results,
                     int64_t outer);
} Arithmetic;

/* A few rows and COLUMNS vectors' width of weights: all sums are in registers; ROWS and COLUMNS are how many there is
   room for. What the processor can fuse is fused, as BLAS does. */
#define DEFINE_ARITHMETIC(NAME, TARGET, VECTOR, ROWS, COLUMNS, UNPACK, LOAD, STORE, REPEAT, FUSE)                      \
    TARGET static void unpack_##NAME(const int8_t *packed, float scale, float *weights)                                \
    {                                                                                                                  \
        for (int64_t at = 0; at < CHUNK * BLOCK; at += sizeof(VECTOR) / sizeof(float))                                 \
            STORE(weights + at, UNPACK(packed + at) * REPEAT(scale));                                                  \
    }                                                                                                                  \
                                                                                                                       \
    TARGET INLINE void multiply_few_##NAME(const float *rows, int64_t step, const float *weights, int count,           \
                                           float *results, int64_t outer)                                              \
    {                                                                                                                  \
        const int width = sizeof(VECTOR) / sizeof(float);                                                              \
        VECTOR sums[ROWS][COLUMNS], weight[COLUMNS];                                                                   \
        for (int row = 0; row < count; row++)                                                                          \
            for (int column = 0; column < COLUMNS; column++)                                                           \
                sums[row][column] = LOAD(results + row * outer + column * width);                                      \
        for (int64_t at = 0; at < CHUNK; at++) {                                                                       \
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
                                       float *results, int64_t outer)                                                  \
    {                                                                                                                  \
        int64_t parts = (count + ROWS - 1) / ROWS;                                                                     \
        for (int64_t part = 0; part < parts; part++) {                                                                 \
            int64_t begin = count * part / parts, size = count * (part + 1) / parts - begin;                           \
            const float *few = rows + begin * step;                                                                    \
            for (int64_t column = 0; column < BLOCK; column += COLUMNS * sizeof(VECTOR) / sizeof(float)) {             \
                const float *there = weights + column;                                                                 \
                float *sums = results + begin * outer + column;                                                        \
                if (size == 6 && ROWS >= 6)                                                                            \
                    multiply_few_##NAME(few, step, there, 6, sums, outer);                                             \
                else if (size == 5 && ROWS >= 5)                                                                       \
                    multiply_few_##NAME(few, step, there, 5, sums, outer);                                             \
                else if (size == 4 && ROWS >= 4)                                                                       \
                    multiply_few_##NAME(few, step, there, 4, sums, outer);                                             \
                else if (size == 3 && ROWS >= 3)                                                                       \
                    multiply_few_##NAME(few, step, there, 3, sums, outer);                                             \
                else if (size == 2)                                                                                    \
                    multiply_few_##NAME(few, step, there, 2, sums, outer);                                             \
                else                                                                                                   \
                    multiply_few_##NAME(few, step, there, 1, sums, outer);                                             \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
                                                                                                                       \
    static const Arithmetic NAME = {unpack_##NAME, multiply_##NAME};

typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));
#define LOAD_FOUR(at) (*(const Four *)(at))
#define STORE_FOUR(at, four) (*(Four *)(at) = (four))
#define REPEAT_FOUR(one) ((Four){one, one, one, one})
#define ADD_PRODUCT(one, other, sum) ((one) * (other) + (sum))
#define UNPACK_FOUR(at) ((Four){(at)[0], (at)[1], (at)[2], (at)[3]})
DEFINE_ARITHMETIC(four, , Four, 4, 2, UNPACK_FOUR, LOAD_FOUR, STORE_FOUR, REPEAT_FOUR, ADD_PRODUCT)

#if defined(__x86_64__)
#include <immintrin.h>
#define EIGHT __attribute__((target("avx2,fma")))
#define SIXTEEN __attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl")))
#define UNPACK_EIGHT(at) _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(at))))
#define UNPACK_SIXTEEN(at) _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(at))))
DEFINE_ARITHMETIC(eight, EIGHT, __m256, 3, 4, UNPACK_EIGHT, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_set1_ps,
                  _mm256_fmadd_ps)
DEFINE_ARITHMETIC(sixteen, SIXTEEN, __m512, 6, 4, UNPACK_SIXTEEN, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_set1_ps,
                  _mm512_fmadd_ps)
#endif

/* A row of numbers for each piece, texts one after the other. */
typedef struct {
    const int64_t *lengths;
    int64_t count;
} Texts;

/* Weights in the order in which they are used. A matrix is in blocks of BLOCK columns, and has one scale. */
typedef struct {
    const int8_t *matrices;
    const float *scales, *biases;
} Weights;

INLINE const float *next_bias(Weights *weights, int64_t size)
{
    const float *bias = weights->biases;
    weights->biases += size;
    return bias;
}

/* Adds to results the products of windows with the next matrix: of `order` rows, `left` of them before the result's own.
   What a window has beyond its text's ends counts nothing. */
INLINE void add_windows(const Arithmetic *arithmetic, Weights *weights, const float *rows, int64_t size, int64_t step,
                        const Texts *texts, int order, int left, float *results, int64_t columns, int64_t outer)
{
    float unpacked[CHUNK * BLOCK] __attribute__((aligned(64)));
    const float scale = *weights->scales++;
    for (int64_t column = 0; column < columns; column += BLOCK)
        for (int shift = -left; shift < order - left; shift++)
            for (int64_t begin = 0; begin < size; begin += CHUNK) {
                arithmetic->unpack(weights->matrices, scale, unpacked);
                weights->matrices += CHUNK * BLOCK;
                for (int64_t at = 0; at < CHUNK * BLOCK; at += LINE_BYTES)
                    __builtin_prefetch(weights->matrices + at);
                for (int64_t text = 0, start = 0; text < texts->count; start += texts->lengths[text++]) {
                    int64_t first = shift < 0 ? -shift : 0, count = texts->lengths[text] - (shift < 0 ? -shift : shift);
                    if (count > 0)
                        arithmetic->multiply(rows + (start + first + shift) * step + begin, step, unpacked, count,
                                             results + (start + first) * outer + column, outer);
                }
            }
}

/* The same of rows alone. */
INLINE void add_products(const Arithmetic *arithmetic, Weights *weights, const float *rows, int64_t count, int64_t size,
                         int64_t step, float *results, int64_t columns, int64_t outer)
{
    const Texts all = {&count, 1};
    add_windows(arithmetic, weights, rows, size, step, &all, 1, 0, results, columns, outer);
}

INLINE void fill_rows(float *rows, const float *bias, int64_t count, int64_t size, int64_t step)
{
    for (int64_t row = 0; row < count; row++)
        memcpy(rows + row * step, bias, (size_t)size * sizeof *rows);
}

INLINE void relu(float *numbers, int64_t size)
{
    for (int64_t at = 0; at < size; at++)
        numbers[at] = numbers[at] > 0 ? numbers[at] : 0;
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

/* Layer normalization (Ba et al. 2016, arXiv 1607.06450). */
INLINE void normalize_rows(float *rows, const float *gain, const float *bias, int64_t count, int64_t size, float eps)
{
    for (float *row = rows; row < rows + count * size; row += size) {
        float mean = sum_of(row, size, 0, 1) / size;
        float deviation = sqrtf(sum_of(row, size, mean, 2) / size + eps);
        for (int64_t at = 0; at < size; at++)
            row[at] = (row[at] - mean) / deviation * gain[at] + bias[at];
    }
}

/* By kind of piece, the normalised projections of all branches side by side. */
INLINE void project(const Arithmetic *arithmetic, Weights *weights, const float *embedded, int64_t kinds, float eps,
                    float *projected)
{
    for (int branch = 0; branch < BRANCHES; branch++) {
        float *results = projected + branch * BRANCH;
        fill_rows(results, next_bias(weights, BRANCH), kinds, BRANCH, PROJECTED);
        add_products(arithmetic, weights, embedded, kinds, EMBEDDING, EMBEDDING, results, BRANCH, PROJECTED);
    }
    const float *gain = next_bias(weights, PROJECTED), *bias = next_bias(weights, PROJECTED);
    normalize_rows(projected, gain, bias, kinds, PROJECTED, eps);
}

/* Two convolutions; the first one from each kind's products with the weights of each place in a window. */
INLINE void convolve(const Arithmetic *arithmetic, Weights *weights, const float *projected, int64_t kinds,
                     const int32_t *numbers, int64_t pieces, const Texts *texts, int branch, float *products,
                     float *first, float *results)
{
    const int order = ORDERS[branch], left = LEFT_CONTEXTS[branch], wide = order * BRANCH;
    const float *own = projected + branch * BRANCH;
    memset(products, 0, (size_t)(kinds * wide) * sizeof *products);
    add_products(arithmetic, weights, own, kinds, BRANCH, PROJECTED, products, wide, wide);
    fill_rows(first, next_bias(weights, BRANCH), pieces, BRANCH, BRANCH);
    for (int64_t text = 0, start = 0; text < texts->count; start += texts->lengths[text++])
        for (int64_t at = 0; at < texts->lengths[text]; at++) {
            float *row = first + (start + at) * BRANCH;
            for (int place = 0; place < order; place++) {
                int64_t other = at + place - left;
                if (other < 0 || other >= texts->lengths[text])
                    continue;
                const float *product = products + numbers[start + other] * wide + place * BRANCH;
                for (int column = 0; column < BRANCH; column++)
                    row[column] += product[column];
            }
            relu(row, BRANCH);
            for (int column = 0; column < BRANCH; column++)
                row[column] += own[numbers[start + at] * PROJECTED + column];
        }
    fill_rows(results, next_bias(weights, BRANCH), pieces, BRANCH, FEATURES);
    add_windows(arithmetic, weights, first, BRANCH, BRANCH, texts, order, left, results, BRANCH, FEATURES);
    for (int64_t piece = 0; piece < pieces; piece++) {
        float *row = results + piece * FEATURES;
        relu(row, BRANCH);
        for (int column = 0; column < BRANCH; column++)
            row[column] += first[piece * BRANCH + column];
    }
}

/* The mean of what each piece projects to is the projection of their mean, but for √length in place of length. */
INLINE void pool(const Arithmetic *arithmetic, Weights *weights, const float *features, const Texts *texts, float *sums,
                 float *pooled)
{
    const float *bias = next_bias(weights, EMBEDDING);
    for (int64_t text = 0; text < texts->count; text++) {
        float *sum = sums + text * FEATURES;
        memcpy(sum, features, FEATURES * sizeof *sum);
        for (int64_t piece = 1; piece < texts->lengths[text]; piece++)
            for (int column = 0; column < FEATURES; column++)
                sum[column] += features[piece * FEATURES + column];
        features += texts->lengths[text] * FEATURES;
        for (int column = 0; column < EMBEDDING; column++)
            pooled[text * EMBEDDING + column] = (float)texts->lengths[text] * bias[column];
    }
    add_products(arithmetic, weights, sums, texts->count, FEATURES, FEATURES, pooled, EMBEDDING, EMBEDDING);
    for (int64_t text = 0; text < texts->count; text++)
        for (int column = 0; column < EMBEDDING; column++)
            pooled[text * EMBEDDING + column] /= sqrtf((float)texts->lengths[text]);
}

/* The last three layers: `hidden` is room for two of them. */
INLINE void finish(const Arithmetic *arithmetic, Weights *weights, const float *pooled, int64_t count, float *hidden,
                   float *vectors)
{
    float *first = hidden, *second = first + count * HIDDEN, *third = second + count * HIDDEN;
    memset(hidden, 0, (size_t)(count * (2 * HIDDEN + EMBEDDING)) * sizeof *hidden);
    memset(vectors, 0, (size_t)(count * EMBEDDING) * sizeof *vectors);
    add_products(arithmetic, weights, pooled, count, EMBEDDING, EMBEDDING, first, HIDDEN, HIDDEN);
    relu(first, count * HIDDEN);
    add_products(arithmetic, weights, pooled, count, EMBEDDING, EMBEDDING, second, HIDDEN, HIDDEN);
    add_products(arithmetic, weights, first, count, HIDDEN, HIDDEN, second, HIDDEN, HIDDEN);
    relu(second, count * HIDDEN);
    add_products(arithmetic, weights, second, count, HIDDEN, HIDDEN, third, EMBEDDING, EMBEDDING);
    relu(third, count * EMBEDDING);
    add_products(arithmetic, weights, second, count, HIDDEN, HIDDEN, vectors, EMBEDDING, EMBEDDING);
    add_products(arithmetic, weights, third, count, EMBEDDING, EMBEDDING, vectors, EMBEDDING, EMBEDDING);
}

typedef struct {
    Weights weights;
    float eps;
    const float *embedded;
    int64_t kinds;
    const int32_t *numbers;
    int64_t pieces;
    Texts texts;
    float *scratch, *vectors;
} Batch;

INLINE void encode(const Batch *batch, const Arithmetic *arithmetic)
{
    Weights weights = batch->weights;
    const int64_t kinds = batch->kinds, pieces = batch->pieces, texts = batch->texts.count;
    float *projected = batch->scratch, *products = projected + kinds * PROJECTED;
    float *first = products + kinds * MAX_ORDER * BRANCH, *features = first + pieces * BRANCH;
    float *sums = features + pieces * FEATURES, *pooled = sums + texts * FEATURES;
    float *hidden = pooled + texts * EMBEDDING;
    project(arithmetic, &weights, batch->embedded, kinds, batch->eps, projected);
    for (int64_t piece = 0; piece < pieces; piece++)
        memcpy(features + piece * FEATURES, batch->embedded + batch->numbers[piece] * EMBEDDING,
               EMBEDDING * sizeof *features);
    for (int branch = 0; branch < BRANCHES; branch++)
        convolve(arithmetic, &weights, projected, kinds, batch->numbers, pieces, &batch->texts, branch, products, first,
                 features + EMBEDDING + branch * BRANCH);
    const float *gain = next_bias(&weights, FEATURES), *bias = next_bias(&weights, FEATURES);
    normalize_rows(features, gain, bias, pieces, FEATURES, batch->eps);
    pool(arithmetic, &weights, features, &batch->texts, sums, pooled);
    finish(arithmetic, &weights, pooled, texts, hidden, batch->vectors);
}

#if defined(__x86_64__)
SIXTEEN static void encode_sixteen(const Batch *batch)
{
    encode(batch, &sixteen);
}

EIGHT static void encode_eight(const Batch *batch)
{
    encode(batch, &eight);
}
#endif

void encode_pieces(const int8_t *matrices, const float *scales, const float *biases, float eps, const float *embedded,
                   int64_t kinds, const int32_t *numbers, int64_t pieces, const int64_t *lengths, int64_t texts,
                   float *scratch, float *vectors)
{
    const Batch batch = {{matrices, scales, biases}, eps, embedded, kinds, numbers, pieces, {lengths, texts}, scratch,
                         vectors};
#if defined(__x86_64__)
    if (processor_features() & HAS_AVX512)
        encode_sixteen(&batch);
    else if (processor_features() & HAS_AVX2)
        encode_eight(&batch);
    else
#endif
        encode(&batch, &four);
}
