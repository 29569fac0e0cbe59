package io.podslice.cluster.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShardSelectorTest {
    private static final String UID = "object.metadata.uid";

    /** Values, their hashes, and their shard of 2, of 3 and of 4, as the API server of Kubernetes 1.36 has them. */
    @ParameterizedTest
    @CsvSource({
        "'', cbf29ce484222325, 1, 2, 3",
        "a, af63dc4c8601ec8c, 1, 2, 2",
        "abc, e71fa2190541574b, 1, 2, 3",
        "test, f9e6e6ef197c2b25, 1, 2, 3",
        "default, ebada5168620c5fe, 1, 2, 3",
        "kube-system, df65c7bc1d82b35e, 1, 2, 3",
        "test-uid-12345, d4c53b72f9287c28, 1, 2, 3",
        "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, 93754b7248a00eb9, 1, 1, 2",
        "00000000-0000-0000-0000-000000000000, 7c384c6218f299f1, 0, 1, 1",
        "11111111-2222-3333-4444-555555555555, 5ff56bf05c1d58f9, 0, 1, 1",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301, 3fde1cd4be7e9771, 0, 0, 0",
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8, ad05fd9059563830, 1, 2, 2",
        "6ba7b811-9dad-11d1-80b4-00c04fd430c8, aa307395694ba02f, 1, 1, 2",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479, 70ed2686c31eff00, 0, 1, 1"
    })
    void aValueHasItsHashAndItsShard(String value, String hash, int of2, int of3, int of4) {
        assertThat(String.format("%016x", ShardHash.of(value))).isEqualTo(hash);
        assertThat(List.of(shard(value, 2), shard(value, 3), shard(value, 4))).containsExactly(of2, of3, of4);
        ShardSelector namespaces = new ShardSelector(ShardSelector.Key.NAMESPACE, List.of(ShardRange.part(of4, 4)));
        assertThat(namespaces.matches("another", value)).isTrue();
    }

    private static int shard(String uid, int count) {
        int[] shards = IntStream.range(0, count)
                .filter(i -> ShardSelector.part(i, count).matches(uid, "a namespace"))
                .toArray();
        assertThat(shards).hasSize(1);
        return shards[0];
    }

    @Test
    void theBytesAreThoseOfUtf8() {
        assertThat(ShardHash.of("ä")).isEqualTo(0x0ac21207b7181582L);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 16, 1000, Integer.MAX_VALUE})
    void equalPartsHaveEveryHashOnce(int count) {
        assertThat(ShardRange.part(0, count).first()).isZero();
        assertThat(ShardRange.part(count - 1, count).last()).isEqualTo(-1);
        Random random = new Random(count);
        for (int i = 0; i < 200; i++) {
            int index = random.nextInt(count);
            ShardRange part = ShardRange.part(index, count);
            assertThat(part.has(part.first()) && part.has(part.last())).isTrue();
            if (index + 1 < count) {
                assertThat(ShardRange.part(index + 1, count).first()).isEqualTo(part.last() + 1);
            }
        }
    }

    @Test
    void uidsSpreadEvenly() {
        Random random = new Random(1);
        int[] counts = new int[16];
        for (int i = 0; i < 16_000; i++) {
            counts[shard(new UUID(random.nextLong(), random.nextLong()).toString(), 16)]++;
        }
        assertThat(counts).doesNotContain(0);
        assertThat(IntStream.of(counts).max().orElseThrow()).isLessThan(1200);
        assertThat(IntStream.of(counts).min().orElseThrow()).isGreaterThan(800);
    }

    /** The ranges that the API server's own test cuts. */
    @Test
    void aPartIsWrittenAsTheServerRepeatsIt() {
        assertThat(ShardSelector.part(0, 1).text())
                .isEqualTo("shardRange(" + UID + ", '0x0000000000000000', '0x10000000000000000')");
        assertThat(ShardSelector.part(1, 3).text())
                .isEqualTo("shardRange(" + UID + ", '0x5555555555555555', '0xaaaaaaaaaaaaaaaa')");
        assertThat(ShardSelector.part(2, 3).text())
                .isEqualTo("shardRange(" + UID + ", '0xaaaaaaaaaaaaaaaa', '0x10000000000000000')");
        assertThat(ShardSelector.part(3, 5).text())
                .isEqualTo("shardRange(" + UID + ", '0x9999999999999999', '0xcccccccccccccccc')");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "shardRange(object.metadata.uid,\"0x0000000000000000\",'0x8000000000000000')"
                        + "|shardRange(object.metadata.uid, '0x0000000000000000', '0x8000000000000000')",
                " ( shardRange ( object.metadata.namespace , '0x8000000000000000' , '0x10000000000000000' ) ) "
                        + "|shardRange(object.metadata.namespace, '0x8000000000000000', '0x10000000000000000')"
            })
    void aSelectorIsReadAndWritten(String text, String canonical) {
        ShardSelector selector = ShardSelector.parse(text);
        assertThat(selector.text()).isEqualTo(canonical);
        assertThat(ShardSelector.parse(canonical)).isEqualTo(selector);
    }

    @Test
    void partsMayBeSeveralAndOverlap() {
        String first = ShardSelector.part(0, 4).text();
        String last = ShardSelector.part(3, 4).text();
        ShardSelector both = ShardSelector.parse("(" + first + " || (" + last + ")) || " + first);
        assertThat(both.ranges()).hasSize(3);
        assertThat(both.text()).isEqualTo(first + " || " + last + " || " + first);
        assertThat(both.matches("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "")).isTrue();
        assertThat(both.matches("test", "")).isTrue();
        assertThat(both.matches("a", "")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`  `|empty shard selector is not allowed; omit the parameter for unfiltered lists",
                "x|CEL parse error: '(' is missing at character 2",
                "shardRange(object.metadata.uid, '0x0000000000000000', '0x8|CEL parse error: a text that does not end",
                "shardRange(object.metadata.uid, '0x0000000000000000', '0x8000000000000000') && x|CEL parse error",
                "f()|unsupported function \"f\"; only shardRange() and || are allowed",
                "shardRange(object.metadata.uid)|shardRange() requires exactly 3 arguments, got 1",
                "shardRange(object.metadata.name, '0x0000000000000000', '0x8000000000000000')"
                        + "|unsupported field path \"object.metadata.name\"; supported: object.metadata.uid,"
                        + " object.metadata.namespace",
                "shardRange(object.metadata.uid, '0000000000000000', '0x8000000000000000')"
                        + "|hexStart must have '0x' prefix, got \"0000000000000000\"",
                "shardRange(object.metadata.uid, '0x0000000000000000', '0xff')"
                        + "|hexEnd must be a 0x-prefixed 16-digit hex value, got \"0xff\" (did you mean"
                        + " \"0x00000000000000ff\"?)",
                "shardRange(object.metadata.uid, '0x0', '0x8000000000000000')|hexStart must be a 0x-prefixed 16-digit",
                "shardRange(object.metadata.uid, '0x0000000000000000', '0x20000000000000000')"
                        + "|17-digit hex value must be '0x10000000000000000' (2^64)",
                "shardRange(object.metadata.uid, '0x000000000000000A', '0x8000000000000000')"
                        + "|invalid hex character \"A\" in \"0x000000000000000A\"",
                "shardRange(object.metadata.uid, '0x8000000000000000', '0x8000000000000000')"
                        + "|shard range start 0x8000000000000000 must be less than end 0x8000000000000000",
                "shardRange(object.metadata.uid, '0x10000000000000000', '0x10000000000000000')|shard range start 0x10000000000000000 must",
            })
    void whatIsNoSelectorIsRefusedInTheServersWords(String text, String message) {
        assertThatThrownBy(() -> ShardSelector.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void rangesOfTwoFieldsAreRefused() {
        String uid = ShardSelector.part(0, 4).text();
        assertThatThrownBy(() -> ShardSelector.parse(uid + " || " + uid.replace("uid", "namespace")))
                .hasMessage("all shard ranges must use the same field, got \"object.metadata.uid\" and"
                        + " \"object.metadata.namespace\"");
    }

    @Test
    void aLargeOrDeepSelectorIsRefusedAtOnce() {
        assertThatThrownBy(() -> ShardSelector.parse("(".repeat(20_000))).hasMessageContaining("recursion limit");
        assertThatThrownBy(() -> ShardSelector.parse("(".repeat(ShardSelector.LONGEST + 1)))
                .hasMessageContaining("above");
    }
}
