package io.podslice.shim.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.podslice.grpc.GrpcResponse;
import io.podslice.grpc.GrpcStatus;
import io.podslice.grpc.Header;
import io.podslice.grpc.UnixSocket;
import io.podslice.shim.GrpcRuntime;
import io.podslice.shim.runtime.RuntimeCall.Result;
import io.podslice.shim.tap.Decision;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What podslice makes of the runtime's answer, and of a client's call that it makes in its place. */
class RuntimeCallTest {
    private static final Metadata.Key<String> TRACE = Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
    private static final ByteBuffer REQUEST = ByteBuffer.wrap(new byte[] {1, 2});

    @TempDir
    private Path folder;

    private static Result end(int code, String text) {
        List<Header> trailers = List.of(new Header("grpc-status", Integer.toString(code)));
        return new Result(new GrpcResponse(new GrpcStatus(code, text), List.of(), null, trailers));
    }

    @ParameterizedTest
    @CsvSource({
        "12, unknown method, true",
        "2, not implemented, true",
        "2, something else, false",
        "5, not implemented, false",
        "0, '', false"
    })
    void aRuntimeThatLacksTheMethodSaysSoInTwoWays(int code, String text, boolean lacks) {
        assertThat(end(code, text).lacksMethod()).isEqualTo(lacks);
    }

    @Test
    void anAnswerIsPassedOnFieldByField() {
        List<Header> headers = List.of(new Header(":status", "200"), new Header("b", "1"));
        List<Header> trailers = List.of(new Header("grpc-status", "9"));
        ByteBuffer message = ByteBuffer.wrap(new byte[] {7});
        Result result = new Result(new GrpcResponse(new GrpcStatus(9, "no"), headers, message, trailers));
        assertThat(result.reply()).isEqualTo(new Decision.Relay(headers, message, trailers));
        assertThat(result.message().hasRemaining()).isFalse();
    }

    @Test
    void aCallWithoutAnAnswerFailsWithItsStatus() {
        GrpcStatus status = GrpcStatus.expired();
        Result result = new Result(new GrpcResponse(status, List.of(), null, List.of()));
        assertThat(result.reply()).isEqualTo(new Decision.Fail(status));
    }

    @Test
    void aClientsCallIsRepeatedWithItsMetadataAndTheRestOfItsTime() throws Exception {
        BlockingQueue<Metadata> seen = new LinkedBlockingQueue<>();
        try (GrpcRuntime runtime = new GrpcRuntime(folder.resolve("s"))) {
            runtime.unary("s/M", (request, observer) -> {
                seen.add(GrpcRuntime.HEADERS.get());
                observer.onNext(request);
                observer.onCompleted();
            });
            Result result = new RuntimeCall(new UnixSocket("the runtime", folder.resolve("s"), Duration.ofSeconds(5)))
                    .repeat(
                            "/s/M",
                            List.of(new Header(":path", "/other"), new Header("traceparent", "00-abc")),
                            REQUEST.duplicate(),
                            Optional.of(Duration.ofMinutes(10)),
                            System.nanoTime() - TimeUnit.MINUTES.toNanos(4));
            assertThat(result.isOk()).isTrue();
            assertThat(result.message()).isEqualTo(REQUEST);
            Metadata headers = seen.take();
            assertThat(headers.get(TRACE)).isEqualTo("00-abc");
            String timeout = headers.get(Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER));
            assertThat(timeout).endsWith("m");
            long millis = Long.parseLong(timeout.substring(0, timeout.length() - 1));
            assertThat(millis).isBetween(1L, TimeUnit.MINUTES.toMillis(6));
        }
    }
}
