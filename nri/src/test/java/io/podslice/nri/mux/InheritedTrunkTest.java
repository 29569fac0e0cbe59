package io.podslice.nri.mux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jnr.unixsocket.UnixSocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InheritedTrunkTest {
    private final UnixSocketChannel[] pair;

    InheritedTrunkTest() throws IOException {
        pair = UnixSocketChannel.pair();
    }

    @Test
    void carries_bytes_both_ways() throws Exception {
        Trunk trunk = InheritedTrunk.adopt(pair[0].getFD());
        pair[1].write(ByteBuffer.wrap("there".getBytes(US_ASCII)));
        ByteBuffer in = ByteBuffer.allocate(10);

        assertThat(trunk.read(in)).isEqualTo(5);
        trunk.writeSome(ByteBuffer.wrap("back".getBytes(US_ASCII)));
        ByteBuffer back = ByteBuffer.allocate(4);
        assertThat(pair[1].read(back)).isEqualTo(4);
        pair[1].close();
        assertThat(trunk.read(in)).isEqualTo(-1);
    }

    @Test
    void closing_wakes_who_reads() throws Exception {
        Multiplexer mux = new Multiplexer(InheritedTrunk.adopt(pair[0].getFD()), MuxOptions.DEFAULT);
        MuxConnection one = mux.open(1);
        mux.start();
        CompletableFuture<Boolean> reading = CompletableFuture.supplyAsync(() -> {
            try {
                return one.beginMessage();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        mux.close();

        assertThat(reading.get(30, TimeUnit.SECONDS)).isFalse();
        assertThat(pair[1].read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void a_descriptor_that_is_not_there_is_an_error_that_names_it() {
        assertThatThrownBy(() -> InheritedTrunk.adopt(999))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("descriptor 999 is no connected socket: ");
    }
}
