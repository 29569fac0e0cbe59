package io.podslice.cluster.apiserver;

import static io.podslice.cluster.apiserver.FakeApiServer.enveloped;
import static io.podslice.cluster.apiserver.TestPods.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.podslice.cluster.Damage;
import io.podslice.cluster.document.DocumentNode;
import io.podslice.cluster.pod.PodMetadata;
import io.podslice.proto.core.v1.ListMeta;
import io.podslice.proto.core.v1.PodList;
import io.podslice.proto.core.v1.ShardInfo;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** Pages of lists, read as they come. */
class ListWireTest {
    private static final int PAGES = Boolean.getBoolean("podslice.long") ? 300_000 : 3_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Bytes of heap for a page of no bytes, and for each byte: a JSON part has about 150 and takes two. */
    private static final long FEW = 256 << 10;

    private static final long EACH = 400;

    private final List<String> names = new ArrayList<>();
    private long largest;

    private final ListItems items = new ListItems() {
        @Override
        public void begin() {
            names.clear();
        }

        @Override
        public void message(ByteBuffer object) throws IOException {
            largest = Math.max(largest, object.remaining());
            names.add(PodMetadata.of(object).name());
        }

        @Override
        public void document(DocumentNode object) {
            names.add(object.get("metadata").get("name").text());
        }
    };

    private static byte[] protobuf(int pods) {
        PodList.Builder list = PodList.newBuilder()
                .setMetadata(ListMeta.newBuilder()
                        .setResourceVersion("7")
                        .setContinue("token")
                        .setShardInfo(ShardInfo.newBuilder().setSelector("a shard")));
        for (int i = 0; i < pods; i++) {
            list.addItems(pod("web-" + i, "uid-" + i, 2));
        }
        return enveloped("PodList", list.build());
    }

    private static byte[] json() {
        return FakeJson.list(List.of(pod("web-0", "uid-0", 2), pod("web-1", "uid-1", 2)), "7", "token")
                .getBytes(StandardCharsets.UTF_8);
    }

    private ListEnd read(Wire wire, byte[] page, Random random) throws IOException {
        items.begin();
        return wire.list(body(page, random), items, Deadline.in(Duration.ofSeconds(30)));
    }

    @Test
    void aPageInProtobufIsReadPodByPod() throws IOException {
        byte[] page = protobuf(1000);
        assertThat(read(new ProtobufWire(), page, new Random(1))).isEqualTo(new ListEnd("7", "token", "a shard"));
        assertThat(names).hasSize(1000).startsWith("web-0", "web-1").endsWith("web-999");
        assertThat(largest).isLessThan(page.length / 100);
    }

    @Test
    void anEmptyPageHasItsMetadata() throws IOException {
        assertThat(read(new ProtobufWire(), protobuf(0), new Random(1)).version())
                .isEqualTo("7");
        assertThat(names).isEmpty();
    }

    @Test
    void aPageInJsonIsReadPodByPod() throws IOException {
        assertThat(read(new JsonWire(), json(), new Random(1))).isEqualTo(new ListEnd("7", "token", ""));
        assertThat(names).containsExactly("web-0", "web-1");
    }

    /** The order in which the API server writes lists of custom resources. */
    @Test
    void theMetadataMayComeLast() throws IOException {
        String page =
                "{\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{\"name\":\"a\"}},{\"metadata\":{\"name\":\"b\"}}],"
                        + "\"kind\":\"List\",\"metadata\":{\"continue\":\"\",\"resourceVersion\":\"9\","
                        + "\"shardInfo\":{\"selector\":\"s\"}}}\n";
        assertThat(read(new JsonWire(), page.getBytes(StandardCharsets.UTF_8), new Random(1)))
                .isEqualTo(new ListEnd("9", "", "s"));
        assertThat(names).containsExactly("a", "b");
    }

    @Test
    void anObjectThatIsTooLargeIsRefusedBeforeItComes() {
        // An envelope whose list announces an object of 2^31 - 1 bytes.
        byte[] page = {
            'k',
            '8',
            's',
            0,
            0x12,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            0x0f,
            0x12,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            0x07
        };
        assertThatThrownBy(() -> read(new ProtobufWire(), page, new Random(1)))
                .hasMessage("the API server announces an object of 2147483647 bytes in a list; it may have 2097152");
    }

    @Test
    void damagedPagesAreReadOrRefusedWithinTheirMemory() {
        byte[] protobuf = protobuf(5);
        byte[] json = json();
        int whole = 0;
        for (int seed = 1; seed <= PAGES; seed++) {
            Random random = new Random(seed);
            boolean isJson = random.nextInt(3) == 0;
            byte[] damaged = new Damage(random).of(isJson ? json : protobuf);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            try {
                read(isJson ? new JsonWire() : new ProtobufWire(), damaged, random);
                whole++;
            } catch (IOException e) {
                assertThat(e.getMessage()).as("seed %d", seed).isNotBlank().doesNotContain("gone silent");
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
                    .as("seed %d", seed)
                    .isLessThan(FEW + EACH * damaged.length);
        }
        assertThat(whole).isBetween(1, PAGES);
    }

    /** A body whose bytes come in parts of random sizes. */
    private static Body body(byte[] stream, Random random) {
        Body body = new Body();
        body.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long n) {}

            @Override
            public void cancel() {}
        });
        int at = 0;
        while (at < stream.length) {
            int length = Math.min(stream.length - at, 1 + random.nextInt(400));
            body.onNext(List.of(ByteBuffer.wrap(stream, at, length)));
            at += length;
        }
        body.onComplete();
        return body;
    }
}
