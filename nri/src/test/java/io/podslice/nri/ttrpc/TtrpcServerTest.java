package io.podslice.nri.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.podslice.proto.ttrpc.KeyValue;
import io.podslice.proto.ttrpc.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TtrpcServerTest {
    private final BlockingQueue<CallContext> contexts = new LinkedBlockingQueue<>();
    private final CountDownLatch gate = new CountDownLatch(1);
    private TtrpcRig rig = new TtrpcRig(this::answer);

    private ByteString answer(String method, ByteString payload, CallContext context) throws TtrpcException {
        contexts.add(context);
        return switch (method) {
            case "Say" -> payload;
            case "Refuse" -> throw new TtrpcException(TtrpcStatus.FAILED_PRECONDITION, payload.toStringUtf8());
            case "Break" -> throw new IllegalStateException("broken");
            case "Big" -> ByteString.copyFrom(new byte[5 << 20]);
            case "Wait" -> {
                await();
                yield payload;
            }
            default -> throw TtrpcService.unknown("test.Echo", method);
        };
    }

    private void await() {
        try {
            assertThat(gate.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void close() throws IOException {
        gate.countDown();
        rig.close();
    }

    private void expect(int stream, int code, @Nullable String message) throws IOException {
        TtrpcRig.Reply reply = rig.reply();
        assertThat(reply.connection()).isEqualTo(1);
        assertThat(reply.type()).isEqualTo(Message.RESPONSE);
        assertThat(reply.stream()).isEqualTo(stream);
        assertThat(reply.response().getStatus().getMessage()).isEqualTo(message == null ? "" : message);
        assertThat(reply.code()).isEqualTo(code);
    }

    private void expectWorks(int stream) throws IOException {
        rig.request(stream, "test.Echo", "Say", "still here");
        assertThat(rig.reply().text()).isEqualTo("still here");
    }

    @Test
    void answers_a_call() throws Exception {
        rig.request(1, "test.Echo", "Say", "hello");
        TtrpcRig.Reply reply = rig.reply();

        assertThat(reply.stream()).isEqualTo(1);
        assertThat(reply.text()).isEqualTo("hello");
        assertThat(reply.response().hasStatus()).isFalse();
    }

    @Test
    void tells_the_deadline_and_the_metadata() throws Exception {
        Request request = TtrpcRig.request("test.Echo", "Say", "x")
                .setTimeoutNano(Duration.ofSeconds(2).toNanos())
                .addMetadata(KeyValue.newBuilder().setKey("traceparent").setValue("00-1"))
                .addMetadata(KeyValue.newBuilder().setKey("traceparent").setValue("00-2"))
                .build();
        rig.send(1, 1, Message.REQUEST, 0, request.toByteArray());
        rig.reply();

        CallContext context = contexts.remove();
        assertThat(context.left(Duration.ofHours(1))).isBetween(Duration.ZERO, Duration.ofSeconds(2));
        assertThat(context.metadata()).containsEntry("traceparent", List.of("00-1", "00-2"));
    }

    @Test
    void a_call_without_deadline_has_none() throws Exception {
        rig.request(1, "test.Echo", "Say", "x");
        rig.reply();

        assertThat(contexts.remove().left(Duration.ofHours(1))).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void a_refusal_is_the_callers_status() throws Exception {
        rig.request(1, "test.Echo", "Refuse", "TopologyAffinityError: no");
        expect(1, TtrpcStatus.FAILED_PRECONDITION, "TopologyAffinityError: no");
    }

    @Test
    void a_fault_is_internal_and_ends_nothing() throws Exception {
        rig.request(1, "test.Echo", "Break", "");
        expect(1, TtrpcStatus.INTERNAL, "java.lang.IllegalStateException: broken");
        expectWorks(3);
    }

    @Test
    void an_unknown_method_or_service_is_unimplemented() throws Exception {
        rig.request(1, "test.Echo", "Sing", "");
        expect(1, TtrpcStatus.UNIMPLEMENTED, "method test.Echo.Sing is not implemented");
        rig.request(3, "test.Radio", "Say", "");
        expect(3, TtrpcStatus.UNIMPLEMENTED, "service test.Radio is not implemented");
    }

    @Test
    void calls_do_not_wait_for_each_other() throws Exception {
        rig.request(1, "test.Echo", "Wait", "slow");
        rig.request(3, "test.Echo", "Say", "fast");

        assertThat(rig.reply().text()).isEqualTo("fast");
        gate.countDown();
        assertThat(rig.reply().text()).isEqualTo("slow");
    }

    @Test
    void an_oversized_request_is_skipped_and_answered() throws Exception {
        byte[] big = new byte[Message.MAX_DATA + 1];
        rig.send(1, 1, Message.REQUEST, 0, big);
        expect(1, TtrpcStatus.RESOURCE_EXHAUSTED, "message length 4194305 exceeds the maximum of 4194304 bytes");
        expectWorks(3);
    }

    @Test
    void a_request_of_the_greatest_length_is_answered() throws Exception {
        // The envelope, of two strings and three lengths, takes the rest of a message.
        String text = "x".repeat(Message.MAX_DATA - 32);
        rig.request(1, "test.Echo", "Say", text);
        assertThat(rig.reply().text()).isEqualTo(text);
    }

    @Test
    void an_answer_that_is_too_long_is_told_instead() throws Exception {
        rig.request(1, "test.Echo", "Big", "");
        TtrpcRig.Reply reply = rig.reply();
        assertThat(reply.code()).isEqualTo(TtrpcStatus.RESOURCE_EXHAUSTED);
        assertThat(reply.response().getStatus().getMessage())
                .matches("message length \\d+ exceeds the maximum of 4194304 bytes");
        expectWorks(3);
    }

    @Test
    void stream_ids_are_odd_and_increase() throws Exception {
        rig.request(2, "test.Echo", "Say", "");
        expect(2, TtrpcStatus.INVALID_ARGUMENT, "stream id 2 must be odd");
        expectWorks(5);
        rig.request(5, "test.Echo", "Say", "");
        expect(5, TtrpcStatus.INVALID_ARGUMENT, "stream id 5 must be higher than the last, 5");
        rig.request(3, "test.Echo", "Say", "");
        expect(3, TtrpcStatus.INVALID_ARGUMENT, "stream id 3 must be higher than the last, 5");
    }

    @Test
    void streams_are_not_served() throws Exception {
        rig.send(1, 1, Message.REQUEST, Message.REMOTE_OPEN, new byte[0]);
        expect(1, TtrpcStatus.INVALID_ARGUMENT, "stream 1: only unary calls are served");
        rig.send(1, 1, Message.DATA, Message.REMOTE_CLOSED, new byte[3]);
        expect(1, TtrpcStatus.INVALID_ARGUMENT, "stream 1 is not open for data");
    }

    @Test
    void what_is_no_request_is_told_so() throws Exception {
        rig.send(1, 1, Message.REQUEST, 0, new byte[] {(byte) 0xff, 1, 2});
        TtrpcRig.Reply reply = rig.reply();
        assertThat(reply.code()).isEqualTo(TtrpcStatus.INVALID_ARGUMENT);
        assertThat(reply.response().getStatus().getMessage()).startsWith("the message cannot be read: ");
    }

    @Test
    void a_message_of_no_known_type_is_dropped() throws Exception {
        rig.send(1, 1, 77, 0, new byte[] {1});
        rig.send(1, 1, Message.RESPONSE, 0, new byte[] {1});
        expectWorks(1);
    }

    @Test
    void a_flood_of_calls_is_turned_away_not_queued() throws Exception {
        for (int i = 0; i < 65; i++) {
            rig.request(2 * i + 1, "test.Echo", "Wait", "");
        }
        expect(129, TtrpcStatus.RESOURCE_EXHAUSTED, "64 calls are being answered");
    }

    @Test
    void half_a_message_and_then_silence_ends_the_trunk() throws Exception {
        rig.close();
        rig = new TtrpcRig(this::answer, Duration.ofMillis(200));

        rig.peer.writeFrame(
                1, ByteBuffer.allocate(10).putInt(100).putInt(1).put((byte) 1).array());

        rig.mux.awaitEnd();
        assertThat(rig.mux.problem()).hasMessage("half a message, and nothing more for PT0.2S");
    }
}
