package io.podslice.simulator.kernel;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import java.math.BigInteger;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A list of CPUs or memory nodes as the kernel reads one: {@code 0-3,8}, separated by commas or blanks, with
 * {@code N} for the last number, {@code all}, and {@code 0-31:2/8} for two of every eight.
 */
final class KernelList {
    private static final BigInteger U32_MAX = BigInteger.valueOf(0xFFFF_FFFFL);

    private final String text;
    private final int count;
    private int at;

    private KernelList(String text, int count) {
        this.text = text;
        this.count = count;
    }

    /** @param count the number of CPUs or memory nodes; each number in the list must be below it, else ERANGE */
    static CpuSet parse(String text, int count) {
        return new KernelList(text, count).list();
    }

    private CpuSet list() {
        CpuSet set = CpuSet.empty();
        while (true) {
            while (at < text.length() && isSeparator(text.charAt(at))) {
                at++;
            }
            if (at == text.length()) {
                return set;
            }
            set = set.union(region());
        }
    }

    private CpuSet region() {
        long first;
        long last;
        if (text.toLowerCase(Locale.ROOT).startsWith("all", at)) {
            at += 3;
            first = 0;
            last = count - 1L;
        } else {
            first = number();
            last = first;
            if (!atEnd()) {
                expect('-');
                last = number();
            }
        }
        long used = last + 1;
        long group = last + 1;
        if (!atEnd()) {
            expect(':');
            used = number();
            expect('/');
            group = number();
        }
        if (first > last || group == 0 || used > group) {
            throw new KernelError(Errno.EINVAL);
        }
        if (last >= count) {
            throw new KernelError(Errno.ERANGE);
        }
        CpuSet set = CpuSet.empty();
        for (long start = first; start <= last; start += group) {
            set = set.union(CpuSet.range((int) start, (int) Math.min(last, start + used - 1)));
        }
        return set;
    }

    private long number() {
        if (at < text.length() && text.charAt(at) == 'N') {
            at++;
            return count - 1L;
        }
        Digits digits = Digits.decimal(text, at);
        @Nullable BigInteger value = digits.value();
        if (value == null) {
            throw new KernelError(Errno.EINVAL);
        }
        if (value.compareTo(U32_MAX) > 0) {
            throw new KernelError(Errno.EOVERFLOW);
        }
        at = digits.end();
        return value.longValue();
    }

    private void expect(char c) {
        if (at == text.length() || text.charAt(at) != c) {
            throw new KernelError(Errno.EINVAL);
        }
        at++;
    }

    private boolean atEnd() {
        return at == text.length() || isSeparator(text.charAt(at));
    }

    private static boolean isSeparator(char c) {
        return c == ',' || Character.isWhitespace(c);
    }
}
