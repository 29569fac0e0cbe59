package io.podslice.grpc.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class HpackDecoderTest {
    private static final long LARGE = 1 << 24;

    private static List<String> decode(HpackDecoder decoder, byte[] block) throws HpackException {
        List<Field> fields = new ArrayList<>();
        decoder.decode(ByteBuffer.wrap(block), 0, block.length, fields);
        return fields.stream().map(f -> f.name() + ": " + f.value()).toList();
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    @Test
    void readsTheRequestsOfTheRfcWithHuffmanCode() throws Exception {
        HpackDecoder decoder = new HpackDecoder(LARGE);
        assertThat(decode(decoder, hex("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff")))
                .containsExactly(":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com");
        assertThat(decode(decoder, hex("8286 84be 5886 a8eb 1064 9cbf")))
                .containsExactly(
                        ":method: GET",
                        ":scheme: http",
                        ":path: /",
                        ":authority: www.example.com",
                        "cache-control: no-cache");
        assertThat(decode(decoder, hex("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf")))
                .containsExactly(
                        ":method: GET",
                        ":scheme: https",
                        ":path: /index.html",
                        ":authority: www.example.com",
                        "custom-key: custom-value");
    }

    @Test
    void knowsEveryEntryOfTheStaticTable() throws Exception {
        DefaultHttp2HeadersDecoder netty = new DefaultHttp2HeadersDecoder(false);
        HpackDecoder decoder = new HpackDecoder(LARGE);
        for (int index = 1; index <= 61; index++) {
            byte[] block = {(byte) (0x80 | index)};
            assertThat(decode(decoder, block)).isEqualTo(netty(netty, block));
        }
    }

    @Test
    void knowsTheHuffmanCodeOfEveryByte() throws Exception {
        HpackDecoder decoder = new HpackDecoder(LARGE);
        byte[] all = new byte[256];
        for (int i = 0; i < 256; i++) {
            all[i] = (byte) i;
        }
        String value = new String(all, StandardCharsets.ISO_8859_1);
        Http2Headers headers = new DefaultHttp2Headers(false).add("x", value.repeat(3));
        ByteBuf block = Unpooled.buffer();
        new DefaultHttp2HeadersEncoder((name, v) -> false, false, 16, 1).encodeHeaders(1, headers, block);
        assertThat(decode(decoder, ByteBufUtil.getBytes(block))).containsExactly("x: " + value.repeat(3));
    }

    @Test
    void saysWhetherABlockChangedTheTable() throws Exception {
        HpackDecoder decoder = new HpackDecoder(LARGE);
        decode(decoder, hex("82"));
        assertThat(decoder.changedTable()).as("indexed").isFalse();
        decode(decoder, hex("4001 6101 62"));
        assertThat(decoder.changedTable()).as("literal with indexing").isTrue();
        decode(decoder, hex("be 0001 6101 62 1001 6101 62"));
        assertThat(decoder.changedTable())
                .as("indexed, literals without indexing")
                .isFalse();
        decode(decoder, hex("20 82"));
        assertThat(decoder.changedTable()).as("table size").isTrue();
    }

    @Test
    void keepsSensitiveFieldsMarked() throws Exception {
        List<Field> fields = new ArrayList<>();
        byte[] block = hex("1001 6101 62 0001 6101 62");
        new HpackDecoder(LARGE).decode(ByteBuffer.wrap(block), 0, block.length, fields);
        assertThat(fields).extracting(Field::sensitive).containsExactly(true, false);
        assertThat(fields.get(0).toString()).doesNotContain("b");
    }

    @Test
    void followsTheTableWithoutKeepingFields() throws Exception {
        HpackDecoder decoder = new HpackDecoder(LARGE);
        byte[] block = hex("4001 6101 62 0001 6301 64 4001 6501 66");
        decoder.decode(ByteBuffer.wrap(block), 0, block.length, null);
        assertThat(decode(decoder, hex("bfbe"))).containsExactly("a: b", "e: f");
    }

    @Test
    void refusesWhatIsNotHpack() {
        for (String bad : List.of(
                "80", // index 0
                "be", // nothing in the dynamic table
                "ff", // unfinished integer
                "ffffffffff7f", // integer too large
                "4001", // ends within the name
                "40016105", // ends within the value
                "3fe21f", // table of 4097 bytes
                "4001618487ffffff", // padding longer than 7 bits
                "400161817c", // padding not all ones
                "40016184fffffffc" // end-of-string symbol
                )) {
            HpackDecoder decoder = new HpackDecoder(LARGE);
            assertThatThrownBy(() -> decode(decoder, hex(bad))).as(bad).isInstanceOf(HpackException.class);
        }
    }

    @Test
    void refusesFieldsAboveItsLimit() {
        HpackDecoder decoder = new HpackDecoder(100);
        assertThatThrownBy(() -> decode(decoder, hex("82828282")))
                .isInstanceOf(HpackException.class)
                .hasMessage("header list above 100 bytes");
    }

    @Test
    void allowsALargerTableOnceSettingsDo() throws Exception {
        HpackDecoder decoder = new HpackDecoder(LARGE);
        decoder.allowTable(8192);
        decoder.allowTable(100);
        assertThat(decode(decoder, hex("3fe13f 82"))).containsExactly(":method: GET");
    }

    // ---- Against another implementation

    record Block(List<String> names, List<String> values, int tableSize) {}

    private static List<Block> blocks(Random random) {
        List<String> names = List.of(
                ":path",
                ":method",
                "content-type",
                "te",
                "grpc-timeout",
                "user-agent",
                "a",
                "b",
                "long-name".repeat(30));
        List<String> usual =
                List.of("", "application/grpc", "/runtime.v1.RuntimeService/Status", "POST", "x".repeat(3000));
        int[] sizes = {-1, -1, -1, 0, 60, 4096, 1000};
        List<Block> blocks = new ArrayList<>();
        for (int block = random.nextInt(41); block > 0; block--) {
            List<String> chosen = new ArrayList<>();
            List<String> values = new ArrayList<>();
            for (int field = random.nextInt(13); field > 0; field--) {
                chosen.add(names.get(random.nextInt(names.size())));
                values.add(random.nextBoolean() ? usual.get(random.nextInt(usual.size())) : latin1(random));
            }
            blocks.add(new Block(chosen, values, sizes[random.nextInt(sizes.length)]));
        }
        return blocks;
    }

    private static String latin1(Random random) {
        return new String(bytes(random, 200), StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(Random random, int most) {
        byte[] bytes = new byte[random.nextInt(most + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    @RepeatedTest(200)
    void readsWhatNettyWrites(RepetitionInfo repetition) throws Exception {
        List<Block> blocks = blocks(new Random(repetition.getCurrentRepetition()));
        DefaultHttp2HeadersEncoder encoder = encoder();
        HpackDecoder decoder = new HpackDecoder(LARGE);
        for (Block block : blocks) {
            Http2Headers headers = headers(block);
            List<String> expected = new ArrayList<>();
            headers.forEach(e -> expected.add(e.getKey() + ": " + e.getValue()));
            if (block.tableSize() >= 0) {
                encoder.maxHeaderTableSize(block.tableSize());
            }
            assertThat(decode(decoder, encoded(encoder, headers))).isEqualTo(expected);
        }
    }

    private static DefaultHttp2HeadersEncoder encoder() {
        return new DefaultHttp2HeadersEncoder((name, value) -> name.length() == 1, true, 64, 20);
    }

    private static Http2Headers headers(Block block) {
        Http2Headers headers = new DefaultHttp2Headers(false);
        for (int i = 0; i < block.names().size(); i++) {
            headers.add(block.names().get(i), block.values().get(i));
        }
        return headers;
    }

    private static byte[] encoded(DefaultHttp2HeadersEncoder encoder, Http2Headers headers) throws Http2Exception {
        ByteBuf out = Unpooled.buffer();
        encoder.encodeHeaders(1, headers, out);
        return ByteBufUtil.getBytes(out);
    }

    @Test
    void agreesWithNettyOnWhateverNettyAccepts() throws Exception {
        int accepted = 0;
        for (int seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            accepted += agree(damaged(random), bytes(random, 20)) || agree(damaged(random), damaged(random)) ? 1 : 0;
        }
        assertThat(accepted).isGreaterThan(200);
    }

    /** A block of Netty's in which up to two bytes are others, or now and then nothing but garbage. */
    private static byte[] damaged(Random random) throws Http2Exception {
        List<Block> blocks = blocks(random);
        byte[] bytes = blocks.isEmpty() ? bytes(random, 200) : encoded(encoder(), headers(blocks.getFirst()));
        for (int changes = bytes.length == 0 ? 0 : random.nextInt(3); changes > 0; changes--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    /** Tells whether Netty accepts both blocks, one after the other. */
    private static boolean agree(byte[] garbage, byte[] more) throws HpackException {
        DefaultHttp2HeadersDecoder netty = new DefaultHttp2HeadersDecoder(false, LARGE);
        HpackDecoder decoder = new HpackDecoder(LARGE);
        for (byte[] block : List.of(garbage, more)) {
            List<String> expected;
            try {
                expected = netty(netty, block);
            } catch (Http2Exception e) {
                return false;
            }
            // Netty gives pseudo-header fields first, wherever they stand.
            assertThat(decode(decoder, block))
                    .as(HexFormat.of().formatHex(block))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
        return true;
    }

    private static List<String> netty(DefaultHttp2HeadersDecoder netty, byte[] block) throws Http2Exception {
        List<String> fields = new ArrayList<>();
        netty.decodeHeaders(1, Unpooled.wrappedBuffer(block))
                .forEach(e -> fields.add(e.getKey() + ": " + e.getValue()));
        return fields;
    }
}
