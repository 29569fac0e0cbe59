package io.podslice.agent.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A listener to which any user of the node may connect. */
class HttpListenerTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    private static final Duration LONG = Duration.ofSeconds(50);
    private static final String HELLO = """
            HTTP/1.1 200 OK\r
            Content-Type: text/plain\r
            Content-Length: 6\r
            Connection: close\r
            \r
            hello
            """;

    private final List<Socket> clients = new ArrayList<>();

    @AfterEach
    void closeClients() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
    }

    private static HttpListener listener(Duration patience) throws IOException {
        return listener(patience, 0, request -> new HttpAnswer(200, "text/plain", "hello\n"));
    }

    private static HttpListener listener(Duration patience, int mostBody, Function<HttpRequest, HttpReply> handler)
            throws IOException {
        return new HttpListener("test", Entrance.listen("test", ANY_PORT), patience, mostBody, handler);
    }

    private Socket client(HttpListener listener) throws IOException {
        Socket client = new Socket(ANY_PORT.getAddress(), listener.port());
        clients.add(client);
        client.setSoTimeout((int) LONG.toMillis());
        return client;
    }

    private Socket sending(HttpListener listener, String text) throws IOException {
        Socket client = client(listener);
        client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return client;
    }

    /** Reads until the listener closes, or resets what it has not read to its end. */
    private static String answer(Socket client) throws IOException {
        StringBuilder text = new StringBuilder();
        try {
            for (int next = client.getInputStream().read();
                    next >= 0;
                    next = client.getInputStream().read()) {
                text.append((char) next);
            }
        } catch (SocketException e) {
            text.append(" and reset");
        }
        return text.toString();
    }

    @Test
    void threeHundredHalfSentRequestsKeepNoOtherOut() throws IOException {
        long before = Thread.getAllStackTraces().size();
        try (HttpListener listener = listener(LONG)) {
            for (int i = 0; i < 300; i++) {
                sending(listener, "GET /metrics HTTP/1.1\r\nX-Slow: " + "x".repeat(i * 20));
            }
            for (int i = 0; i < 3; i++) {
                assertThat(answer(sending(listener, "GET /metrics HTTP/1.1\r\n\r\n")))
                        .isEqualTo(HELLO);
            }
            await().atMost(LONG).until(() -> closed() >= 300 - HttpListener.MOST_CONNECTIONS);
            assertThat(Thread.getAllStackTraces().size() - before).isLessThan(20);
        }
        await().atMost(LONG).until(() -> closed() == clients.size());
    }

    private long closed() throws IOException {
        long closed = 0;
        for (Socket client : clients) {
            closed += isClosed(client) ? 1 : 0;
        }
        return closed;
    }

    private static boolean isClosed(Socket client) throws IOException {
        client.setSoTimeout(1);
        try {
            return client.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    @Test
    void aRequestThatTakesTooLongIsEnded() throws IOException {
        try (HttpListener listener = listener(Duration.ofMillis(300))) {
            assertThat(answer(sending(listener, "GET /metrics HTTP/1.1\r\n"))).doesNotContain("HTTP");
            assertThat(answer(client(listener))).isEmpty();
        }
    }

    @Test
    void aClientThatReadsNothingIsEnded() throws Exception {
        String large = "x".repeat(32 << 20);
        try (HttpListener listener =
                listener(Duration.ofMillis(300), 0, request -> new HttpAnswer(200, "text/plain", large))) {
            Socket client = sending(listener, "GET / HTTP/1.1\r\n\r\n");
            Thread.sleep(1_000);
            assertThat(answer(client).length()).isLessThan(large.length());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'GET /metrics HTTP/1.0\\n\\n', 200",
        "'GET /metrics?x=1 HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n', 200",
        "'\\r\\nGET / HTTP/1.1\\r\\n\\r\\n', 200",
        "'POST / HTTP/1.1\\r\\nContent-Length: 5\\r\\n\\r\\nhello', 200",
        "'GET /metrics\\r\\n\\r\\n', 400",
        "'PRI * HTTP/2.0\\r\\n\\r\\n', 400",
        "'\\r\\n\\r\\n', 400"
    })
    void aRequestHasItsStatus(String request, int status) throws IOException {
        try (HttpListener listener = listener(LONG)) {
            Socket client = sending(listener, request.replace("\\r", "\r").replace("\\n", "\n"));
            client.shutdownOutput();
            assertThat(answer(client)).startsWith("HTTP/1.1 " + status + " ");
        }
    }

    @Test
    void aHeadThatIsTooLongIsRefused() throws IOException {
        try (HttpListener listener = listener(LONG)) {
            Socket client = sending(listener, "GET / HTTP/1.1\r\nX: " + "x".repeat(HttpRequest.MOST_BYTES) + "\r\n");
            client.shutdownOutput();
            assertThat(answer(client)).startsWith("HTTP/1.1 431 ").contains("at most 8192 bytes");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'Content-Length: 5', hello, 'hello'",
        "'Content-Length: 3', hello, 'hel'",
        "'X: y', hello, 'a request with a body must have a Content-Length'",
        "'Content-Length: 0x5', hello, 'Content-Length is no number'",
        "'Content-Length: 9', 123456789, 'the request''s body has 9 bytes; it may have at most 8'",
        "'Content-Length: 5\\r\\nTransfer-Encoding: chunked', hello, 'a request with a body must have a Content-Length'"
    })
    void theBodyOfAPostIsReadUpToItsBound(String fields, String body, String answer) throws IOException {
        try (HttpListener listener = listener(LONG, 8, request -> HttpAnswer.plain(200, request.body()))) {
            Socket client =
                    sending(listener, "POST / HTTP/1.1\r\n" + fields.replace("\\r\\n", "\r\n") + "\r\n\r\n" + body);
            client.shutdownOutput();
            assertThat(answer(client).strip()).endsWith("\r\n\r\n" + answer);
        }
    }

    private static HttpStream stream(HttpStream.Body body) {
        return new HttpStream("text/event-stream", List.of(), body);
    }

    @Test
    void aStreamMayWaitLongerThanThePatience() throws IOException {
        HttpStream slow = stream(sink -> {
            for (int i = 0; i < 5; i++) {
                Thread.sleep(150);
                sink.send(new byte[] {(byte) ('0' + i)});
            }
        });
        try (HttpListener listener = listener(Duration.ofMillis(300), 0, request -> slow)) {
            Socket client = sending(listener, "GET / HTTP/1.1\r\n\r\n");
            assertThat(answer(client)).endsWith("\r\n\r\n01234");
        }
    }

    @Test
    void theReaderOfAStreamThatDoesNotReadIsDropped() throws Exception {
        CompletableFuture<Boolean> dropped = new CompletableFuture<>();
        HttpStream endless = stream(sink -> {
            try {
                while (true) {
                    sink.send(new byte[1 << 20]);
                }
            } catch (IOException e) {
                dropped.complete(true);
                throw e;
            }
        });
        try (HttpListener listener = listener(Duration.ofMillis(300), 0, request -> endless)) {
            sending(listener, "GET / HTTP/1.1\r\n\r\n");
            assertThat(dropped.get(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aStreamEndsWithTheListenerAndOthersDoNotTakeItsPlace() throws Exception {
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        HttpStream silent = stream(sink -> {
            sink.send(new byte[] {'a'});
            try {
                Thread.sleep(LONG);
            } catch (InterruptedException e) {
                ended.complete(true);
                throw e;
            }
        });
        try (HttpListener listener = listener(LONG, 0, request -> silent)) {
            Socket first = sending(listener, "GET / HTTP/1.1\r\n\r\n");
            assertThat(first.getInputStream().readNBytes(20)).hasSize(20);
            for (int i = 0; i < 40; i++) {
                sending(listener, "GET / HTTP/1.1\r\n");
            }
            await().atMost(LONG).until(() -> closed() >= 40 - HttpListener.MOST_CONNECTIONS);
            assertThat(ended).isNotDone();
        }
        assertThat(ended.get(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aUnixSocketIsItsOwnersAlone(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("page.sock");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        Entrance entrance = Entrance.listen("api.page", address);
        try (HttpListener listener =
                        new HttpListener("test", entrance, LONG, 0, request -> HttpAnswer.plain(200, "hello\n"));
                SocketChannel client = SocketChannel.open(address)) {
            assertThat(listener.port()).isEqualTo(-1);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
            client.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1)));
            client.shutdownOutput();
            assertThat(new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .endsWith("\r\n\r\nhello\n");
            assertThatThrownBy(() -> Entrance.listen("api.page", address).close())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("api.page unix://" + path + ": another process listens there");
        }
        assertThat(path).doesNotExist();
    }
}
