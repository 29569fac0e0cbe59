package io.podslice.nri.mux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MultiplexerTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(200);

    private final Channels channels = Channels.connected();
    private final RawPeer peer = new RawPeer(channels.theirs());
    private Multiplexer mux = new Multiplexer(SocketTrunk.of(channels.ours()), MuxOptions.DEFAULT);

    @AfterEach
    void close() throws IOException {
        mux.close();
        channels.close();
    }

    private void impatient() {
        mux = new Multiplexer(SocketTrunk.of(channels.ours()), new MuxOptions(1 << 20, 1 << 16, SHORT));
    }

    private static String read(MuxConnection connection, int count) throws Exception {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        connection.readFully(buffer, LONG);
        return new String(buffer.array(), US_ASCII);
    }

    @Test
    void connections_carry_bytes_beside_each_other() throws Exception {
        MuxConnection one = mux.open(1);
        MuxConnection two = mux.open(2);
        mux.start();

        peer.writeFrame(2, "second".getBytes(US_ASCII));
        peer.writeFrame(1, "fir".getBytes(US_ASCII));
        peer.writeFrame(1, "st".getBytes(US_ASCII));
        one.write(ByteBuffer.wrap("answer".getBytes(US_ASCII)));

        assertThat(read(one, 5)).isEqualTo("first");
        assertThat(read(two, 6)).isEqualTo("second");
        RawPeer.Frame frame = peer.readFrame();
        assertThat(frame.id()).isEqualTo(1);
        assertThat(US_ASCII.decode(frame.payload()).toString()).isEqualTo("answer");
    }

    @Test
    void a_frame_may_come_in_any_pieces() throws Exception {
        MuxConnection one = mux.open(1);
        mux.start();

        byte[] bytes = ByteBuffer.allocate(8 + 3)
                .putInt(1)
                .putInt(3)
                .put("abc".getBytes(US_ASCII))
                .array();
        for (byte b : bytes) {
            peer.write(new byte[] {b});
        }

        assertThat(read(one, 3)).isEqualTo("abc");
    }

    @Test
    void frames_of_connections_that_nobody_has_opened_are_dropped() throws Exception {
        MuxConnection one = mux.open(1);
        mux.start();

        peer.writeFrame(0, new byte[100_000]);
        peer.writeFrame(-1, new byte[100_000]);
        peer.writeFrame(1, "here".getBytes(US_ASCII));

        assertThat(read(one, 4)).isEqualTo("here");
    }

    @Test
    void an_empty_frame_is_nothing() throws Exception {
        MuxConnection one = mux.open(1);
        mux.start();

        peer.writeFrame(1, new byte[0]);
        peer.writeFrame(1, "x".getBytes(US_ASCII));

        assertThat(one.beginMessage()).isTrue();
        assertThat(read(one, 1)).isEqualTo("x");
    }

    @Test
    void of_several_that_wait_one_reads_a_message_to_its_end() throws Exception {
        MuxConnection one = mux.open(1);
        mux.start();
        Queue<String> messages = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<Void>> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            readers.add(CompletableFuture.runAsync(
                    () -> {
                        try {
                            while (one.beginMessage()) {
                                messages.add(read(one, 4));
                                one.endMessage();
                            }
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    command -> Thread.ofPlatform().start(command)));
        }

        for (int i = 1000; i < 3000; i++) {
            byte[] message = Integer.toString(i).getBytes(US_ASCII);
            peer.writeFrame(1, Arrays.copyOf(message, 1));
            peer.writeFrame(1, Arrays.copyOfRange(message, 1, 4));
        }
        channels.theirs().close();

        for (CompletableFuture<Void> reader : readers) {
            reader.get(30, TimeUnit.SECONDS);
        }
        assertThat(messages)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(1000, 3000).mapToObj(Integer::toString).toList());
    }

    @Test
    void a_connection_whose_bytes_nobody_takes_holds_the_other_end_back() throws Exception {
        MuxConnection one = mux.open(1);
        mux.start();
        byte[] much = new byte[8 << 20];

        CompletableFuture<Void> written = CompletableFuture.runAsync(() -> {
            try {
                peer.writeFrame(1, much);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });

        assertThatThrownBy(() -> written.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        one.skip(much.length, LONG);
        written.get(30, TimeUnit.SECONDS);
    }

    @Test
    void what_has_come_before_the_end_can_still_be_read() throws Exception {
        MuxConnection one = mux.open(1);
        mux.start();

        peer.writeFrame(1, "last".getBytes(US_ASCII));
        channels.theirs().close();
        mux.awaitEnd();

        assertThat(read(one, 4)).isEqualTo("last");
        assertThat(one.beginMessage()).isFalse();
        assertThat(mux.problem()).isInstanceOf(EOFException.class).hasMessage("the other end has closed");
    }

    @Test
    void a_frame_that_is_longer_than_any_ends_the_trunk() throws Exception {
        mux.open(1);
        mux.start();

        peer.write(ByteBuffer.allocate(8).putInt(1).putInt(-1).array());
        mux.awaitEnd();

        assertThat(mux.problem()).hasMessage("frame of connection 1: length 4294967295 is more than 16777226");
    }

    @Test
    void half_a_frame_and_then_the_end_is_told_from_an_end() throws Exception {
        MuxConnection one = mux.open(1);
        mux.start();

        peer.write(ByteBuffer.allocate(9).putInt(1).putInt(2).put((byte) 'h').array());
        channels.theirs().close();
        mux.awaitEnd();

        assertThat(mux.problem()).hasMessage("the other end has closed in the middle of a frame");
        assertThat(one.beginMessage()).isTrue();
    }

    @Test
    void half_a_header_and_then_silence_ends_the_trunk() throws Exception {
        impatient();
        MuxConnection one = mux.open(1);
        mux.start();

        peer.write(new byte[] {0, 0, 0});

        mux.awaitEnd();
        assertThat(mux.problem()).hasMessageStartingWith("half a frame, and nothing more for");
        assertThat(one.beginMessage()).isFalse();
    }

    @Test
    void half_a_payload_and_then_silence_ends_the_trunk() throws Exception {
        impatient();
        mux.open(1);
        mux.start();

        peer.write(ByteBuffer.allocate(9).putInt(1).putInt(2).put((byte) 'h').array());

        mux.awaitEnd();
        assertThat(mux.problem()).hasMessageStartingWith("half a frame, and nothing more for");
    }

    @Test
    void silence_between_frames_is_none_of_its_business() throws Exception {
        impatient();
        MuxConnection one = mux.open(1);
        mux.start();

        peer.writeFrame(1, "a".getBytes(US_ASCII));
        assertThat(read(one, 1)).isEqualTo("a");
        Thread.sleep(4 * SHORT.toMillis());
        peer.writeFrame(1, "b".getBytes(US_ASCII));

        assertThat(read(one, 1)).isEqualTo("b");
    }

    @Test
    void who_writes_to_an_end_that_reads_nothing_is_not_held_for_ever() throws Exception {
        impatient();
        MuxConnection one = mux.open(1);
        mux.start();

        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        one.write(ByteBuffer.allocate(1 << 20));
                    }
                })
                .isInstanceOf(IOException.class);
        assertThat(mux.problem()).hasMessageStartingWith("the other end has read nothing for");
    }

    @Test
    void closing_wakes_everybody() throws Exception {
        MuxConnection one = mux.open(1);
        mux.start();
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return one.beginMessage();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        mux.close();

        assertThat(waiting.get(30, TimeUnit.SECONDS)).isFalse();
        assertThatThrownBy(() -> one.write(ByteBuffer.allocate(1))).hasMessage("the trunk is closed: closed");
        assertThat(mux.open(2).beginMessage()).isFalse();
    }

    @Test
    void connection_0_is_reserved() {
        assertThatThrownBy(() -> mux.open(0)).hasMessage("connection id 0: must be 1 or more");
    }

    @Test
    void nobody_listening_is_an_io_error() {
        assertThatThrownBy(() -> SocketTrunk.connect(Path.of("/nowhere/nri.sock")))
                .isInstanceOf(IOException.class);
    }
}
