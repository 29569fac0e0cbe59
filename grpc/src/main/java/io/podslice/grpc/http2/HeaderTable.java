package io.podslice.grpc.http2;

import org.jspecify.annotations.Nullable;

/** The static table and one dynamic table of HPACK, by the index that header blocks use: 1 to 61, then newest first. */
final class HeaderTable {
    private static final String[] STATIC_TEXT = {
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

    private static final Field[] STATIC = new Field[STATIC_TEXT.length / 2];

    static {
        for (int i = 0; i < STATIC.length; i++) {
            STATIC[i] = Field.shared(STATIC_TEXT[2 * i], STATIC_TEXT[2 * i + 1]);
        }
    }

    /** A ring whose length is a power of two; the newest field is just before {@code head}. */
    private @Nullable Field[] ring = new Field[8];

    private int head;
    private int count;
    private long size;
    private long capacity;

    HeaderTable(long capacity) {
        this.capacity = capacity;
    }

    /**
     * The field of an index.
     *
     * @throws HpackException if nothing has this index
     */
    Field get(int index) throws HpackException {
        if (index >= 1 && index <= STATIC.length) {
            return STATIC[index - 1];
        }
        int nth = index - STATIC.length;
        if (nth >= 1 && nth <= count) {
            Field field = ring[(head - nth) & (ring.length - 1)];
            if (field != null) {
                return field;
            }
        }
        throw new HpackException("header table has no entry " + index);
    }

    void add(Field field) {
        int room = field.tableSize();
        evictUntil(capacity - room);
        if (room > capacity) {
            return;
        }
        if (count == ring.length) {
            grow();
        }
        ring[head] = field;
        head = (head + 1) & (ring.length - 1);
        count++;
        size += room;
    }

    long capacity() {
        return capacity;
    }

    void capacity(long bytes) {
        capacity = bytes;
        evictUntil(bytes);
    }

    private void evictUntil(long bytes) {
        while (count > 0 && size > bytes) {
            int oldest = (head - count) & (ring.length - 1);
            Field field = ring[oldest];
            ring[oldest] = null;
            count--;
            size -= field == null ? 0 : field.tableSize();
        }
    }

    private void grow() {
        @Nullable Field[] bigger = new Field[ring.length * 2];
        // The ring is full, so its oldest field is at head.
        System.arraycopy(ring, head, bigger, 0, ring.length - head);
        System.arraycopy(ring, 0, bigger, ring.length - head, head);
        head = count;
        ring = bigger;
    }
}
