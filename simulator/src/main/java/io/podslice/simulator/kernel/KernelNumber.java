package io.podslice.simulator.kernel;

import io.podslice.cgroups.Errno;
import java.math.BigInteger;

/** Numbers as the kernel reads them from a written text: base 10, 0x for 16, a leading 0 for 8. */
final class KernelNumber {
    private static final BigInteger U64_MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    private static final BigInteger S64_MAX = BigInteger.valueOf(Long.MAX_VALUE);
    private static final BigInteger S64_MIN = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger S32_MAX = BigInteger.valueOf(Integer.MAX_VALUE);
    private static final BigInteger S32_MIN = BigInteger.valueOf(Integer.MIN_VALUE);

    private KernelNumber() {}

    /** Reads an unsigned number of 64 bits, capped at Long.MAX_VALUE: no file distinguishes a larger number from it. */
    static long unsigned(String text) {
        if (text.startsWith("-")) {
            throw new KernelError(Errno.EINVAL);
        }
        return checked(text, BigInteger.ZERO, U64_MAX).min(S64_MAX).longValue();
    }

    /** Reads a signed number of 64 bits. */
    static long signed(String text) {
        return checked(text, S64_MIN, S64_MAX).longValue();
    }

    /** Reads a signed number of 32 bits. */
    static int signed32(String text) {
        return checked(text, S32_MIN, S32_MAX).intValue();
    }

    private static BigInteger checked(String text, BigInteger min, BigInteger max) {
        int from = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        int end = text.endsWith("\n") ? text.length() - 1 : text.length();
        Digits digits = Digits.at(text, from);
        if (digits.end() != end || digits.value() == null) {
            throw new KernelError(Errno.EINVAL);
        }
        BigInteger value = text.startsWith("-") ? digits.value().negate() : digits.value();
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new KernelError(Errno.ERANGE);
        }
        return value;
    }

    /** Reads a size in bytes: digits (no digit means 0) and an optional suffix K, M, G, T, P or E. */
    static long bytes(String text) {
        Digits digits = Digits.at(text, 0);
        BigInteger value = digits.value() == null ? BigInteger.ZERO : digits.value();
        int end = digits.end();
        if (end < text.length()) {
            int shift = "KMGTPE".indexOf(Character.toUpperCase(text.charAt(end)));
            if (shift >= 0) {
                value = value.shiftLeft(10 * (shift + 1));
                end++;
            }
        }
        if (end != text.length()) {
            throw new KernelError(Errno.EINVAL);
        }
        return value.min(S64_MAX).longValue();
    }
}
