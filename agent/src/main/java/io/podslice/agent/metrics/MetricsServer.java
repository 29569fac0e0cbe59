package io.podslice.agent.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.podslice.agent.api.ApiNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves {@code /metrics} over the JDK's own small HTTP server. */
final class MetricsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsServer.class);
    private static final int BACKLOG = 8;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int FAILED = 500;
    private static final int UNAVAILABLE = 503;

    private final Supplier<ApiNode> node;
    private final Exposition exposition;
    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Starts to listen.
     *
     * @param node the node that is scraped, once it is managed
     * @throws IOException if the address cannot be listened on
     */
    MetricsServer(InetSocketAddress address, Supplier<ApiNode> node, Exposition exposition) throws IOException {
        this.node = node;
        this.exposition = exposition;
        this.server = HttpServer.create(address, BACKLOG);
        server.setExecutor(executor);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Returns the address in the form that the configuration has. */
    static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals("/metrics")) {
                send(exchange, NOT_FOUND, "there is only /metrics\n");
            } else if (!exchange.getRequestMethod().equals("GET")) {
                send(exchange, METHOD_NOT_ALLOWED, "only GET\n");
            } else {
                metrics(exchange);
            }
        }
    }

    private void metrics(HttpExchange exchange) throws IOException {
        switch (node.get()) {
            case ApiNode.Opening() -> send(exchange, UNAVAILABLE, "podslice is still reading its state\n");
            case ApiNode.Unmanaged(String problem) -> send(exchange, UNAVAILABLE, problem + "\n");
            case ApiNode.Managed _ -> {
                Exposition.Page page;
                try {
                    page = exposition.scrape(exchange.getRequestHeaders().getFirst("Accept"));
                } catch (RuntimeException e) {
                    LOG.error("metrics: {}", String.valueOf(e.getMessage()), e);
                    send(exchange, FAILED, e.getMessage() + "\n");
                    return;
                }
                exchange.getResponseHeaders().set("Content-Type", page.contentType());
                send(exchange, OK, page.body());
            }
        }
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdown();
    }
}
