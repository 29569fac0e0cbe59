package io.podslice.integration.fuzz;

import io.podslice.grpc.Header;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * An HPACK encoder (RFC 7541) that uses every form the format has, at random: indexed, literal with and without
 * indexing, never indexed, names by index or spelled out, Huffman-coded or plain, table size updates where they are
 * asked for and where they are merely allowed.
 */
final class HpackWriter {

    private static final int ENTRY_OVERHEAD = 32;

    /** Appendix A, names and values in turn. */
    private static final String[] STATIC = {
        ":authority",
        "",
        ":method",
        "GET",
        ":method",
        "POST",
        ":path",
        "/",
        ":path",
        "/index.html",
        ":scheme",
        "http",
        ":scheme",
        "https",
        ":status",
        "200",
        ":status",
        "204",
        ":status",
        "206",
        ":status",
        "304",
        ":status",
        "400",
        ":status",
        "404",
        ":status",
        "500",
        "accept-charset",
        "",
        "accept-encoding",
        "gzip, deflate",
        "accept-language",
        "",
        "accept-ranges",
        "",
        "accept",
        "",
        "access-control-allow-origin",
        "",
        "age",
        "",
        "allow",
        "",
        "authorization",
        "",
        "cache-control",
        "",
        "content-disposition",
        "",
        "content-encoding",
        "",
        "content-language",
        "",
        "content-length",
        "",
        "content-location",
        "",
        "content-range",
        "",
        "content-type",
        "",
        "cookie",
        "",
        "date",
        "",
        "etag",
        "",
        "expect",
        "",
        "expires",
        "",
        "from",
        "",
        "host",
        "",
        "if-match",
        "",
        "if-modified-since",
        "",
        "if-none-match",
        "",
        "if-range",
        "",
        "if-unmodified-since",
        "",
        "last-modified",
        "",
        "link",
        "",
        "location",
        "",
        "max-forwards",
        "",
        "proxy-authenticate",
        "",
        "proxy-authorization",
        "",
        "range",
        "",
        "referer",
        "",
        "refresh",
        "",
        "retry-after",
        "",
        "server",
        "",
        "set-cookie",
        "",
        "strict-transport-security",
        "",
        "transfer-encoding",
        "",
        "user-agent",
        "",
        "vary",
        "",
        "via",
        "",
        "www-authenticate",
        ""
    };

    private static final int STATIC_ENTRIES = STATIC.length / 2;

    private final HuffmanCode huffman;
    private final Random random;
    private final List<Header> table = new ArrayList<>();
    private final Deque<Integer> updates = new ArrayDeque<>();
    private int size;
    private int capacity = 4096;
    private int limit = 4096;

    HpackWriter(HuffmanCode huffman, Random random) {
        this.huffman = huffman;
        this.random = random;
    }

    /** Sets the peer's SETTINGS_HEADER_TABLE_SIZE, once it is acknowledged. */
    void limit(int bytes) {
        if (bytes < limit && bytes < capacity) {
            // Section 4.2: the smallest size in between is signalled, then the last.
            updates.removeIf(size -> size > bytes);
            updates.add(bytes);
            resize(bytes);
        }
        limit = bytes;
    }

    byte[] encode(List<Header> fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (random.nextInt(12) == 0) {
            int wanted = random.nextInt(4) == 0 ? 0 : random.nextInt(limit + 1);
            updates.add(wanted);
            resize(wanted);
        }
        if (updates.size() > 2) {
            int least = updates.stream().min(Integer::compare).orElseThrow();
            int last = updates.getLast();
            updates.clear();
            updates.add(least);
            updates.add(last);
        }
        updates.forEach(update -> integer(out, 0x20, 5, update));
        updates.clear();
        for (Header field : fields) {
            encode(out, field);
        }
        return out.toByteArray();
    }

    private void encode(ByteArrayOutputStream out, Header field) {
        int whole = indexOf(field, true);
        if (whole > 0 && random.nextInt(8) > 0) {
            integer(out, 0x80, 7, whole);
            return;
        }
        int name = random.nextInt(6) == 0 ? 0 : indexOf(field, false);
        switch (random.nextInt(5)) {
            case 0 -> literal(out, 0x00, 4, name, field);
            case 1 -> literal(out, 0x10, 4, name, field);
            default -> {
                literal(out, 0x40, 6, name, field);
                insert(field);
            }
        }
    }

    private void literal(ByteArrayOutputStream out, int pattern, int prefix, int name, Header field) {
        integer(out, pattern, prefix, name);
        if (name == 0) {
            string(out, field.name());
        }
        string(out, field.value());
    }

    private void string(ByteArrayOutputStream out, String text) {
        boolean coded = random.nextInt(3) > 0;
        byte[] bytes = coded ? huffman.encode(text) : text.getBytes(StandardCharsets.ISO_8859_1);
        integer(out, coded ? 0x80 : 0, 7, bytes.length);
        out.writeBytes(bytes);
    }

    /** Writes an integer (section 5.1). */
    private static void integer(ByteArrayOutputStream out, int pattern, int prefix, int value) {
        int most = (1 << prefix) - 1;
        if (value < most) {
            out.write(pattern | value);
            return;
        }
        out.write(pattern | most);
        int rest = value - most;
        while (rest >= 0x80) {
            out.write((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    private int indexOf(Header field, boolean value) {
        for (int i = 0; i < table.size(); i++) {
            Header entry = table.get(i);
            if (entry.name().equals(field.name()) && (!value || entry.value().equals(field.value()))) {
                return STATIC_ENTRIES + 1 + i;
            }
        }
        for (int i = 0; i < STATIC_ENTRIES; i++) {
            if (STATIC[2 * i].equals(field.name()) && (!value || STATIC[2 * i + 1].equals(field.value()))) {
                return i + 1;
            }
        }
        return 0;
    }

    private void insert(Header field) {
        table.addFirst(field);
        size += sizeOf(field);
        evict();
    }

    private void resize(int bytes) {
        capacity = bytes;
        evict();
    }

    private void evict() {
        while (size > capacity) {
            size -= sizeOf(table.removeLast());
        }
    }

    private static int sizeOf(Header field) {
        return field.name().length() + field.value().length() + ENTRY_OVERHEAD;
    }
}
