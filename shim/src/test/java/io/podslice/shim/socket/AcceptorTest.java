package io.podslice.shim.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class AcceptorTest {
    private static final Path PATH = Path.of("/run/acceptor-test.sock");

    private final Deque<IOException> failures = new ArrayDeque<>();
    private final List<SocketChannel> accepted = new ArrayList<>();

    private void descriptorsRunOut(int times) {
        for (int i = 0; i < times; i++) {
            failures.add(new IOException("Too many open files"));
        }
    }

    /** Returns the lines of the log about this socket. */
    private List<String> logged(Runnable task) {
        PrintStream before = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            task.run();
        } finally {
            System.setErr(before);
        }
        return bytes.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains(PATH.toString()))
                .toList();
    }

    @Test
    void withoutDescriptorsItGoesOnTryingAndSaysSoOnceUntilOneIsThere() throws IOException {
        descriptorsRunOut(5);
        try (SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            Acceptor.Source source = () -> {
                IOException failure = failures.poll();
                if (failure != null) {
                    throw failure;
                }
                if (accepted.size() == 2) {
                    throw new ClosedChannelException();
                }
                return connection;
            };
            Acceptor acceptor = new Acceptor(PATH, source, channel -> {
                accepted.add(channel);
                if (accepted.size() == 1) {
                    descriptorsRunOut(2);
                }
            });

            List<String> lines = logged(acceptor::acceptAll);

            assertThat(accepted).containsExactly(connection, connection);
            assertThat(lines.stream().filter(line -> line.contains("Too many open files")))
                    .as("once for each time without any: %s", lines)
                    .hasSize(2);
            assertThat(lines.stream().filter(line -> line.contains("accepted again")))
                    .as("%s", lines)
                    .hasSize(2);
        }
    }

    @Test
    void itGivesSignsOfLifeUnlessAConnectionIsNotHandedOn() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch given = new CountDownLatch(1);
        CountDownLatch handing = new CountDownLatch(1);
        CountDownLatch handedOn = new CountDownLatch(1);
        try (SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            Acceptor.Source source = () -> {
                if (asked.getCount() == 0) {
                    throw new ClosedChannelException();
                }
                asked.countDown();
                awaits(given);
                return connection;
            };
            Acceptor acceptor = new Acceptor(PATH, source, channel -> {
                handing.countDown();
                awaits(handedOn);
            });
            Thread accepting = Thread.ofPlatform().start(acceptor::acceptAll);
            asked.await();
            assertThat(acceptor.lives(Duration.ZERO))
                    .as("it waits for a connection")
                    .isTrue();
            given.countDown();
            handing.await();
            assertThat(acceptor.lives(Duration.ofMinutes(10))).isTrue();
            assertThat(acceptor.lives(Duration.ZERO)).isFalse();
            handedOn.countDown();
            accepting.join();
            assertThat(acceptor.lives(Duration.ofMinutes(10)))
                    .as("it has ended")
                    .isFalse();
        }
    }

    private static void awaits(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aConnectionThatCannotBeServedCostsNoOtherOne() throws IOException {
        try (SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            Acceptor.Source source = () -> {
                if (accepted.size() == 3) {
                    throw new ClosedChannelException();
                }
                return connection;
            };
            Acceptor acceptor = new Acceptor(PATH, source, channel -> {
                accepted.add(channel);
                throw new IllegalStateException("a fault in what serves it");
            });

            assertThat(logged(acceptor::acceptAll)).hasSize(3).allMatch(line -> line.contains("could not be served"));
            assertThat(accepted).hasSize(3);
        }
    }
}
