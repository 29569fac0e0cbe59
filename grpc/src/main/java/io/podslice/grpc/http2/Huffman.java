package io.podslice.grpc.http2;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The Huffman code of HPACK (RFC 7541, appendix B). The code is canonical: among codes of one length the values rise
 * with the symbols, so the lengths say it all.
 */
final class Huffman {
    /** Code length of each symbol 0 to 255, and of the end-of-string symbol, which is never sent. */
    private static final byte[] LENGTHS = {
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28,
        28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15,
        6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22,
        20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23,
        23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22,
        22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26,
        27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27,
        26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30
    };

    private static final int LONGEST = 30;
    private static final int END_OF_STRING = 256;
    /** Codes up to this length are looked up; longer ones stand for rare bytes and are searched by length. */
    private static final int SHORT = 9;

    private static final int LOOK = (1 << SHORT) - 1;

    /** By the next 9 bits: symbol and code length, or 0 where the code is longer. */
    private static final short[] SHORT_CODES = new short[1 << SHORT];
    /** First code of each length, how many there are, and where their symbols begin in {@link #SYMBOLS}. */
    private static final int[] FIRST = new int[LONGEST + 1];

    private static final int[] COUNT = new int[LONGEST + 1];
    private static final int[] START = new int[LONGEST + 1];
    private static final short[] SYMBOLS = new short[LENGTHS.length];

    static {
        int code = 0;
        int next = 0;
        for (int length = 1; length <= LONGEST; length++) {
            FIRST[length] = code;
            START[length] = next;
            for (int symbol = 0; symbol < LENGTHS.length; symbol++) {
                if (LENGTHS[symbol] == length) {
                    SYMBOLS[next++] = (short) symbol;
                    if (length <= SHORT) {
                        int from = code << (SHORT - length);
                        int to = (code + 1) << (SHORT - length);
                        Arrays.fill(SHORT_CODES, from, to, (short) ((symbol << 4) | length));
                    }
                    code++;
                    COUNT[length]++;
                }
            }
            code <<= 1;
        }
    }

    private byte[] scratch = new byte[128];

    /**
     * Decodes a string.
     *
     * @param from absolute index of its first byte
     * @param to absolute index after its last byte
     * @throws HpackException if it is not a Huffman-coded string
     */
    byte[] decode(ByteBuffer source, int from, int to) throws HpackException {
        // The shortest code has 5 bits.
        int most = (int) ((to - from) * 8L / 5);
        if (scratch.length < most) {
            scratch = new byte[most];
        }
        byte[] out = scratch;
        int length = 0;
        long bits = 0;
        int have = 0;
        for (int i = from; i < to; i++) {
            bits = (bits << 8) | (source.get(i) & 0xff);
            have += 8;
            while (have >= SHORT) {
                int code = SHORT_CODES[(int) (bits >>> (have - SHORT)) & LOOK];
                if (code != 0) {
                    out[length++] = (byte) (code >>> 4);
                    have -= code & 15;
                    continue;
                }
                int found = longCode(bits, have);
                if (found < 0) {
                    break;
                }
                out[length++] = (byte) (found >>> 8);
                have -= found & 0xff;
            }
        }
        while (have > 0 && have < SHORT) {
            // Filled up with ones, as the padding is: a shorter code that matches is a symbol, a longer one is padding.
            int code = SHORT_CODES[(int) ((bits << (SHORT - have)) | ones(SHORT - have)) & LOOK];
            if (code == 0 || (code & 15) > have) {
                break;
            }
            out[length++] = (byte) (code >>> 4);
            have -= code & 15;
        }
        if (have > 7 || (bits & ones(have)) != ones(have)) {
            throw new HpackException("Huffman-coded string ends in the middle of a symbol");
        }
        return Arrays.copyOf(out, length);
    }

    private static long ones(int count) {
        return (1L << count) - 1;
    }

    /** Symbol and length of the long code that the bits begin with; negative if more bits are needed. */
    private static int longCode(long bits, int have) throws HpackException {
        for (int length = SHORT + 1; length <= LONGEST && length <= have; length++) {
            int code = (int) ((bits >>> (have - length)) & ones(length));
            int nth = code - FIRST[length];
            if (nth < COUNT[length]) {
                int symbol = SYMBOLS[START[length] + nth];
                if (symbol == END_OF_STRING) {
                    throw new HpackException("Huffman-coded string holds the end-of-string symbol");
                }
                return (symbol << 8) | length;
            }
        }
        return -1;
    }
}
