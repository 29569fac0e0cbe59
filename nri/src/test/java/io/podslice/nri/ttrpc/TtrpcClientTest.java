package io.podslice.nri.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.podslice.proto.ttrpc.Request;
import io.podslice.proto.ttrpc.Response;
import io.podslice.proto.ttrpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TtrpcClientTest {
    private final TtrpcRig rig = new TtrpcRig((method, payload, context) -> payload);

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    private CompletableFuture<String> call(String text, Duration timeout) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return rig.client
                                .call(
                                        "test.Runtime",
                                        "Ask",
                                        ByteString.copyFromUtf8(text),
                                        timeout,
                                        Map.of("traceparent", "00"))
                                .toStringUtf8();
                    } catch (TtrpcException e) {
                        return e.code() + " " + e.getMessage();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }

    private void answer(int stream, Response response) throws IOException {
        rig.send(2, stream, Message.RESPONSE, 0, response.toByteArray());
    }

    private static Response ok(String text) {
        return Response.newBuilder().setPayload(ByteString.copyFromUtf8(text)).build();
    }

    private static String get(CompletableFuture<String> call) throws Exception {
        return call.get(30, TimeUnit.SECONDS);
    }

    @Test
    void calls_and_is_answered() throws Exception {
        CompletableFuture<String> call = call("hello", Duration.ofSeconds(7));
        TtrpcRig.Reply sent = rig.reply();
        Request request = Request.parseFrom(sent.data());
        answer(sent.stream(), ok("well"));

        assertThat(sent.connection()).isEqualTo(2);
        assertThat(sent.type()).isEqualTo(Message.REQUEST);
        assertThat(request.getService()).isEqualTo("test.Runtime");
        assertThat(request.getMethod()).isEqualTo("Ask");
        assertThat(request.getTimeoutNano()).isEqualTo(7_000_000_000L);
        assertThat(request.getMetadata(0).getKey()).isEqualTo("traceparent");
        assertThat(get(call)).isEqualTo("well");
    }

    @Test
    void answers_find_their_callers_in_any_order() throws Exception {
        CompletableFuture<String> first = call("a", Duration.ofSeconds(30));
        TtrpcRig.Reply one = rig.reply();
        CompletableFuture<String> second = call("b", Duration.ofSeconds(30));
        TtrpcRig.Reply two = rig.reply();

        answer(two.stream(), ok("B"));
        assertThat(get(second)).isEqualTo("B");
        answer(one.stream(), ok("A"));
        assertThat(get(first)).isEqualTo("A");
        assertThat(one.stream()).isEqualTo(1);
        assertThat(two.stream()).isEqualTo(3);
    }

    @Test
    void the_servers_status_is_thrown() throws Exception {
        CompletableFuture<String> call = call("x", Duration.ofSeconds(30));
        answer(
                rig.reply().stream(),
                Response.newBuilder()
                        .setStatus(Status.newBuilder().setCode(9).setMessage("no such plugin"))
                        .build());
        assertThat(get(call)).isEqualTo("9 no such plugin");
    }

    @Test
    void an_answer_after_the_deadline_is_dropped() throws Exception {
        CompletableFuture<String> late = call("x", Duration.ofMillis(50));
        assertThat(get(late)).isEqualTo("4 test.Runtime.Ask: no answer within PT0.05S");
        answer(rig.reply().stream(), ok("late"));

        CompletableFuture<String> next = call("y", Duration.ofSeconds(30));
        answer(rig.reply().stream(), ok("in time"));
        assertThat(get(next)).isEqualTo("in time");
    }

    @Test
    void answers_that_nobody_has_asked_for_are_dropped() throws Exception {
        answer(99, ok("what?"));
        rig.send(2, 1, Message.DATA, 0, new byte[3]);
        CompletableFuture<String> call = call("x", Duration.ofSeconds(30));
        answer(rig.reply().stream(), ok("fine"));
        assertThat(get(call)).isEqualTo("fine");
    }

    @Test
    void an_answer_that_cannot_be_read_or_is_too_long_fails_its_call_alone() throws Exception {
        CompletableFuture<String> garbled = call("x", Duration.ofSeconds(30));
        rig.send(2, rig.reply().stream(), Message.RESPONSE, 0, new byte[] {(byte) 0xff});
        assertThat(get(garbled)).startsWith("13 the answer cannot be read: ");

        CompletableFuture<String> long_ = call("x", Duration.ofSeconds(30));
        rig.send(2, rig.reply().stream(), Message.RESPONSE, 0, new byte[Message.MAX_DATA + 1]);
        assertThat(get(long_)).isEqualTo("8 message length 4194305 exceeds the maximum of 4194304 bytes");
    }

    @Test
    void a_request_that_is_too_long_is_not_sent() throws Exception {
        ThrowingCallable tooLong = () -> rig.client.call(
                "s", "m", ByteString.copyFrom(new byte[Message.MAX_DATA]), Duration.ofSeconds(30), Map.of());
        assertThatThrownBy(tooLong).hasMessageContaining("exceeds the maximum of 4194304 bytes");

        CompletableFuture<String> next = call("y", Duration.ofSeconds(30));
        TtrpcRig.Reply sent = rig.reply();
        assertThat(sent.stream()).isEqualTo(1);
        answer(1, ok("z"));
        assertThat(get(next)).isEqualTo("z");
    }

    @Test
    void the_end_of_the_trunk_fails_who_waits_and_who_comes() throws Exception {
        CompletableFuture<String> waiting = call("x", Duration.ofSeconds(30));
        rig.reply();
        rig.channels.theirs().close();

        assertThat(get(waiting)).startsWith("14 ");
        assertThat(get(call("y", Duration.ofSeconds(30)))).startsWith("14 ");
    }

    @Test
    void both_sides_call_at_once_on_one_trunk() throws Exception {
        CompletableFuture<String> ours = call("x".repeat(100_000), Duration.ofSeconds(30));
        rig.request(1, "test.Echo", "Say", "y".repeat(100_000));

        for (int i = 0; i < 2; i++) {
            TtrpcRig.Reply message = rig.reply();
            if (message.connection() == 1) {
                assertThat(message.text()).isEqualTo("y".repeat(100_000));
            } else {
                answer(message.stream(), ok("ok"));
            }
        }
        assertThat(get(ours)).isEqualTo("ok");
    }
}
