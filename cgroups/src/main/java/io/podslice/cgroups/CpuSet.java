package io.podslice.cgroups;

import java.util.Arrays;
import java.util.Collection;
import java.util.PrimitiveIterator;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * An immutable set of CPU or NUMA node numbers, 0 to {@value #MAX_ID}; podslice has no other type for it.
 *
 * <p>Its text form is the kernel's list format (cpuset(7)): {@code 0-3,8,10-11}.
 */
public final class CpuSet implements Comparable<CpuSet> {
    /** The largest number a set can hold; the kernel's largest NR_CPUS is 8192. */
    public static final int MAX_ID = 65_535;

    private static final CpuSet EMPTY = new CpuSet(new long[0]);

    /** Bits by number, 64 to a word; no trailing zero words, so that equal sets have equal arrays. */
    private final long[] words;

    private CpuSet(long[] words) {
        this.words = words;
    }

    private static CpuSet ofWords(long[] words) {
        int n = words.length;
        while (n > 0 && words[n - 1] == 0) {
            n--;
        }
        if (n == 0) {
            return EMPTY;
        }
        return new CpuSet(n == words.length ? words : Arrays.copyOf(words, n));
    }

    public static CpuSet empty() {
        return EMPTY;
    }

    public static CpuSet of(int... ids) {
        int max = -1;
        for (int id : ids) {
            max = Math.max(max, checked(id));
        }
        long[] words = new long[(max >> 6) + 1];
        for (int id : ids) {
            words[id >> 6] |= 1L << id;
        }
        return ofWords(words);
    }

    public static CpuSet of(Collection<Integer> ids) {
        return of(ids.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Returns the numbers from first to last, both included; empty if last is below first. */
    public static CpuSet range(int first, int last) {
        if (last < first) {
            return EMPTY;
        }
        checked(first);
        checked(last);
        long[] words = new long[(last >> 6) + 1];
        for (int id = first; id <= last; id++) {
            words[id >> 6] |= 1L << id;
        }
        return ofWords(words);
    }

    private static int checked(int id) {
        if (id < 0 || id > MAX_ID) {
            throw new IllegalArgumentException("CPU number " + id + ": must be 0 to " + MAX_ID);
        }
        return id;
    }

    /**
     * Reads the kernel's list format; allows blanks around it and an empty text (the empty set).
     *
     * @throws IllegalArgumentException naming the text and the part that is wrong
     */
    public static CpuSet parse(String list) {
        String text = list.strip();
        if (text.isEmpty()) {
            return EMPTY;
        }
        long[] words = new long[4];
        for (String part : text.split(",", -1)) {
            int dash = part.indexOf('-');
            int first = number(list, part, dash < 0 ? part : part.substring(0, dash));
            int last = dash < 0 ? first : number(list, part, part.substring(dash + 1));
            if (last < first) {
                throw new IllegalArgumentException("CPU list \"" + list + "\": range \"" + part + "\" runs backwards");
            }
            if ((last >> 6) >= words.length) {
                words = Arrays.copyOf(words, (last >> 6) + 1);
            }
            for (int id = first; id <= last; id++) {
                words[id >> 6] |= 1L << id;
            }
        }
        return ofWords(words);
    }

    private static int number(String list, String part, String digits) {
        if (digits.isEmpty() || digits.length() > 6) {
            throw new IllegalArgumentException("CPU list \"" + list + "\": \"" + part + "\" is no number or range");
        }
        int value = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '9') {
                throw new IllegalArgumentException("CPU list \"" + list + "\": \"" + part + "\" is no number or range");
            }
            value = value * 10 + (c - '0');
        }
        if (value > MAX_ID) {
            throw new IllegalArgumentException("CPU list \"" + list + "\": " + value + " is above " + MAX_ID);
        }
        return value;
    }

    public boolean isEmpty() {
        return words.length == 0;
    }

    public int size() {
        int n = 0;
        for (long w : words) {
            n += Long.bitCount(w);
        }
        return n;
    }

    public boolean contains(int id) {
        return id >= 0 && (id >> 6) < words.length && (words[id >> 6] & (1L << id)) != 0;
    }

    public boolean containsAll(CpuSet other) {
        return other.minus(this).isEmpty();
    }

    public boolean intersects(CpuSet other) {
        for (int i = Math.min(words.length, other.words.length) - 1; i >= 0; i--) {
            if ((words[i] & other.words[i]) != 0) {
                return true;
            }
        }
        return false;
    }

    public CpuSet union(CpuSet other) {
        if (words.length < other.words.length) {
            return other.union(this);
        }
        long[] result = words.clone();
        for (int i = 0; i < other.words.length; i++) {
            result[i] |= other.words[i];
        }
        return ofWords(result);
    }

    public CpuSet intersection(CpuSet other) {
        long[] result = new long[Math.min(words.length, other.words.length)];
        for (int i = 0; i < result.length; i++) {
            result[i] = words[i] & other.words[i];
        }
        return ofWords(result);
    }

    public CpuSet minus(CpuSet other) {
        long[] result = words.clone();
        for (int i = Math.min(words.length, other.words.length) - 1; i >= 0; i--) {
            result[i] &= ~other.words[i];
        }
        return ofWords(result);
    }

    /** Returns the smallest member not below {@code from}, or -1. */
    public int next(int from) {
        int id = Math.max(from, 0);
        int i = id >> 6;
        if (i >= words.length) {
            return -1;
        }
        long w = words[i] & (-1L << id);
        while (w == 0) {
            if (++i == words.length) {
                return -1;
            }
            w = words[i];
        }
        return (i << 6) + Long.numberOfTrailingZeros(w);
    }

    /** Returns the smallest member, or -1 for the empty set. */
    public int first() {
        return next(0);
    }

    /** Returns the largest member, or -1 for the empty set. */
    public int last() {
        return words.length == 0 ? -1 : (words.length << 6) - 1 - Long.numberOfLeadingZeros(words[words.length - 1]);
    }

    /** Passes the members to the action in ascending order. */
    public void forEach(IntConsumer action) {
        for (int id = first(); id >= 0; id = next(id + 1)) {
            action.accept(id);
        }
    }

    /** Returns the members in ascending order; meant for code that is not hot. */
    public IntStream stream() {
        return IntStream.iterate(first(), id -> id >= 0, id -> next(id + 1));
    }

    /** Returns the members in ascending order. */
    public int[] toArray() {
        int[] ids = new int[size()];
        int n = 0;
        for (int id = first(); id >= 0; id = next(id + 1)) {
            ids[n++] = id;
        }
        return ids;
    }

    /** Compares by size, then by the ascending lists of members. */
    @Override
    public int compareTo(CpuSet other) {
        int bySize = Integer.compare(size(), other.size());
        if (bySize != 0) {
            return bySize;
        }
        PrimitiveIterator.OfInt a = stream().iterator();
        PrimitiveIterator.OfInt b = other.stream().iterator();
        while (a.hasNext()) {
            int byId = Integer.compare(a.nextInt(), b.nextInt());
            if (byId != 0) {
                return byId;
            }
        }
        return 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CpuSet set && Arrays.equals(words, set.words);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(words);
    }

    /** Returns the kernel's list format in normal form: ascending, ranges joined; "" for the empty set. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int id = first(); id >= 0; ) {
            int last = id;
            while (contains(last + 1)) {
                last++;
            }
            if (!text.isEmpty()) {
                text.append(',');
            }
            text.append(id);
            if (last > id) {
                text.append('-').append(last);
            }
            id = next(last + 1);
        }
        return text.toString();
    }
}
