package io.podslice.cluster.apiserver;

import static io.podslice.cluster.apiserver.FakeApiServer.Kind.GET;
import static io.podslice.cluster.apiserver.FakeApiServer.Kind.LIST;
import static io.podslice.cluster.apiserver.FakeApiServer.Kind.WATCH;
import static io.podslice.cluster.apiserver.FakeApiServer.enveloped;
import static io.podslice.cluster.apiserver.FakeApiServer.framed;
import static io.podslice.cluster.apiserver.FakeApiServer.head;
import static io.podslice.cluster.apiserver.FakeApiServer.send;
import static io.podslice.cluster.apiserver.TestPods.cpus;
import static io.podslice.cluster.apiserver.TestPods.pod;
import static io.podslice.cluster.apiserver.TestPods.sandbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import io.podslice.proto.core.v1.Pod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A table of faults of the API server and of the way to it. After each one the source has the pods as they are, those that
 * were changed, made and deleted meanwhile included; and while it lasts, no lookup gives a spec that is not the pod's.
 */
class WatchFaultsTest {
    private static final String PROTOBUF = "application/vnd.kubernetes.protobuf;stream=watch";

    /** Acts on a node that has the pod "web" with 2 CPUs, and is watched. */
    interface Act {
        void on(WatchedNode node) throws Exception;
    }

    @SuppressWarnings("ImmutableEnumChecker") // the acts are lambdas that capture nothing
    enum Row {
        A_VERSION_THAT_IS_TOO_OLD(node -> {
            node.server.watchMillis = 50;
            node.server.compact();
        }),
        AN_ERROR_EVENT_410(node -> cutWith(node, 1, FakeApiServer.error(410, "too old resource version"))),
        AN_ERROR_EVENT_500(node -> cutWith(node, 1, FakeApiServer.error(500, "etcdserver: leader changed"))),
        WATCHES_THAT_END_AT_ONCE(node -> cutWith(node, 5, new byte[0])),
        WATCHES_THAT_END_EARLY(node -> {
            node.server.watchMillis = 30;
            await().until(() -> node.server.requests(WATCH) > 5);
        }),
        HALF_A_FRAME(node -> cutWith(node, 2, half(node))),
        HALF_A_LENGTH(node -> cutWith(node, 2, new byte[] {0, 0})),
        A_LENGTH_OF_2_GIB(node -> cutWith(node, 2, new byte[] {0x7f, -1, -1, -1, 1})),
        A_LENGTH_OF_4_GIB(node -> cutWith(node, 2, new byte[] {-1, -1, -1, -1, 1})),
        AN_EMPTY_FRAME(node -> cutWith(node, 2, new byte[4])),
        A_FRAME_OF_NOISE(node -> cutWith(node, 2, framed("ADDED", noise()))),
        NOISE_IN_AN_ENVELOPE(node -> cutWith(node, 2, framed("ADDED", inEnvelope(noise())))),
        NO_ENVELOPE(node -> cutWith(node, 2, framed("ADDED", pod("x", "x", 1).toByteArray()))),
        AN_UNKNOWN_TYPE_OF_EVENT(node -> cutWith(node, 2, framed("RENAMED", enveloped("Pod", pod("x", "x", 1))))),
        A_POD_WITHOUT_A_UID(node -> cutWith(node, 2, framed("ADDED", enveloped("Pod", pod("x", "", 1))))),
        GZIP(node -> node.server.fail(WATCH, 2, exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            send(exchange, 200, PROTOBUF, noise());
        })),
        A_PAGE_IN_HTML(node -> answer(node, 3, 200, "text/html", "<html>login</html>")),
        A_PROXY_S_503(node -> answer(node, 3, 503, "text/html", "<html>no backend</html>")),
        TOO_MANY_REQUESTS(node -> answer(node, 3, 429, "text/plain", "slow down")),
        A_REDIRECT(node -> node.server.fail(WATCH, 2, exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            send(exchange, 302, "text/plain", new byte[0]);
        })),
        FORBIDDEN(node -> answer(node, 3, 403, "application/json", "{\"message\":\"forbidden\",\"code\":403}")),
        UNAUTHORIZED(node -> answer(node, 3, 401, "application/json", "{\"message\":\"Unauthorized\",\"code\":401}")),
        SILENCE(node -> node.server.fail(WATCH, 1, exchange -> {
            head(exchange, 200, PROTOBUF);
            Thread.sleep(10_000);
        })),
        NO_ANSWER(node -> node.server.fail(WATCH, 1, exchange -> Thread.sleep(10_000))),
        A_SERVER_THAT_IS_AWAY(node -> {
            node.server.goAway();
            await().until(() -> !node.source.health().ready());
            assertThat(node.find(sandbox("web", "uid-1")).map(TestPods::cpus)).contains(2L);
            assertThat(node.source.health().ready()).isFalse();
            node.server.comeBack();
        }),
        JSON_FROM_NOW_ON(node -> {
            node.server.isJson = true;
            node.server.fail(WATCH, 2, exchange -> send(exchange, 200, "application/json", new byte[0]));
        }),
        BROKEN_JSON(node -> cutWith(node, 2, "application/json", "{\"type\":\"ADDED\",\"object\":{\"metadata\":[\n")),
        JSON_WITHOUT_AN_END(node -> cutWith(node, 2, "application/json", "{\"type\":\"ADDED\",\"obj")),
        NO_WATCH_LIST_ANY_MORE(node -> {
            node.server.knowsWatchList = false;
            node.server.compact();
        }),
        SMALL_PAGES(node -> {
            node.server.knowsWatchList = false;
            node.server.pageSize = 1;
            node.server.compact();
        }),
        A_PAGE_THAT_IS_TOO_OLD(node -> {
            node.server.knowsWatchList = false;
            node.server.pageSize = 1;
            node.server.fail(LIST, 2, exchange -> node.server.status(exchange, 410, "the continue token has expired"));
            node.server.compact();
        }),
        A_LIST_WITHOUT_AN_END(node -> {
            node.server.knowsWatchList = false;
            node.server.fail(
                    LIST,
                    2,
                    exchange -> send(
                            exchange,
                            200,
                            "application/json",
                            "{\"metadata\":{\"resourceVersion\":\"1\",\"continue\":\"1\"}}"
                                    .getBytes(StandardCharsets.UTF_8)));
            node.server.compact();
        }),
        A_LIST_THAT_IS_TOO_LARGE(node -> {
            node.server.knowsWatchList = false;
            node.server.fail(LIST, 1, exchange -> {
                head(exchange, 200, PROTOBUF);
                for (int mib = 0; mib < 7; mib++) {
                    exchange.getResponseBody().write(new byte[1 << 20]);
                }
            });
            node.server.compact();
        }),
        A_WATCH_THAT_SENDS_NO_BOOKMARK(node -> {
            node.server.fail(WATCH, 1, exchange -> {
                head(exchange, 200, PROTOBUF);
                exchange.getResponseBody().write(FakeApiServer.error(410, "anew"));
            });
            node.server.fail(WATCH, 1, exchange -> {
                head(exchange, 200, PROTOBUF);
                for (int i = 0; i < 200; i++) {
                    exchange.getResponseBody().write(node.server.event("ADDED", pod("web", "uid-1", 2)));
                    exchange.getResponseBody().flush();
                    Thread.sleep(50);
                }
            });
        });

        private final Act act;

        Row(Act act) {
            this.act = act;
        }

        /** Has the present watch end, and the next ones send these bytes before they end. */
        private static void cutWith(WatchedNode node, int times, byte[] bytes) {
            node.server.fail(WATCH, times, exchange -> begun(exchange, PROTOBUF, bytes));
        }

        private static void cutWith(WatchedNode node, int times, String type, String text) {
            node.server.fail(WATCH, times, exchange -> begun(exchange, type, text.getBytes(StandardCharsets.UTF_8)));
        }

        private static void begun(HttpExchange exchange, String type, byte[] bytes) throws IOException {
            head(exchange, 200, type);
            exchange.getResponseBody().write(bytes);
        }

        private static void answer(WatchedNode node, int times, int code, String type, String text) {
            node.server.fail(
                    WATCH, times, exchange -> send(exchange, code, type, text.getBytes(StandardCharsets.UTF_8)));
        }

        private static byte[] half(WatchedNode node) {
            byte[] event = node.server.event("ADDED", pod("web", "uid-1", 2));
            return Arrays.copyOf(event, event.length / 2);
        }

        private static byte[] noise() {
            byte[] noise = new byte[64];
            Arrays.fill(noise, (byte) 0xff);
            return noise;
        }

        private static byte[] inEnvelope(byte[] raw) {
            return ByteBuffer.allocate(6 + raw.length)
                    .put(new byte[] {'k', '8', 's', 0, 0x12, (byte) raw.length})
                    .put(raw)
                    .array();
        }
    }

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @EnumSource(Row.class)
    void the_source_has_the_pods_as_they_are_after(Row row, @TempDir Path folder) throws Exception {
        try (WatchedNode node = new WatchedNode(folder)) {
            Pod web = node.server.put(pod("web", "uid-1", 2));
            Pod old = node.server.put(pod("old", "uid-2", 1));
            node.server.watchMillis = 100;
            node.start();
            node.awaitAtHand("web", "uid-1", 2);
            node.awaitAtHand("old", "uid-2", 1);

            row.act.on(node);
            await().atMost(WatchedNode.PATIENCE).until(node.server::hasStruck);
            node.server.delete(old);
            node.server.put(resized(web, 5));
            node.server.put(pod("new", "uid-3", 3));
            assertThat(node.find(sandbox("web", "uid-1")).map(TestPods::cpus))
                    .hasValueSatisfying(found -> assertThat(found).isIn(2L, 5L));
            node.server.watchMillis = Long.MAX_VALUE;

            node.awaitAtHand("web", "uid-1", 5);
            node.awaitAtHand("new", "uid-3", 3);
            await().atMost(WatchedNode.PATIENCE)
                    .untilAsserted(() -> assertThat(node.source.atHand("uid-2", "default", "old"))
                            .isEmpty());
            int before = node.server.requests(GET);
            await().atMost(WatchedNode.PATIENCE).until(() -> {
                int asked = node.server.requests(GET);
                return node.find(sandbox("web", "uid-1"))
                                .filter(found -> cpus(found) == 5)
                                .isPresent()
                        && node.server.requests(GET) == asked;
            });
            assertThat(node.server.requests(GET)).isGreaterThanOrEqualTo(before);
            assertThat(node.find(sandbox("old", "uid-2"))).isEmpty();
            assertThat(node.told.stream()
                            .filter(pod -> pod.uid().equals("uid-1"))
                            .map(TestPods::cpus))
                    .endsWith(5L);
        }
    }

    private static Pod resized(Pod pod, int cpus) {
        Pod.Builder resized = pod(pod.getMetadata().getName(), pod.getMetadata().getUid(), cpus).toBuilder();
        resized.getMetadataBuilder().setGeneration(2);
        return resized.build();
    }
}
