package io.podslice.agent.page;

import io.podslice.agent.api.ApiNode;
import io.podslice.agent.http.Entrance;
import io.podslice.agent.http.HttpAnswer;
import io.podslice.agent.http.HttpListener;
import io.podslice.agent.http.HttpReply;
import io.podslice.agent.http.HttpRequest;
import io.podslice.agent.http.HttpStream;
import io.podslice.agent.map.PageMap;
import io.podslice.agent.map.ViewMap;
import io.podslice.node.ManagedNode;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Serves the page, its events, and "what if". Nothing that it answers changes the node. */
final class PageServer implements AutoCloseable {
    /** The time for a request; a plan of many pods takes a while. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** The shortest time between two renderings: a burst of changes, or of readers, is one. */
    private static final Duration LEAST_PAUSE = Duration.ofMillis(500);

    /** The longest time between two renderings while a browser looks: values in cgroups change without a revision. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** The time between two looks whether there are incidents. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final String HTML = "text/html; charset=utf-8";
    private static final int OK = 200;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int NOT_ALLOWED = 405;
    private static final int UNAVAILABLE = 503;

    private final Supplier<ApiNode> node;
    private final Chronicle chronicle;
    private final Supplier<String> configuration;
    private final WhatIf whatIf;
    private final Audience audience;
    private final HttpListener listener;

    /** The last rendering, with its time; forgotten when memory is wanted. */
    private WeakReference<Rendering> last = new WeakReference<>(null);

    private long lastNanos;
    private volatile long seenRevision;
    private volatile long seenIncidents;

    /**
     * Starts to listen.
     *
     * @param node the node that is shown, once it is managed
     * @param configuration says which configuration is in force; empty: not known
     */
    PageServer(
            Entrance entrance,
            Supplier<ApiNode> node,
            Chronicle chronicle,
            Supplier<String> configuration,
            WhatIf whatIf) {
        this.node = node;
        this.chronicle = chronicle;
        this.configuration = configuration;
        this.whatIf = whatIf;
        this.audience = new Audience(this::rendering, this::awaitChange);
        this.listener = new HttpListener("page", entrance, PATIENCE, WhatIf.MOST_FORM_BYTES, this::answer);
    }

    int port() {
        return listener.port();
    }

    /** Returns the number of browsers that look. */
    int members() {
        return audience.members();
    }

    private HttpReply answer(HttpRequest request) {
        Optional<String> problem = Visitor.problem(request);
        if (problem.isPresent()) {
            return HttpAnswer.plain(FORBIDDEN, problem.get());
        }
        String wanted = request.path().equals("/what-if") ? "POST" : "GET";
        if (!List.of("/", "/events", "/what-if").contains(request.path())) {
            return HttpAnswer.plain(NOT_FOUND, "there are only /, /events and /what-if\n");
        }
        if (!request.method().equals(wanted)) {
            return HttpAnswer.plain(NOT_ALLOWED, "only " + wanted + "\n");
        }
        return switch (node.get()) {
            case ApiNode.Opening() -> unavailable("podslice is still reading its state; reload the page");
            case ApiNode.Unmanaged(String why) -> unavailable(why);
            case ApiNode.Managed _ ->
                switch (request.path()) {
                    case "/" -> new HttpAnswer(OK, HTML, PageText.FIELDS, PageText.page(rendering()));
                    case "/events" -> events(request);
                    default -> whatIf.answer(request);
                };
        };
    }

    private static HttpAnswer unavailable(String problem) {
        return new HttpAnswer(UNAVAILABLE, HTML, PageText.FIELDS, PageText.problem(problem));
    }

    private HttpReply events(HttpRequest request) {
        String query = request.query();
        String asked = query.startsWith("version=") ? query.substring("version=".length()) : "";
        Optional<HttpStream> stream =
                audience.join(request.field("Last-Event-ID").orElse(asked), PageText.FIELDS);
        return stream.isPresent()
                ? stream.get()
                : HttpAnswer.plain(UNAVAILABLE, Audience.MOST + " browsers look already\n");
    }

    /** Returns a rendering that is at most a moment old. */
    private synchronized Rendering rendering() {
        Rendering before = last.get();
        long now = System.nanoTime();
        if (before != null && now - lastNanos < LEAST_PAUSE.toNanos()) {
            return before;
        }
        if (!(node.get() instanceof ApiNode.Managed(ManagedNode managed, Supplier<String> cgroups))) {
            throw new IllegalStateException("the node is not managed");
        }
        seenIncidents = chronicle.version();
        Sight sight = Sight.of(managed, chronicle, cgroups.get(), configuration.get());
        seenRevision = sight.revised().revision();
        Rendering rendering = render(sight);
        last = new WeakReference<>(rendering);
        lastNanos = System.nanoTime();
        return rendering;
    }

    /** Renders what is shown of one moment. Pure. */
    static Rendering render(Sight sight) {
        PageMap map = new PageMap(ViewMap.of(sight.node(), sight.machine()));
        return Rendering.of(List.of(
                MapSection.of(map), NodeSection.of(sight), PodsSection.of(sight, map), IncidentsSection.of(sight)));
    }

    private void awaitChange() throws InterruptedException {
        Thread.sleep(LEAST_PAUSE);
        ManagedNode managed = managed();
        if (managed == null) {
            return;
        }
        for (long left = LONGEST_PAUSE.toNanos(); left > 0; left -= LOOK.toNanos()) {
            long revision = seenRevision;
            if (managed.awaitOtherRevision(revision, LOOK) != revision || chronicle.version() != seenIncidents) {
                return;
            }
        }
    }

    private @Nullable ManagedNode managed() {
        return node.get() instanceof ApiNode.Managed(ManagedNode managed, var _) ? managed : null;
    }

    /** Stops listening and ends every connection. */
    @Override
    public void close() {
        audience.close();
        listener.close();
    }
}
