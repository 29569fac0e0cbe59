package io.podslice.integration.fuzz;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.util.AsciiString;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * HPACK's Huffman code (RFC 7541, appendix B), learnt from Netty's encoder, which does not publish it and uses it only
 * where it is shorter; a peer may use it anywhere.
 */
final class HuffmanCode {

    /**
     * The number of zeros, of five bits each, that end at a byte and make the coded form the shorter one whatever
     * follows.
     */
    private static final int LEAD = 160;

    private static final int LEAD_BYTES = LEAD * 5 / 8;

    private final int[] codes = new int[256];
    private final int[] lengths = new int[256];

    HuffmanCode() {
        for (int symbol = 0; symbol < 256; symbol++) {
            learn(symbol);
        }
    }

    /**
     * Learns a symbol's code: eight times the symbol takes as many bytes as its code has bits, and begins with the
     * code.
     */
    private void learn(int symbol) {
        byte[] value = new byte[LEAD + 8];
        Arrays.fill(value, 0, LEAD, (byte) '0');
        Arrays.fill(value, LEAD, value.length, (byte) symbol);
        DefaultHttp2HeadersEncoder encoder =
                new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE, false, 16, 0);
        ByteBuf block = Unpooled.buffer();
        try {
            encoder.maxHeaderTableSize(0);
            encoder.encodeHeaders(3, new DefaultHttp2Headers(false).add("x", new AsciiString(value, false)), block);
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
        int end = block.writerIndex();
        // The block ends with the value: its length (one byte below 127, else 127 and the rest), then its code.
        int length = end - 1;
        while (!isLengthOfRest(block, length, end)) {
            length--;
        }
        int from = (block.getByte(length) & 0x7f) < 127 ? length + 1 : length + 2;
        int bits = end - from - LEAD_BYTES;
        long code = 0;
        for (int i = 0; i < 5; i++) {
            int at = from + LEAD_BYTES + i;
            code = code << 8 | (at < end ? block.getByte(at) & 0xff : 0);
        }
        lengths[symbol] = bits;
        codes[symbol] = (int) (code >>> (40 - bits));
    }

    private static boolean isLengthOfRest(ByteBuf block, int at, int end) {
        int first = block.getByte(at) & 0xff;
        if (first < 0x80) {
            return false;
        }
        int value = first & 0x7f;
        return value < 127
                ? at + 1 + value == end && value > LEAD_BYTES
                : at + 2 < end && block.getByte(at + 1) >= 0 && at + 2 + 127 + block.getByte(at + 1) == end;
    }

    /** Returns the coded form of a string whose chars are bytes, padded with ones. */
    byte[] encode(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
        long pending = 0;
        int bits = 0;
        for (int i = 0; i < text.length(); i++) {
            int symbol = text.charAt(i);
            pending = pending << lengths[symbol] | codes[symbol];
            bits += lengths[symbol];
            while (bits >= 8) {
                bits -= 8;
                out.write((int) (pending >>> bits));
            }
        }
        if (bits > 0) {
            out.write((int) (pending << (8 - bits) | 0xff >>> bits));
        }
        return out.toByteArray();
    }
}
