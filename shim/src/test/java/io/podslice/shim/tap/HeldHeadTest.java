package io.podslice.shim.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.MessageReader;
import io.podslice.shim.tap.Decision.Forward;
import io.podslice.shim.tap.Peer.Frame;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Held calls that a gRPC server would not take are refused as grpc-go's server refuses them. */
class HeldHeadTest {
    private static final String HELD = ":path: " + Deciding.PATH;
    private static final String STRICT = ":path: /s/Strict";
    private static final String POST = ":method: POST";
    private static final String GRPC = "content-type: application/grpc";

    private final Deciding deciding = new Deciding();
    private final Held strict = new Held() {
        @Override
        public boolean needsContentType() {
            return true;
        }

        @Override
        public void decide(HeldCall call, Consumer<Decision> answer) throws InterruptedException {
            deciding.decide(call, answer);
        }
    };

    @SuppressWarnings("NullAway.Init")
    private Junction junction;

    private void start(int... runtimeSettings) throws Exception {
        junction =
                new Junction(Map.of(Deciding.PATH, deciding, "/s/Strict", strict)).started(new int[0], runtimeSettings);
    }

    @AfterEach
    void stop() throws Exception {
        junction.close();
        junction.tapping.join();
    }

    private static byte[] message(String text) {
        return MessageReader.framed(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static Frame next(Peer peer) throws Exception {
        Frame frame = peer.next();
        while (frame.type() == Frames.WINDOW_UPDATE) {
            frame = peer.next();
        }
        return frame;
    }

    private void isRefused(String http, String status, String message, String... fields) throws Exception {
        junction.client.headers(1, false, fields);
        junction.client.data(1, true, message("hello"));
        Frame answer = next(junction.client);
        assertThat(answer.ends()).isTrue();
        assertThat(answer.fields())
                .containsExactly(":status: " + http, GRPC, "grpc-status: " + status, "grpc-message: " + message);
        assertThat(next(junction.client).toString()).isEqualTo("RST_STREAM(0)@1");
        assertThat(next(junction.runtime).fields()).containsExactly(fields);
        assertThat(next(junction.runtime).toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(deciding.calls).isEmpty();
        isHeldAndGoesOn(3);
    }

    private void isHeldAndGoesOn(int stream) throws Exception {
        deciding.decideNext(new Forward());
        junction.client.headers(stream, false, POST, HELD, GRPC, "grpc-timeout: 5M");
        junction.client.data(stream, true, message("hello"));
        assertThat(next(junction.runtime).stream()).isEqualTo(stream);
        assertThat(next(junction.runtime).payload()).isEqualTo(ByteBuffer.wrap(message("hello")));
        deciding.nextCall();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/grpcx", "text/plain"})
    void anotherContentTypeIsRefused(String type) throws Exception {
        start();
        isRefused(
                "415", "3", "invalid gRPC request content-type \"" + type + "\"", POST, HELD, "content-type: " + type);
    }

    @Test
    void noContentTypeIsRefusedWhereItIsNeeded() throws Exception {
        start();
        isRefused("415", "3", "invalid gRPC request content-type \"\"", POST, STRICT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"})
    void contentTypesOfGrpcAreTaken(String type) throws Exception {
        start();
        deciding.decideNext(new Forward());
        junction.client.headers(1, false, POST, STRICT, "content-type: " + type);
        junction.client.data(1, true, message("hello"));
        assertThat(next(junction.runtime).stream()).isEqualTo(1);
        assertThat(next(junction.runtime).payload()).isEqualTo(ByteBuffer.wrap(message("hello")));
    }

    @Test
    void anotherMethodThanPostIsRefused() throws Exception {
        start();
        isRefused(
                "405",
                "13",
                "Received a HEADERS frame with :method \"PUT\" which should be POST",
                ":method: PUT",
                HELD,
                GRPC);
    }

    @ParameterizedTest
    @CsvSource({
        "5, transport: timeout string is too short: \"5\"",
        "123456789S, transport: timeout string is too long: \"123456789S\"",
        "10s, transport: timeout unit is not recognized: \"10s\"",
        "1x0S, 'strconv.ParseUint: parsing \"1x0\": invalid syntax'",
        "-1S, 'strconv.ParseUint: parsing \"-1\": invalid syntax'"
    })
    void aTimeoutThatIsNoneIsRefused(String timeout, String text) throws Exception {
        start();
        isRefused("400", "13", "malformed grpc-timeout: " + text, POST, HELD, GRPC, "grpc-timeout: " + timeout);
    }

    @Test
    void aTimeoutOfNothingHasPassed() throws Exception {
        start();
        isRefused("200", "4", "context deadline exceeded", POST, HELD, GRPC, "grpc-timeout: 0S");
    }

    /** grpc-go answers it with Unimplemented: it is no method. */
    @Test
    void aPathWithoutItsSlashPassesToTheRuntime() throws Exception {
        start();
        junction.client.headers(1, false, POST, HELD.replace("/s/", "s/"), GRPC);
        junction.client.data(1, true, message("hello"));
        assertThat(next(junction.runtime).fields()).contains(":path: s/Held");
        assertThat(next(junction.runtime).payload()).isEqualTo(ByteBuffer.wrap(message("hello")));
    }

    @Test
    void aFrameAboveWhatTheRuntimeAllowsIsRefused() throws Exception {
        start();
        junction.client.headers(1, false, POST, HELD, GRPC);
        assertThat(next(junction.runtime).stream()).isEqualTo(1);
        junction.client.data(1, true, message("x".repeat(16_384 - 4)));
        assertThat(next(junction.client).toString()).isEqualTo("RST_STREAM(6)@1");
        assertThat(next(junction.runtime).toString()).isEqualTo("RST_STREAM(8)@1");
        isHeldAndGoesOn(3);
        assertThat(deciding.calls).isEmpty();
    }

    @Test
    void aFrameThatARuntimeHasAllowedIsTaken() throws Exception {
        start(Frames.SETTINGS_MAX_FRAME_SIZE, 20_000);
        deciding.decideNext(new Forward());
        junction.client.headers(1, false, POST, HELD, GRPC);
        junction.client.data(1, true, message("x".repeat(19_000)));
        deciding.nextCall();
        assertThat(next(junction.runtime).stream()).isEqualTo(1);
        assertThat(next(junction.runtime).type()).isEqualTo(Frames.DATA);
    }

    @Test
    void gzipThatEndsTooEarlySaysSo() throws Exception {
        start();
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write("hello".getBytes(StandardCharsets.UTF_8));
        }
        for (int length : new int[] {0, 3, 12, zipped.size() - 1}) {
            byte[] framed = MessageReader.framed(ByteBuffer.wrap(Arrays.copyOf(zipped.toByteArray(), length)));
            framed[0] = 1;
            int stream = 1 + 2 * length;
            junction.client.headers(stream, false, POST, HELD, GRPC, "grpc-encoding: gzip");
            junction.client.data(stream, true, framed);
            assertThat(next(junction.client).fields())
                    .contains("grpc-message: grpc: failed to decompress the received message: unexpected EOF");
        }
    }
}
