package io.podslice.cluster.apiserver;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.podslice.proto.core.v1.ListMeta;
import io.podslice.proto.core.v1.ObjectMeta;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.PodList;
import io.podslice.proto.core.v1.RawExtension;
import io.podslice.proto.core.v1.Status;
import io.podslice.proto.core.v1.Unknown;
import io.podslice.proto.core.v1.WatchEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The part of an API server that serves one node's pods: get, list with pages, watch from a version, WatchList, patch of a
 * status. Faults can be put before its answers, and its ways changed while it runs.
 */
public final class FakeApiServer implements AutoCloseable {

    /** Answers a request in place of the server. */
    public interface Fault {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    /** The kinds of requests. */
    public enum Kind {
        GET,
        LIST,
        WATCH,
        PATCH
    }

    private record Change(long version, String type, Pod pod) {}

    private final int port;
    private final @Nullable SSLContext tls;
    private final boolean needsClientCertificate;
    private HttpServer server;

    private final Map<String, Pod> pods = new LinkedHashMap<>();
    private final List<Change> changes = new ArrayList<>();
    private final Map<Kind, Deque<Fault>> faults = new HashMap<>();
    private final Map<Kind, Integer> requests = new HashMap<>();
    private final List<String> patches = new ArrayList<>();
    private long version = 100;
    private long oldest;
    private int compactions;
    private boolean isClosed;

    /** True to answer in JSON. */
    public volatile boolean isJson;

    /** False to know no WatchList, as servers before 1.32 do by default. */
    public volatile boolean knowsWatchList = true;

    /** The time after which each watch is ended, in milliseconds. */
    public volatile long watchMillis = Long.MAX_VALUE;

    /** The pause between bookmarks, in milliseconds. */
    public volatile long bookmarkMillis = 300;

    /** The most pods of a page. */
    public volatile int pageSize = 500;

    /** The token that is taken; empty to take any request. */
    public volatile String token = "";

    public FakeApiServer() throws IOException {
        this(null, false);
    }

    /** @param tls has the server's certificate, and the authorities of clients'; null for http */
    public FakeApiServer(@Nullable SSLContext tls, boolean needsClientCertificate) throws IOException {
        this.tls = tls;
        this.needsClientCertificate = needsClientCertificate;
        this.server = listen(0);
        this.port = server.getAddress().getPort();
    }

    private HttpServer listen(int on) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), on);
        HttpServer made;
        if (tls == null) {
            made = HttpServer.create(address, 0);
        } else {
            HttpsServer https = HttpsServer.create(address, 0);
            https.setHttpsConfigurator(new HttpsConfigurator(tls) {
                @Override
                public void configure(HttpsParameters parameters) {
                    SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
                    ssl.setNeedClientAuth(needsClientCertificate);
                    parameters.setSSLParameters(ssl);
                }
            });
            made = https;
        }
        made.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        made.createContext("/", this::handle);
        made.start();
        return made;
    }

    public URI address() {
        return URI.create((tls == null ? "http" : "https") + "://127.0.0.1:" + port);
    }

    /** Goes away: connections break, and new ones are refused. */
    public void goAway() {
        server.stop(0);
    }

    /** Comes back on the port it had. */
    public void comeBack() throws IOException {
        server = listen(port);
    }

    /** Adds a pod, or changes the one of its name. */
    public synchronized Pod put(Pod pod) {
        version++;
        Pod.Builder now = pod.toBuilder();
        now.getMetadataBuilder().setResourceVersion(String.valueOf(version));
        Pod before = pods.put(key(pod), now.build());
        changes.add(new Change(version, before == null ? "ADDED" : "MODIFIED", now.build()));
        notifyAll();
        return now.build();
    }

    public synchronized void delete(Pod pod) {
        version++;
        Pod gone = pods.remove(key(pod));
        if (gone != null) {
            changes.add(new Change(version, "DELETED", gone));
        }
        notifyAll();
    }

    /** Forgets the changes up to now, and ends the watches: none can go on from where it was. */
    public synchronized void compact() {
        version++;
        oldest = version;
        compactions++;
        notifyAll();
    }

    /** Puts a fault before the next answers to a kind of request. */
    public synchronized void fail(Kind kind, int times, Fault fault) {
        for (int i = 0; i < times; i++) {
            faults.computeIfAbsent(kind, k -> new ArrayDeque<>()).add(fault);
        }
    }

    /** Tells if every fault has struck. */
    public synchronized boolean hasStruck() {
        return faults.values().stream().allMatch(Deque::isEmpty);
    }

    public synchronized int requests(Kind kind) {
        return requests.getOrDefault(kind, 0);
    }

    /** Returns the bodies of the patches that were taken. */
    public synchronized List<String> patches() {
        return List.copyOf(patches);
    }

    public synchronized @Nullable Pod pod(String name) {
        return pods.get("default/" + name);
    }

    private static String key(Pod pod) {
        return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
            Kind kind = exchange.getRequestMethod().equals("PATCH")
                    ? Kind.PATCH
                    : query.containsKey("watch")
                            ? Kind.WATCH
                            : query.containsKey("fieldSelector") ? Kind.LIST : Kind.GET;
            Fault fault = arrived(kind);
            String given = exchange.getRequestHeaders().getFirst("Authorization");
            if (!token.isEmpty() && !("Bearer " + token).equals(given)) {
                status(exchange, 401, "Unauthorized");
            } else if (fault != null) {
                fault.answer(exchange);
            } else {
                answer(exchange, kind, query);
            }
        } catch (IOException e) {
            // The client has hung up, or the server went away.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized @Nullable Fault arrived(Kind kind) {
        requests.merge(kind, 1, Integer::sum);
        return faults.getOrDefault(kind, new ArrayDeque<>()).poll();
    }

    private void answer(HttpExchange exchange, Kind kind, Map<String, String> query)
            throws IOException, InterruptedException {
        switch (kind) {
            case GET -> get(exchange);
            case LIST -> list(exchange, query);
            case WATCH -> watch(exchange, query);
            case PATCH -> patch(exchange);
        }
    }

    private void get(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/", -1);
        Pod pod;
        synchronized (this) {
            pod = pods.get(path[4] + "/" + path[6]);
        }
        if (pod == null) {
            status(exchange, 404, "pods \"" + path[6] + "\" not found");
        } else {
            send(exchange, 200, isJson ? json(FakeJson.pod(pod)) : enveloped("Pod", pod));
        }
    }

    private void list(HttpExchange exchange, Map<String, String> query) throws IOException {
        int from = Integer.parseInt(query.getOrDefault("continue", "0"));
        List<Pod> all;
        long at;
        synchronized (this) {
            all = List.copyOf(pods.values());
            at = version;
        }
        int to = Math.min(all.size(), from + Math.min(pageSize, Integer.parseInt(query.get("limit"))));
        String next = to < all.size() ? String.valueOf(to) : "";
        if (isJson) {
            send(exchange, 200, json(FakeJson.list(all.subList(from, to), String.valueOf(at), next)));
        } else {
            PodList list = PodList.newBuilder()
                    .setMetadata(ListMeta.newBuilder()
                            .setResourceVersion(String.valueOf(at))
                            .setContinue(next))
                    .addAllItems(all.subList(from, to))
                    .build();
            send(exchange, 200, enveloped("PodList", list));
        }
    }

    private void patch(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/", -1);
        String patch = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Pod pod;
        synchronized (this) {
            pod = pods.get(path[4] + "/" + path[6]);
        }
        if (pod == null) {
            status(exchange, 404, "not found");
        } else if (!patch.contains("\"uid\":\"" + pod.getMetadata().getUid() + "\"")
                || !patch.contains("\"resourceVersion\":\"" + pod.getMetadata().getResourceVersion() + "\"")) {
            status(exchange, 409, "the object has been modified");
        } else {
            synchronized (this) {
                patches.add(patch);
            }
            Pod.Builder failed = pod.toBuilder();
            failed.getStatusBuilder().setPhase("Failed");
            Pod now = put(failed.build());
            send(exchange, 200, enveloped("Pod", now));
        }
    }

    private void watch(HttpExchange exchange, Map<String, String> query) throws IOException, InterruptedException {
        boolean sendsAll = query.containsKey("sendInitialEvents");
        if (sendsAll && !knowsWatchList) {
            status(
                    exchange,
                    422,
                    "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
            return;
        }
        long from = sendsAll ? 0 : Long.parseLong(query.get("resourceVersion"));
        List<Pod> all;
        synchronized (this) {
            if (!sendsAll && from < oldest) {
                status(exchange, 410, "too old resource version: " + from + " (" + oldest + ")");
                return;
            }
            all = sendsAll ? List.copyOf(pods.values()) : List.of();
            from = sendsAll ? version : from;
        }
        head(exchange, 200, isJson ? "application/json" : "application/vnd.kubernetes.protobuf;stream=watch");
        try (OutputStream out = exchange.getResponseBody()) {
            for (Pod pod : all) {
                out.write(event("ADDED", pod));
            }
            if (sendsAll) {
                out.write(bookmark(from, true));
            }
            out.flush();
            follow(out, from);
        }
    }

    private void follow(OutputStream out, long from) throws IOException, InterruptedException {
        long sent = from;
        int begun;
        synchronized (this) {
            begun = compactions;
        }
        long end = watchMillis == Long.MAX_VALUE ? Long.MAX_VALUE : System.currentTimeMillis() + watchMillis;
        while (System.currentTimeMillis() < end) {
            List<Change> next = new ArrayList<>();
            long at;
            synchronized (this) {
                if (isClosed) {
                    return;
                }
                if (version <= sent) {
                    wait(Math.min(bookmarkMillis, Math.max(1, end - System.currentTimeMillis())));
                }
                if (compactions != begun) {
                    return;
                }
                for (Change change : changes) {
                    if (change.version > sent) {
                        next.add(change);
                    }
                }
                at = version;
            }
            for (Change change : next) {
                out.write(event(change.type, change.pod));
            }
            if (next.isEmpty()) {
                out.write(bookmark(at, false));
            }
            out.flush();
            sent = at;
        }
    }

    /** An event as it is on the wire. */
    public byte[] event(String type, Pod pod) {
        return isJson
                ? (FakeJson.event(type, FakeJson.pod(pod)) + "\n").getBytes(StandardCharsets.UTF_8)
                : framed(type, enveloped("Pod", pod));
    }

    /** An event of type ERROR as it is on the wire, in protobuf. */
    public static byte[] error(int code, String message) {
        return framed(
                "ERROR",
                enveloped(
                        "Status",
                        Status.newBuilder().setCode(code).setMessage(message).build()));
    }

    private byte[] bookmark(long at, boolean endsInitial) {
        ObjectMeta.Builder metadata = ObjectMeta.newBuilder().setResourceVersion(String.valueOf(at));
        if (endsInitial) {
            metadata.putAnnotations("k8s.io/initial-events-end", "true");
        }
        return event("BOOKMARK", Pod.newBuilder().setMetadata(metadata).build());
    }

    /** A frame of a watch. */
    public static byte[] framed(String type, byte[] object) {
        byte[] event = WatchEvent.newBuilder()
                .setType(type)
                .setObject(RawExtension.newBuilder().setRaw(ByteString.copyFrom(object)))
                .build()
                .toByteArray();
        return ByteBuffer.allocate(4 + event.length)
                .putInt(event.length)
                .put(event)
                .array();
    }

    /** An object in its envelope. */
    public static byte[] enveloped(String kind, Message object) {
        byte[] envelope = Unknown.newBuilder()
                .setTypeMeta(io.podslice.proto.core.v1.TypeMeta.newBuilder()
                        .setApiVersion("v1")
                        .setKind(kind))
                .setRaw(object.toByteString())
                .build()
                .toByteArray();
        return ByteBuffer.allocate(4 + envelope.length)
                .put(new byte[] {'k', '8', 's', 0})
                .put(envelope)
                .array();
    }

    private static byte[] json(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void send(HttpExchange exchange, int code, byte[] body) throws IOException {
        send(exchange, code, isJson ? "application/json" : "application/vnd.kubernetes.protobuf", body);
    }

    /** Answers with a status, as the API server words its failures. */
    public void status(HttpExchange exchange, int code, String message) throws IOException {
        Status status = Status.newBuilder().setCode(code).setMessage(message).build();
        send(exchange, code, isJson ? json(FakeJson.status(code, message)) : enveloped("Status", status));
    }

    /** Answers with a whole body. */
    public static void send(HttpExchange exchange, int code, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    /** Begins an answer whose length is not known. */
    public static void head(HttpExchange exchange, int code, String type) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(code, 0);
        exchange.getResponseBody().flush();
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new HashMap<>();
        for (String part : (raw == null ? "" : raw).split("&", -1)) {
            String[] pair = part.split("=", 2);
            query.put(pair[0], pair.length == 2 ? URLDecoder.decode(pair[1], StandardCharsets.UTF_8) : "");
        }
        return query;
    }

    @Override
    public void close() {
        synchronized (this) {
            isClosed = true;
            notifyAll();
        }
        server.stop(0);
    }
}
