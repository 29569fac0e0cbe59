package io.podslice.cgroups.dbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DBusConnectionTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final String LATE = "late";

    @TempDir
    private Path folder;

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final DBusEvents events = new DBusEvents() {
        @Override
        public void signal(DBusMessage signal) throws DBusException {
            heard.add(signal.member() + signal.arguments());
        }

        @Override
        public void lateReply() {
            heard.add(LATE);
        }
    };

    private DBusConnection open() throws DBusException {
        return DBusConnection.open(folder.resolve("s"), LONG, events);
    }

    private FakePeer peer(FakePeer.Conversation conversation) throws IOException {
        return new FakePeer(folder.resolve("s"), conversation);
    }

    private static MethodCall call(String member, DBusValue... arguments) {
        return new MethodCall(null, "/o", "i.f", member, List.of(arguments));
    }

    private String heard() throws InterruptedException {
        return String.valueOf(heard.poll(LONG.toMillis(), TimeUnit.MILLISECONDS));
    }

    private static void echo(FakePeer.Client client) throws IOException, DBusException {
        while (true) {
            FakePeer.Received received = client.next();
            client.reply(received.serial(), received.call().arguments().toArray(DBusValue[]::new));
        }
    }

    /** systemd does not answer a message that it reads together with BEGIN. */
    @Test
    void noMessageCanComeTogetherWithBegin() throws Exception {
        Path socket = folder.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            CompletableFuture<DBusConnection> opened = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    opened.complete(open());
                } catch (DBusException e) {
                    opened.completeExceptionally(e);
                }
            });
            try (SocketChannel client = server.accept()) {
                ByteBuffer in = ByteBuffer.allocate(4096);
                StringBuilder sent = new StringBuilder();
                while (sent.indexOf("BEGIN\r\n") < 0 && client.read(in) >= 0) {
                    sent.append(StandardCharsets.ISO_8859_1.decode(in.flip()));
                    in.clear();
                }
                assertThat(sent.toString()).matches("\0AUTH EXTERNAL [0-9a-f]+\r\nBEGIN\r\n");
                assertThat(opened).isNotDone();
                client.write(ByteBuffer.wrap("OK 00\r\n".getBytes(StandardCharsets.US_ASCII)));
                opened.get(LONG.toMillis(), TimeUnit.MILLISECONDS).close();
            }
        }
    }

    @Test
    void callsAreAnswered() throws Exception {
        try (FakePeer peer = peer(DBusConnectionTest::echo);
                DBusConnection connection = open()) {
            assertThat(peer).isNotNull();
            assertThat(connection.call(call("A", DBusValue.text("x"), DBusValue.uint64(1)), LONG))
                    .containsExactly(DBusValue.text("x"), DBusValue.uint64(1));
            assertThat(connection.call(call("B"), LONG)).isEmpty();
        }
    }

    @Test
    void manyThreadsCallAtOnce() throws Exception {
        try (FakePeer peer = peer(DBusConnectionTest::echo);
                DBusConnection connection = open()) {
            assertThat(peer).isNotNull();
            List<CompletableFuture<List<DBusValue>>> calls = new ArrayList<>();
            for (int i = 0; i < PendingCalls.MOST; i++) {
                DBusValue own = DBusValue.uint64(i);
                CompletableFuture<List<DBusValue>> done = new CompletableFuture<>();
                calls.add(done);
                Thread.ofVirtual().start(() -> {
                    try {
                        done.complete(connection.call(call("A", own), LONG));
                    } catch (DBusException e) {
                        done.completeExceptionally(e);
                    }
                });
            }
            for (int i = 0; i < calls.size(); i++) {
                assertThat(calls.get(i).get()).containsExactly(DBusValue.uint64(i));
            }
        }
    }

    @Test
    void anErrorHasItsNameAndText() throws Exception {
        try (FakePeer peer = peer(client -> client.error(
                        client.next().serial(), "org.freedesktop.systemd1.NoSuchUnit", "Unit x not loaded."));
                DBusConnection connection = open()) {
            assertThat(peer).isNotNull();
            DBusException refused =
                    catchThrowableOfType(DBusException.class, () -> connection.call(call("GetUnit"), LONG));
            assertThat(refused.name()).isEqualTo("org.freedesktop.systemd1.NoSuchUnit");
            assertThat(refused).hasMessage("Unit x not loaded.");
        }
    }

    @Test
    void signalsAreHeardAmongAnswers() throws Exception {
        try (FakePeer peer = peer(client -> {
                    client.signal("", "/o", "i.f", "Before", DBusValue.bool(true));
                    FakePeer.Received received = client.next();
                    client.signal("", "/o", "i.f", "Between");
                    client.reply(received.serial());
                    client.next();
                });
                DBusConnection connection = open()) {
            assertThat(peer).isNotNull();
            connection.call(call("A"), LONG);

            assertThat(heard()).startsWith("Before[Bool");
            assertThat(heard()).isEqualTo("Between[]");
        }
    }

    @Test
    void aLateAnswerIsToldAndTheConnectionGoesOn() throws Exception {
        CompletableFuture<Boolean> givenUp = new CompletableFuture<>();
        try (FakePeer peer = peer(client -> {
                    FakePeer.Received first = client.next();
                    givenUp.join();
                    client.reply(first.serial(), DBusValue.text("too late"));
                    echo(client);
                });
                DBusConnection connection = open()) {
            assertThat(peer).isNotNull();
            DBusException unanswered =
                    catchThrowableOfType(DBusException.class, () -> connection.call(call("A"), SHORT));
            assertThat(unanswered.name()).isEqualTo(DBusException.NO_REPLY);
            givenUp.complete(true);

            assertThat(heard()).isEqualTo(LATE);
            assertThat(connection.call(call("B", DBusValue.text("in time")), LONG))
                    .containsExactly(DBusValue.text("in time"));
        }
    }

    @Test
    void unansweredCallsAreBounded() throws Exception {
        try (FakePeer peer = peer(client -> {
                    while (true) {
                        client.next();
                    }
                });
                DBusConnection connection = open()) {
            assertThat(peer).isNotNull();
            for (int i = 0; i < PendingCalls.MOST; i++) {
                assertThatThrownBy(() -> connection.call(call("A"), Duration.ofMillis(1)))
                        .isInstanceOf(DBusException.class);
            }
            assertThat(catchThrowableOfType(DBusException.class, () -> connection.call(call("A"), LONG))
                            .name())
                    .isEqualTo(DBusException.LIMITS_EXCEEDED);
        }
    }

    @Test
    void aPeerThatStopsReadingHoldsUpNoCaller() throws Exception {
        CompletableFuture<Boolean> end = new CompletableFuture<>();
        DBusValue large = DBusValue.text("x".repeat(500_000));
        try (FakePeer peer = peer(client -> end.join());
                DBusConnection connection = open()) {
            assertThat(peer).isNotNull();
            for (int i = 0; i < 4; i++) {
                assertThatThrownBy(() -> connection.call(call("A", large), SHORT))
                        .hasMessageContaining("no answer within");
            }
            end.complete(true);
            assertThat(connection.awaitClosed().name()).isEqualTo(DBusException.DISCONNECTED);
        }
    }

    @Test
    void aClosedConnectionFailsCallsUnderWayAndLater() throws Exception {
        try (FakePeer peer = peer(FakePeer.Client::next);
                DBusConnection connection = open()) {
            assertThat(peer).isNotNull();
            for (int i = 0; i < 2; i++) {
                assertThat(catchThrowableOfType(DBusException.class, () -> connection.call(call("A"), LONG))
                                .name())
                        .isEqualTo(DBusException.DISCONNECTED);
            }
            assertThat(connection.awaitClosed()).hasMessageContaining("closed by the peer");
        }
    }

    @Test
    void closingEndsTheConnection() throws Exception {
        CompletableFuture<Boolean> gone = new CompletableFuture<>();
        try (FakePeer peer = peer(client -> {
            try {
                echo(client);
            } finally {
                gone.complete(true);
            }
        })) {
            assertThat(peer).isNotNull();
            DBusConnection connection = open();
            // Until then the peer may not have heard the end of the handshake.
            assertThat(connection.call(call("A"), LONG)).isEmpty();
            connection.close();

            assertThat(connection.awaitClosed().name()).isEqualTo(DBusException.DISCONNECTED);
            assertThat(gone.get(LONG.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        }
    }

    @Test
    void anInterruptedCallerGetsItsAnswerAndTheConnectionStaysOpen() throws Exception {
        try (FakePeer peer = peer(DBusConnectionTest::echo);
                DBusConnection connection = open()) {
            assertThat(peer).isNotNull();
            Thread.currentThread().interrupt();
            assertThat(connection.call(call("A", DBusValue.text("x")), LONG)).containsExactly(DBusValue.text("x"));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(connection.call(call("B"), LONG)).isEmpty();
        }
    }

    @Test
    void aPeerThatBreaksTheProtocolIsLeft() throws Exception {
        try (FakePeer peer = peer(client -> {
                    client.next();
                    client.send(ByteBuffer.wrap("HTTP/1.1 400 Bad Request".getBytes(StandardCharsets.US_ASCII)));
                    client.next();
                });
                DBusConnection connection = open()) {
            assertThat(peer).isNotNull();
            assertThat(catchThrowableOfType(DBusException.class, () -> connection.call(call("A"), LONG))
                            .name())
                    .isEqualTo(DBusException.INCONSISTENT_MESSAGE);
        }
    }

    @Test
    void aSignalOfAnyTypeOfMessageThatIsNotKnownIsPassedOver() throws Exception {
        try (FakePeer peer = peer(client -> {
                    client.send(PeerMessage.message(77, 1, Map.of(), List.of()));
                    echo(client);
                });
                DBusConnection connection = open()) {
            assertThat(peer).isNotNull();
            assertThat(connection.call(call("A"), LONG)).isEmpty();
        }
    }

    @Test
    void aMessageLongerThanTheBufferIsTaken() throws Exception {
        String text = "x".repeat(900_000);
        try (FakePeer peer = peer(DBusConnectionTest::echo);
                DBusConnection connection = open()) {
            assertThat(peer).isNotNull();
            assertThat(connection.call(call("A", DBusValue.text(text)), LONG)).containsExactly(DBusValue.text(text));
            assertThat(connection.call(call("B"), LONG)).isEmpty();
        }
    }

    @Test
    void aRefusedUserIsToldSo() throws Exception {
        try (FakePeer peer = new FakePeer(folder.resolve("s"), "REJECTED ANONYMOUS\r\n", FakePeer.Client::next)) {
            assertThat(peer).isNotNull();
            DBusException refused = catchThrowableOfType(DBusException.class, this::open);
            assertThat(refused.name()).isEqualTo(DBusException.AUTH_FAILED);
            assertThat(refused).hasMessageContaining("REJECTED ANONYMOUS");
        }
    }

    @Test
    void aPeerThatDoesNotLetInIsLeftInTime() throws Exception {
        try (FakePeer peer = new FakePeer(folder.resolve("s"), "", FakePeer.Client::next)) {
            assertThat(peer).isNotNull();
            assertThatThrownBy(() -> DBusConnection.open(folder.resolve("s"), SHORT, events))
                    .hasMessageContaining("not let in within 50 ms");
        }
    }

    @Test
    void anAnswerToAuthWithoutAnEndIsRefused() throws Exception {
        try (FakePeer peer = new FakePeer(folder.resolve("s"), "x".repeat(5000), FakePeer.Client::next)) {
            assertThat(peer).isNotNull();
            assertThatThrownBy(this::open).hasMessageContaining("no answer to AUTH within 4096 bytes");
        }
    }

    @Test
    void aSocketThatIsNotThereIsSaid() {
        DBusException missing = catchThrowableOfType(DBusException.class, this::open);

        assertThat(missing.name()).isEqualTo(DBusException.DISCONNECTED);
        assertThat(missing).hasMessageContaining(folder.resolve("s").toString());
    }
}
