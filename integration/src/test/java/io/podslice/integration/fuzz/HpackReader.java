package io.podslice.integration.fuzz;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.podslice.grpc.Header;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Netty's HPACK decoder, as one end of the connection uses it. */
final class HpackReader {

    private static final long MOST_BYTES = 64L << 20;

    private final DefaultHttp2HeadersDecoder decoder;

    HpackReader() {
        decoder = new DefaultHttp2HeadersDecoder(false, MOST_BYTES);
        try {
            decoder.configuration().maxHeaderListSize(MOST_BYTES, MOST_BYTES);
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sets this end's own SETTINGS_HEADER_TABLE_SIZE, once the peer has acknowledged it. */
    void limit(long bytes) {
        try {
            decoder.configuration().maxHeaderTableSize(bytes);
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
    }

    List<Header> decode(int stream, byte[] block) {
        ByteBuf buffer = Unpooled.wrappedBuffer(block);
        Http2Headers headers;
        try {
            headers = decoder.decodeHeaders(stream, buffer);
        } catch (Http2Exception | RuntimeException e) {
            throw new Violation("header block of stream " + stream + " cannot be decoded: " + e, e);
        }
        if (buffer.isReadable()) {
            throw new Violation("header block of stream " + stream + " is followed by something");
        }
        List<Header> fields = new ArrayList<>();
        for (Map.Entry<CharSequence, CharSequence> field : headers) {
            fields.add(new Header(field.getKey().toString(), field.getValue().toString()));
        }
        return fields;
    }
}
