package io.podslice.agent.metrics;

import io.podslice.agent.api.ApiNode;
import io.podslice.agent.http.Entrance;
import io.podslice.agent.http.HttpAnswer;
import io.podslice.agent.http.HttpListener;
import io.podslice.agent.http.HttpRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves {@code /metrics}. */
final class MetricsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsServer.class);

    /** The time for a request; Prometheus itself waits 10 s by default. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int FAILED = 500;
    private static final int UNAVAILABLE = 503;

    private final Supplier<ApiNode> node;
    private final Exposition exposition;
    private final HttpListener listener;

    /**
     * Starts to listen.
     *
     * @param node the node that is scraped, once it is managed
     * @throws IOException if the address cannot be listened on
     */
    MetricsServer(InetSocketAddress address, Supplier<ApiNode> node, Exposition exposition) throws IOException {
        this.node = node;
        this.exposition = exposition;
        this.listener = new HttpListener("metrics", Entrance.listen("api.metrics", address), PATIENCE, 0, this::answer);
    }

    /** Returns the address in the form that the configuration has. */
    static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    int port() {
        return listener.port();
    }

    private HttpAnswer answer(HttpRequest request) {
        if (!request.path().equals("/metrics")) {
            return HttpAnswer.plain(NOT_FOUND, "there is only /metrics\n");
        }
        if (!request.method().equals("GET")) {
            return HttpAnswer.plain(METHOD_NOT_ALLOWED, "only GET\n");
        }
        return switch (node.get()) {
            case ApiNode.Opening() -> HttpAnswer.plain(UNAVAILABLE, "podslice is still reading its state\n");
            case ApiNode.Unmanaged(String problem) -> HttpAnswer.plain(UNAVAILABLE, problem + "\n");
            case ApiNode.Managed _ -> scraped(request);
        };
    }

    private HttpAnswer scraped(HttpRequest request) {
        try {
            Exposition.Page page = exposition.scrape(request.field("Accept").orElse(null));
            return new HttpAnswer(OK, page.contentType(), page.body());
        } catch (RuntimeException e) {
            LOG.error("metrics: {}", String.valueOf(e.getMessage()), e);
            return HttpAnswer.plain(FAILED, e.getMessage() + "\n");
        }
    }

    @Override
    public void close() {
        listener.close();
    }
}
