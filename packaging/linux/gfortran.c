/* What NumPy's LAPACK calls of Fortran's run-time library; lengths are those of strings without a closing zero. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* `first` and `second` one after the other, cut or filled with blanks to the length of `to`. */
void _gfortran_concat_string(size_t length, char *to, size_t first_length, const char *first, size_t second_length,
                             const char *second)
{
    size_t from_first = first_length < length ? first_length : length;
    size_t left = length - from_first;
    size_t from_second = second_length < left ? second_length : left;

    memcpy(to, first, from_first);
    memcpy(to + from_first, second, from_second);
    memset(to + from_first + from_second, ' ', left - from_second);
}

/* `base` to the power of `exponent`, by repeated squaring. */
#define DEFINE_POWER(name, type)                                                          \
    type name(type base, int64_t exponent)                                                \
    {                                                                                     \
        uint64_t steps = exponent < 0 ? -(uint64_t)exponent : (uint64_t)exponent;         \
        type power = 1;                                                                   \
                                                                                          \
        if (exponent < 0)                                                                 \
            base = 1 / base;                                                              \
        for (; steps; steps >>= 1, base *= base)                                          \
            if (steps & 1)                                                                \
                power *= base;                                                            \
        return power;                                                                     \
    }

DEFINE_POWER(_gfortran_pow_r8_i8, double)
DEFINE_POWER(_gfortran_pow_r4_i8, float)
