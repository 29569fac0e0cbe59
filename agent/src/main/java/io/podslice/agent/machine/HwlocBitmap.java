package io.podslice.agent.machine;

import io.podslice.cgroups.CpuSet;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * hwloc's text form of a set of CPUs or NUMA nodes: words of 32 bits in hexadecimal with commas between them, the highest first,
 * where an empty word is 0, e.g. {@code 0x0000ffff,,0xffffffff}.
 *
 * @see <a href="https://www.open-mpi.org/projects/hwloc/doc/">hwloc, hwloc_bitmap_snprintf</a>
 */
final class HwlocBitmap {
    private static final Pattern WORD = Pattern.compile("(0x[0-9a-fA-F]{1,8})?");
    private static final int BITS = 32;
    private static final int HEXADECIMAL = 16;

    private HwlocBitmap() {}

    /** @throws IllegalArgumentException if it is none, or has ids that CPUs cannot have; worded to follow the text and a colon */
    static CpuSet parse(String text) {
        String[] words = text.strip().split(",", -1);
        if (words.length > (CpuSet.MAX_ID + 1) / BITS) {
            throw new IllegalArgumentException("must have no id above " + CpuSet.MAX_ID);
        }
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < words.length; i++) {
            String word = words[words.length - 1 - i];
            if (!WORD.matcher(word).matches()) {
                throw new IllegalArgumentException(
                        word.startsWith("0xf...f")
                                ? "must be finite"
                                : "must be words in hexadecimal with commas between them, such as 0x000000ff,0xffffffff");
            }
            long bits = word.isEmpty() ? 0 : Long.parseLong(word.substring(2), HEXADECIMAL);
            for (int bit = 0; bit < BITS; bit++) {
                if ((bits >> bit & 1) != 0) {
                    ids.add(i * BITS + bit);
                }
            }
        }
        return CpuSet.of(ids);
    }
}
