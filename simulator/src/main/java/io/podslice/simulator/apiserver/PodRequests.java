package io.podslice.simulator.apiserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.podslice.proto.core.v1.Pod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Answers requests for pods, for the metadata of nodes, and for NodeResourceTopology objects. */
final class PodRequests implements HttpHandler {
    private static final String PODS = "/api/v1/pods";
    private static final Pattern ONE = Pattern.compile("/api/v1/namespaces/([^/]+)/pods/([^/]+?)(/status)?");
    private static final Pattern NODE = Pattern.compile("/api/v1/nodes/([^/]+)");
    private static final String TOPOLOGIES = "/apis/topology.node.k8s.io/v1alpha2/noderesourcetopologies";
    private static final Pattern TOPOLOGY = Pattern.compile(TOPOLOGIES + "/([^/]+)");
    private static final int MOST_PATCH_BYTES = 3 << 20;

    private final PodStore store;
    private final TopologyStore topologies;
    private final Credentials credentials;
    private final ApiFaults faults;
    private final Supplier<ApiOptions> options;
    private final Supplier<BooleanSupplier> cuts;
    private final BooleanSupplier isSilent;

    /**
     * @param cuts makes the condition under which a watch that begins now is cut
     * @param isSilent true while watches send nothing
     */
    PodRequests(
            PodStore store,
            TopologyStore topologies,
            Credentials credentials,
            ApiFaults faults,
            Supplier<ApiOptions> options,
            Supplier<BooleanSupplier> cuts,
            BooleanSupplier isSilent) {
        this.store = store;
        this.topologies = topologies;
        this.credentials = credentials;
        this.faults = faults;
        this.options = options;
        this.cuts = cuts;
        this.isSilent = isSilent;
    }

    /** Answers; an exception breaks the connection. */
    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Encoding encoding = encoding(exchange);
        try {
            String path = exchange.getRequestURI().getPath();
            String method = exchange.getRequestMethod();
            Matcher one = ONE.matcher(path);
            Matcher node = NODE.matcher(path);
            Matcher topology = TOPOLOGY.matcher(path);
            if (node.matches() && method.equals("GET")) {
                node(exchange, node.group(1));
            } else if (topology.matches() && method.equals("PATCH")) {
                topology(exchange, topology.group(1), new Query(exchange.getRequestURI()));
            } else if (path.equals(TOPOLOGIES) && method.equals("GET")) {
                topologies(exchange, new Query(exchange.getRequestURI()));
            } else if (path.equals(PODS) && method.equals("GET")) {
                pods(exchange, encoding, new Query(exchange.getRequestURI()));
            } else if (one.matches() && method.equals("GET") && one.group(3) == null) {
                pod(exchange, encoding, one.group(1), one.group(2));
            } else if (one.matches() && method.equals("PATCH") && one.group(3) != null) {
                patch(exchange, encoding, one.group(1), one.group(2));
            } else {
                throw new ApiError(404, "NotFound", "the server could not find the requested resource");
            }
        } catch (ApiError e) {
            answer(exchange, e.code(), encoding.type(), encoding.status(e.code(), e.reason(), e.message()), null);
        }
    }

    private Encoding encoding(HttpExchange exchange) {
        String accept = String.valueOf(exchange.getRequestHeaders().getFirst("Accept"));
        return accept.contains(Encoding.PROTOBUF.type()) && options.get().protobuf()
                ? Encoding.PROTOBUF
                : Encoding.JSON;
    }

    private void pods(HttpExchange exchange, Encoding encoding, Query query) throws ApiError, IOException {
        boolean watches = query.isTrue("watch");
        ApiFault fault = fault(watches ? ApiFault.Request.WATCH : ApiFault.Request.LIST);
        String node = query.node();
        if (credentials.caller(exchange) instanceof Caller.Kubelet(String own) && !own.equals(node)) {
            throw forbidden("system:node:" + own + " can only list/watch pods with spec.nodeName field selector");
        }
        authenticated(exchange);
        if (watches) {
            watch(exchange, encoding, query, fault);
        } else {
            list(exchange, encoding, query, fault);
        }
    }

    private static ApiError forbidden(String why) {
        return new ApiError(403, "Forbidden", "pods is forbidden: User cannot list resource \"pods\": " + why);
    }

    void authenticated(HttpExchange exchange) throws ApiError {
        if (credentials.caller(exchange) instanceof Caller.Unknown) {
            throw new ApiError(401, "Unauthorized", "Unauthorized");
        }
    }

    @Nullable
    ApiFault fault(ApiFault.Request request) throws ApiError, IOException {
        ApiFault fault = faults.take(request);
        try {
            switch (fault) {
                case ApiFault.Refuse(int code, String reason, String message) ->
                    throw new ApiError(code, reason, message);
                case ApiFault.Hang() -> {
                    BooleanSupplier isCut = cuts.get();
                    while (!isCut.getAsBoolean()) {
                        Thread.sleep(20);
                    }
                    throw new IOException("the request is never answered");
                }
                case ApiFault.Late late -> Thread.sleep(late.by());
                case null, default -> {}
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the server ends", e);
        }
        return fault;
    }

    private void list(HttpExchange exchange, Encoding encoding, Query query, @Nullable ApiFault fault)
            throws ApiError, IOException {
        ShardFilter shard = shard(query);
        Page page = Page.of(query, store.version());
        if (page.version() < store.compacted()) {
            throw page.expired();
        }
        List<Pod> pods = store.list(query.node(), shard, page.after(), page.most());
        String next = page.next(pods, PodStore::key);
        answer(
                exchange,
                200,
                encoding.type(),
                encoding.list(page.version(), next, shard.text(), page.cut(pods)),
                fault);
    }

    private ShardFilter shard(Query query) throws ApiError {
        return options.get().shards() ? ShardFilter.of(query) : ShardFilter.ALL;
    }

    private void topologies(HttpExchange exchange, Query query) throws ApiError, IOException {
        ApiFault fault = fault(ApiFault.Request.LIST);
        authenticated(exchange);
        ShardFilter shard = shard(query);
        Page page = Page.of(query, topologies.version());
        byte[] json = topologies.list(page, shard);
        answer(exchange, 200, Encoding.JSON.type(), json, fault);
    }

    private void watch(HttpExchange exchange, Encoding encoding, Query query, @Nullable ApiFault fault)
            throws ApiError, IOException {
        boolean initial = query.isTrue("sendInitialEvents");
        if (initial && !options.get().watchList()) {
            throw new ApiError(
                    422,
                    "Invalid",
                    "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is"
                            + " forbidden for watch unless the WatchList feature gate is enabled");
        }
        if (initial && !query.get("resourceVersionMatch").equals("NotOlderThan")) {
            throw new ApiError(
                    422,
                    "Invalid",
                    "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents"
                            + " requires setting resourceVersionMatch to NotOlderThan");
        }
        ShardFilter shard = shard(query);
        BooleanSupplier isCut = cuts.get();
        exchange.getResponseHeaders().set("Content-Type", encoding.watchType());
        exchange.sendResponseHeaders(200, 0);
        Body body = new Body(exchange.getResponseBody(), fault);
        PodWatch watch =
                new PodWatch(store, encoding, query.node(), shard, options.get(), body, fault, isCut, isSilent);
        watch.run(
                initial ? 0 : query.number("resourceVersion", 0),
                initial,
                query.isTrue("allowWatchBookmarks"),
                query.number("timeoutSeconds", 0));
    }

    private void pod(HttpExchange exchange, Encoding encoding, String namespace, String name)
            throws ApiError, IOException {
        ApiFault fault = fault(ApiFault.Request.GET);
        authenticated(exchange);
        Pod pod = existing(namespace, name);
        if (credentials.caller(exchange) instanceof Caller.Kubelet(String own)
                && !own.equals(pod.getSpec().getNodeName())) {
            throw forbidden("node \"" + own + "\" cannot get a pod of another node");
        }
        answer(exchange, 200, encoding.type(), encoding.pod(pod), fault);
    }

    private Pod existing(String namespace, String name) throws ApiError {
        return store.get(namespace, name)
                .orElseThrow(() -> new ApiError(404, "NotFound", "pods \"" + name + "\" not found"));
    }

    private void patch(HttpExchange exchange, Encoding encoding, String namespace, String name)
            throws ApiError, IOException {
        ApiFault fault = fault(ApiFault.Request.PATCH);
        authenticated(exchange);
        StatusPatch patch = StatusPatch.of(
                String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type")),
                exchange.getRequestBody().readNBytes(MOST_PATCH_BYTES));
        Pod before = existing(namespace, name);
        patch.check(before);
        Pod pod = store.change(namespace, name, patch::apply)
                .orElseThrow(() -> new ApiError(404, "NotFound", "pods \"" + name + "\" not found"));
        answer(exchange, 200, encoding.type(), encoding.pod(pod), fault);
    }

    private void node(HttpExchange exchange, String name) throws ApiError, IOException {
        ApiFault fault = fault(ApiFault.Request.GET);
        authenticated(exchange);
        String json = "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{\"name\":\""
                + name + "\",\"uid\":\"uid-of-" + name + "\"}}";
        answer(exchange, 200, Encoding.JSON.type(), json.getBytes(StandardCharsets.UTF_8), fault);
    }

    private void topology(HttpExchange exchange, String name, Query query) throws ApiError, IOException {
        ApiFault fault = fault(ApiFault.Request.PATCH);
        authenticated(exchange);
        if (!"application/apply-patch+yaml".equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
            throw new ApiError(415, "UnsupportedMediaType", "the body of the request was in an unknown format");
        }
        String body = new String(exchange.getRequestBody().readNBytes(MOST_PATCH_BYTES), StandardCharsets.UTF_8);
        String json = topologies
                .apply(name, query.get("fieldManager"), query.isTrue("force"), body)
                .toString();
        answer(exchange, 200, Encoding.JSON.type(), json.getBytes(StandardCharsets.UTF_8), fault);
    }

    static void answer(HttpExchange exchange, int code, String type, byte[] bytes, @Nullable ApiFault fault)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        // Chunked, so that a body that is cut off is no valid one.
        exchange.sendResponseHeaders(code, 0);
        Body body = new Body(exchange.getResponseBody(), fault);
        body.write(bytes);
        body.end();
    }
}
