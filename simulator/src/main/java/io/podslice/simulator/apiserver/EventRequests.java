package io.podslice.simulator.apiserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Answers the creation and the update of events. */
final class EventRequests implements HttpHandler {
    /** The path of the API group's version. */
    static final String ROOT = "/apis/events.k8s.io/v1/";

    private static final Pattern EVENTS = Pattern.compile(ROOT + "namespaces/([^/]+)/events(?:/([^/]+))?");
    private static final int MOST_BYTES = 3 << 20;

    private final EventStore events;
    private final PodRequests others;

    /** @param others has the server's faults and credentials */
    EventRequests(EventStore events, PodRequests others) {
        this.events = events;
        this.others = others;
    }

    /** Answers; an exception breaks the connection. */
    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try {
            ApiFault fault = others.fault(ApiFault.Request.EVENT);
            others.authenticated(exchange);
            Matcher path = EVENTS.matcher(exchange.getRequestURI().getPath());
            if (!path.matches()) {
                throw new ApiError(404, "NotFound", "the server could not find the requested resource");
            }
            String body = new String(exchange.getRequestBody().readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
            String type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
            @Nullable String name = path.group(2);
            if (name == null && exchange.getRequestMethod().equals("POST")) {
                expect("application/json", type);
                answer(exchange, 201, events.create(path.group(1), body), fault);
            } else if (name != null && exchange.getRequestMethod().equals("PATCH")) {
                expect("application/merge-patch+json", type);
                answer(exchange, 200, events.patch(path.group(1), name, body), fault);
            } else {
                throw new ApiError(405, "MethodNotAllowed", "the server does not allow this method on this resource");
            }
        } catch (ApiError e) {
            byte[] status = Encoding.JSON.status(e.code(), e.reason(), e.message());
            PodRequests.answer(exchange, e.code(), Encoding.JSON.type(), status, null);
        }
    }

    private static void expect(String type, String actual) throws ApiError {
        if (!actual.equals(type)) {
            throw new ApiError(415, "UnsupportedMediaType", "the body of the request was in an unknown format");
        }
    }

    private static void answer(HttpExchange exchange, int code, String json, @Nullable ApiFault fault)
            throws IOException {
        PodRequests.answer(exchange, code, Encoding.JSON.type(), json.getBytes(StandardCharsets.UTF_8), fault);
    }
}
