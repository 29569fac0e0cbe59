package io.podslice.cluster.apiserver;

import io.podslice.cluster.credentials.Access;
import io.podslice.cluster.credentials.Way;
import io.podslice.cluster.document.DocumentReader;
import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.io.Serial;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * The calls to the API server that podslice makes. Each has a deadline and a bounded answer. Where the server does not take
 * the credentials, or is not the one that they trust, they are read anew, and the call is made once more.
 */
public final class ApiServer {
    private static final String ACCEPTED = Wire.PROTOBUF + ", " + Wire.JSON + ";q=0.5";
    private static final String ACCEPTED_OF_WATCH = Wire.PROTOBUF + ";stream=watch, " + Wire.JSON + ";q=0.5";

    private static final String MERGE_PATCH = "application/merge-patch+json";

    private static final String METADATA_ALONE = Wire.JSON + ";as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    /** The longest page of a list in bytes: the heap of {@code serve} has 64 MiB. */
    private static final int MOST_PAGE_BYTES = 3 * Wire.MOST_POD_BYTES;

    private static final int MOST_ERROR_BYTES = 64 << 10;

    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?");

    private final Access access;

    public ApiServer(Access access) {
        this.access = access;
    }

    /** A watch that the server has begun. */
    record Watch(Body body, Wire wire) implements AutoCloseable {
        /** @throws IOException as {@link Wire#next} does */
        Optional<PodEvent> next(Deadline deadline) throws IOException {
            return wire.next(body, deadline);
        }

        @Override
        public void close() {
            body.close();
        }
    }

    /**
     * Gets a pod.
     *
     * @return the pod, encoded; empty if there is none of that name
     * @throws IOException if the server does not answer in time, or with a failure
     */
    public Optional<ByteBuffer> pod(String namespace, String name, Deadline deadline) throws IOException {
        if (!NAME.matcher(namespace).matches() || !NAME.matcher(name).matches()) {
            // crictl takes any name; the API server has none such.
            return Optional.empty();
        }
        Call call = way ->
                way.request(path(namespace, name)).header("Accept", ACCEPTED).GET();
        try (Answer answer = send(call, deadline)) {
            return Optional.of(answer.wire().pod(answer.bytes(Wire.MOST_POD_BYTES, deadline)));
        } catch (ApiException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Gets a page of a node's pods.
     *
     * @param limit the most pods
     * @param next the token for the page in the answer before; empty for the first page
     * @throws TooLargeException if the page is too large; a page of 3 pods fits
     * @throws IOException if the server does not answer in time, or with a failure
     */
    PodPage pods(String nodeName, int limit, String next, Deadline deadline) throws IOException {
        String path = "/api/v1/pods?" + ofNode(nodeName) + "&limit=" + limit
                + (next.isEmpty() ? "" : "&continue=" + encoded(next));
        Call call = way -> way.request(path).header("Accept", ACCEPTED).GET();
        try (Answer answer = send(call, deadline)) {
            return answer.wire().pods(answer.bytes(MOST_PAGE_BYTES, deadline));
        }
    }

    /**
     * Begins to watch a node's pods.
     *
     * @param from the resource version after which changes are sent; empty: every pod is sent first, then a bookmark that
     *     says so (WatchList)
     * @param seconds the time after which the server ends the watch
     * @throws IOException if the server does not answer in time, or with a failure
     */
    Watch watch(String nodeName, String from, long seconds, Deadline deadline) throws IOException {
        String path = "/api/v1/pods?watch=1&" + ofNode(nodeName) + "&allowWatchBookmarks=true&timeoutSeconds=" + seconds
                + (from.isEmpty()
                        ? "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
                        : "&resourceVersion=" + encoded(from));
        Call call = way -> way.request(path).header("Accept", ACCEPTED_OF_WATCH).GET();
        Answer answer = send(call, deadline);
        return new Watch(answer.body(), answer.wire());
    }

    /**
     * Begins to read any resource.
     *
     * @param path the path with its query, both encoded; begins with a slash
     * @param accept the forms in which the answer may come
     * @throws IOException if the server does not answer in time, or with a failure
     */
    Answer open(String path, String accept, Deadline deadline) throws IOException {
        return send(way -> way.request(path).header("Accept", accept).GET(), deadline);
    }

    /**
     * Changes a pod's status.
     *
     * @param patch a JSON merge patch (RFC 7386); its uid and resource version are conditions
     * @throws IOException if the server does not answer in time, or with a failure
     */
    public void patchStatus(String namespace, String name, String patch, Deadline deadline) throws IOException {
        Call call = way -> way.request(path(namespace, name) + "/status?fieldManager=podslice")
                .header("Accept", ACCEPTED)
                .header("Content-Type", MERGE_PATCH)
                .method("PATCH", HttpRequest.BodyPublishers.ofString(patch));
        send(call, deadline).close();
    }

    /**
     * Creates an object.
     *
     * @param collection the path of the objects of its kind and namespace
     * @param object the object in JSON
     * @throws IOException if the server does not answer in time, or with a failure
     */
    public void create(String collection, String object, Deadline deadline) throws IOException {
        Call call = way -> way.request(collection)
                .header("Accept", Wire.JSON)
                .header("Content-Type", Wire.JSON)
                .POST(HttpRequest.BodyPublishers.ofString(object));
        send(call, deadline).close();
    }

    /**
     * Changes an object.
     *
     * @param path the object's path
     * @param patch a JSON merge patch (RFC 7386)
     * @throws IOException if the server does not answer in time, or with a failure
     */
    public void merge(String path, String patch, Deadline deadline) throws IOException {
        Call call = way -> way.request(path)
                .header("Accept", Wire.JSON)
                .header("Content-Type", MERGE_PATCH)
                .method("PATCH", HttpRequest.BodyPublishers.ofString(patch));
        send(call, deadline).close();
    }

    /**
     * Applies an object server-side.
     *
     * @param collection the path of the objects of its kind, with a slash at its end
     * @param manager the field manager
     * @param force true to take over fields that other managers have written
     * @param object the object in JSON, which is YAML too
     * @throws IOException if the server does not answer in time, or with a failure
     */
    public void apply(String collection, String name, String manager, boolean force, String object, Deadline deadline)
            throws IOException {
        Call call = way -> way.request(
                        collection + encoded(name) + "?fieldManager=" + encoded(manager) + (force ? "&force=true" : ""))
                .header("Accept", Wire.JSON)
                .header("Content-Type", "application/apply-patch+yaml")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(object));
        send(call, deadline).close();
    }

    /**
     * Returns the uid of a node, of which no more than the metadata is asked for.
     *
     * @return empty if there is no node of that name
     * @throws IOException if the server does not answer in time, or with a failure
     */
    public Optional<String> nodeUid(String name, Deadline deadline) throws IOException {
        Call call = way -> way.request("/api/v1/nodes/" + encoded(name))
                .header("Accept", METADATA_ALONE + ", " + Wire.JSON + ";q=0.5")
                .GET();
        try (Answer answer = send(call, deadline)) {
            String uid = DocumentReader.json(answer.bytes(Wire.MOST_POD_BYTES, deadline))
                    .get("metadata")
                    .get("uid")
                    .text();
            return uid.isEmpty() ? Optional.empty() : Optional.of(uid);
        } catch (ApiException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Returns the name of the node in whose name the client's certificate is; empty if there is none.
     *
     * @throws IOException if there are no credentials
     */
    Optional<String> nodeName() throws IOException {
        return access.way().nodeName();
    }

    /** Returns the reason for which the present credentials' files cannot be used; empty if they can. */
    Optional<String> problem() {
        return access.problem();
    }

    private static String path(String namespace, String name) {
        return "/api/v1/namespaces/" + encoded(namespace) + "/pods/" + encoded(name);
    }

    private static String ofNode(String nodeName) {
        return "fieldSelector=" + encoded("spec.nodeName=" + nodeName);
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** An answer has more bytes than it may have. */
    static final class TooLargeException extends IOException {
        @Serial
        private static final long serialVersionUID = 1L;

        TooLargeException(String message) {
            super(message);
        }
    }

    /** A call, which is made anew where it is made twice. */
    private interface Call {
        HttpRequest.Builder of(Way way);
    }

    private Answer send(Call call, Deadline deadline) throws IOException {
        Way way = access.way();
        try {
            return sendOnce(way, call, deadline);
        } catch (ApiException e) {
            if (e.isUnauthorized() && access.renew(way)) {
                return sendOnce(access.way(), call, deadline);
            }
            throw e;
        } catch (SSLException e) {
            if (access.renew(way)) {
                return sendOnce(access.way(), call, deadline);
            }
            throw e;
        }
    }

    private static Answer sendOnce(Way way, Call call, Deadline deadline) throws IOException {
        // An encoding is never asked for; the header keeps proxies from choosing one.
        HttpRequest request = call.of(way)
                .header("Accept-Encoding", "identity")
                .header("User-Agent", "podslice")
                .build();
        HttpResponse<Body> response = answered(way, request, deadline);
        Body body = response.body();
        try {
            HttpHeaders headers = response.headers();
            String encoding = headers.firstValue("Content-Encoding").orElse("identity");
            if (!encoding.equals("identity")) {
                throw new IOException("the API server answers in the encoding \"" + Printable.of(encoding, 64)
                        + "\", which it was not asked for");
            }
            String type = headers.firstValue("Content-Type").orElse("");
            if (response.statusCode() / 100 != 2) {
                throw failure(response.statusCode(), type, body, deadline);
            }
            return new Answer(body, Wire.of(type));
        } catch (IOException e) {
            body.close();
            throw e;
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // of whenComplete, whose action only gives a late answer up
    private static HttpResponse<Body> answered(Way way, HttpRequest request, Deadline deadline) throws IOException {
        CompletableFuture<HttpResponse<Body>> answer = way.client().sendAsync(request, head -> new Body());
        try {
            return answer.get(deadline.nanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException("the API server at " + way.server() + " does not answer in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw thrown(way, e.getCause() == null ? e : e.getCause());
        } finally {
            if (!answer.isDone()) {
                answer.whenComplete((late, failure) -> {
                    if (late != null) {
                        late.body().close();
                    }
                });
                answer.cancel(true);
            }
        }
    }

    private static IOException thrown(Way way, Throwable cause) {
        if (cause instanceof SSLException tls) {
            return new SSLException("the API server at " + way.server() + ": " + tls.getMessage(), tls);
        }
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new IOException("the API server at " + way.server() + " cannot be reached: " + message, cause);
    }

    private static ApiException failure(int code, String type, Body body, Deadline deadline) throws IOException {
        byte[] bytes = body.read(MOST_ERROR_BYTES, deadline);
        String message;
        try {
            message = Wire.of(type).status(bytes).message();
        } catch (IOException noStatus) {
            message = new String(bytes, StandardCharsets.UTF_8).strip();
        }
        return new ApiException(code, Printable.of(message, 200));
    }

    /** A good answer, of which the head has come. */
    record Answer(Body body, Wire wire) implements AutoCloseable {

        /** Reads the whole body. */
        byte[] bytes(int most, Deadline deadline) throws IOException {
            byte[] bytes = body.read(most, deadline);
            if (bytes.length == most && body.read(deadline) >= 0) {
                throw new TooLargeException("the API server answers with more than " + most + " bytes");
            }
            return bytes;
        }

        @Override
        public void close() {
            body.close();
        }
    }
}
