package io.podslice.cluster.apiserver;

import static io.podslice.cluster.apiserver.FakeApiServer.enveloped;
import static io.podslice.cluster.apiserver.FakeApiServer.framed;
import static io.podslice.cluster.apiserver.TestPods.mirror;
import static io.podslice.cluster.apiserver.TestPods.pod;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.podslice.cluster.pod.PodMetadata;
import io.podslice.cluster.pod.PodReader;
import io.podslice.node.SpecSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Reads watch streams that were damaged at random, in protobuf and in JSON. Each ends, or fails with an IOException, and
 * costs memory in proportion to its bytes.
 */
@Tag("fuzz")
class WatchFuzzTest {
    private static final int STREAMS = Boolean.getBoolean("podslice.long") ? 1_000_000 : 50_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Bytes of heap for a stream of no bytes, and for each byte: a YAML or JSON part has about 150 and takes two. */
    private static final long FEW = 256 << 10;

    private static final long EACH = 400;

    @Test
    void damaged_streams_in_protobuf() throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.writeBytes(framed("ADDED", enveloped("Pod", pod("web", "uid-1", 2))));
        stream.writeBytes(framed("BOOKMARK", enveloped("Pod", pod("", "", 0))));
        stream.writeBytes(framed("MODIFIED", enveloped("Pod", mirror("etcd-n1", "uid-2", "static", 4))));
        stream.writeBytes(FakeApiServer.error(410, "too old"));
        stream.writeBytes(framed("DELETED", enveloped("Pod", pod("web", "uid-1", 2))));
        assertThat(events(new ProtobufWire(), stream.toByteArray(), new Random(0)))
                .isEqualTo(5);

        int readable = 0;
        for (int seed = 1; seed <= STREAMS; seed++) {
            readable += one(new ProtobufWire(), stream.toByteArray(), seed);
        }
        assertThat(readable).isBetween(1, 5 * STREAMS);
    }

    @Test
    void damaged_streams_in_json() throws IOException {
        String stream = FakeJson.event("ADDED", FakeJson.pod(pod("web", "uid-1", 2))) + "\n"
                + FakeJson.event("MODIFIED", FakeJson.pod(mirror("etcd-n1", "uid-2", "static", 4))) + "\n"
                + FakeJson.event("ERROR", FakeJson.status(410, "too old")) + "\n"
                + FakeJson.event("DELETED", FakeJson.pod(pod("web", "uid-1", 2))) + "\n";
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        assertThat(events(new JsonWire(), bytes, new Random(0))).isEqualTo(4);

        int readable = 0;
        for (int seed = 1; seed <= STREAMS; seed++) {
            readable += one(new JsonWire(), bytes, seed);
        }
        assertThat(readable).isBetween(1, 4 * STREAMS);
    }

    private static int one(Wire wire, byte[] stream, int seed) {
        Random random = new Random(seed);
        byte[] damaged = damaged(stream, random);
        try {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            int events = events(wire, damaged, random);
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(FEW + EACH * damaged.length);
            return events;
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    /** Returns the number of events that could be read before the end. */
    private static int events(Wire wire, byte[] stream, Random random) {
        int events = 0;
        Deadline deadline = Deadline.in(Duration.ofSeconds(30));
        try {
            Body body = body(stream, random);
            Optional<PodEvent> event = wire.next(body, deadline);
            while (event.isPresent()) {
                events++;
                if (event.get() instanceof PodEvent.Changed(ByteBuffer pod)) {
                    PodMetadata.of(pod);
                    PodReader.read(SpecSource.API_SERVER, pod);
                }
                event = wire.next(body, deadline);
            }
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotBlank().doesNotContain("gone silent");
        }
        return events;
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
            List<ByteBuffer> part = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0 && at < stream.length; i--) {
                int length = Math.min(stream.length - at, random.nextInt(200));
                part.add(ByteBuffer.wrap(stream, at, length));
                at += length;
            }
            body.onNext(part);
        }
        body.onComplete();
        return body;
    }

    private static byte[] damaged(byte[] stream, Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(stream);
        byte[] bytes = out.toByteArray();
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = cut(bytes, at, Math.min(bytes.length, at + random.nextInt(8)));
                default -> bytes = doubled(bytes, at, Math.min(bytes.length, at + random.nextInt(64)));
            }
            if (bytes.length == 0) {
                break;
            }
        }
        return bytes;
    }

    private static byte[] cut(byte[] bytes, int from, int to) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, from);
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }

    private static byte[] doubled(byte[] bytes, int from, int to) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, to);
        out.write(bytes, from, bytes.length - from);
        return out.toByteArray();
    }
}
