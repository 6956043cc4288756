/* What the processor can do, asked once. __builtin_cpu_supports says no to everything where Zig compiles. */

#ifndef PROCESSOR_H
#define PROCESSOR_H

#if defined(__x86_64__)
#include <cpuid.h>
#include <stdint.h>

enum { ASKED = 1, HAS_POPCNT = 2, HAS_AVX2 = 4, HAS_AVX512 = 8, HAS_VPOPCNT = 16 };

/* AVX2 means with FMA, AVX-512 with BW and VL. The system must save the registers, too. Threads may ask at once: they
   write the same. */
static int processor_features(void)
{
    static int features;
    unsigned eax, ebx, ecx, edx, saved = 0, ignored;
    if (features)
        return features;
    int found = ASKED;
    if (__get_cpuid(1, &eax, &ebx, &ecx, &edx)) {
        int has_fma = ecx >> 12 & 1;
        if (ecx >> 23 & 1)
            found |= HAS_POPCNT;
        if (ecx >> 27 & 1)
            __asm__("xgetbv" : "=a"(saved), "=d"(ignored) : "c"(0));
        if ((saved & 0x6) == 0x6 && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) {
            if ((ebx >> 5 & 1) && has_fma)
                found |= HAS_AVX2;
            if ((saved & 0xe6) == 0xe6 && (ebx >> 16 & 1) && (ebx >> 30 & 1) && (ebx >> 31 & 1))
                found |= HAS_AVX512 | ((ecx >> 14 & 1) ? HAS_VPOPCNT : 0);
        }
    }
    return features = found;
}
#endif

#endif
