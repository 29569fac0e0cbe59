package io.podslice.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
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
        return new HttpListener(ANY_PORT, patience, request -> new HttpAnswer(200, "text/plain", "hello\n"));
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
        try (HttpListener listener = new HttpListener(
                ANY_PORT, Duration.ofMillis(300), request -> new HttpAnswer(200, "text/plain", large))) {
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
}
