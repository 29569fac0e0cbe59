package io.podslice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.podslice.cluster.pod.PodReader;
import io.podslice.cluster.podsapi.PodsApiSource;
import io.podslice.cluster.source.PodSources;
import io.podslice.cluster.source.ScriptedSource;
import io.podslice.node.KnownPod;
import io.podslice.node.PodSpecs.Lookup;
import io.podslice.node.SpecSource;
import io.podslice.proto.core.v1.Container;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.podsapi.v1alpha1.EventType;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The faults of a kubelet's Pods API, and for each the source from which a pod is then known. */
class SourceFaultsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pod WEB = TestPods.pod("web", 3, "4");

    @TempDir
    private Path folder;

    /** Makes a fault in a kubelet that has the pod; some end the kubelet for it. */
    private interface Making {
        @Nullable
        AutoCloseable make(FakeKubelet kubelet, Path socket) throws Exception;
    }

    private enum Watched {
        BEFORE_THE_FAULT,
        AFTER_THE_FAULT,
        NEVER
    }

    private record Fault(String name, Watched watched, SpecSource winner, String remark, Making making) {}

    static Stream<Arguments> faults() {
        return Stream.of(
                        new Fault("none", Watched.BEFORE_THE_FAULT, SpecSource.PODS_API, "", (kubelet, socket) -> null),
                        new Fault("no socket", Watched.NEVER, SpecSource.API_SERVER, "", (kubelet, socket) -> {
                            kubelet.close();
                            Files.deleteIfExists(socket);
                            return null;
                        }),
                        new Fault(
                                "socket gone after a watch",
                                Watched.BEFORE_THE_FAULT,
                                SpecSource.API_SERVER,
                                "podsAPI: no socket",
                                (kubelet, socket) -> {
                                    kubelet.stop();
                                    Files.deleteIfExists(socket);
                                    return null;
                                }),
                        new Fault(
                                "no listener",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "Connection refused",
                                (kubelet, socket) -> {
                                    kubelet.stop();
                                    Files.deleteIfExists(socket);
                                    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                                            .bind(UnixDomainSocketAddress.of(socket))
                                            .close();
                                    return null;
                                }),
                        new Fault(
                                "a file in its place",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "podsAPI: ",
                                (kubelet, socket) -> {
                                    kubelet.stop();
                                    Files.deleteIfExists(socket);
                                    Files.writeString(socket, "no socket");
                                    return null;
                                }),
                        new Fault(
                                "never speaks",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "did not answer in time",
                                (kubelet, socket) -> {
                                    kubelet.stop();
                                    Files.deleteIfExists(socket);
                                    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                                            .bind(UnixDomainSocketAddress.of(socket));
                                }),
                        new Fault("hangs up", Watched.NEVER, SpecSource.API_SERVER, "podsAPI: ", (kubelet, socket) -> {
                            kubelet.stop();
                            Files.deleteIfExists(socket);
                            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                                    .bind(UnixDomainSocketAddress.of(socket));
                            Thread.ofVirtual().start(() -> {
                                try {
                                    while (true) {
                                        server.accept().close();
                                    }
                                } catch (IOException e) {
                                    return; // the test is over
                                }
                            });
                            return server;
                        }),
                        new Fault("hangs", Watched.NEVER, SpecSource.API_SERVER, "did not answer in time", hangs()),
                        new Fault(
                                "hangs beside a complete watch",
                                Watched.BEFORE_THE_FAULT,
                                SpecSource.PODS_API,
                                "",
                                hangs()),
                        new Fault("garbage", Watched.NEVER, SpecSource.API_SERVER, "wire type", answers(new byte[] {
                            (1 << 3) | 7, 1, 2
                        })),
                        new Fault(
                                "empty answer",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "metadata.uid: is missing",
                                answers(new byte[0])),
                        new Fault(
                                "truncated pod",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "ended unexpectedly in the middle of a field",
                                answers(FakeKubelet.response(WEB.toByteString()
                                        .substring(0, WEB.toByteString().size() - 1)))),
                        new Fault(
                                "pod above the bound",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "above",
                                answers(FakeKubelet.response(ByteString.copyFrom(new byte[PodReader.MOST_BYTES + 1])))),
                        new Fault(
                                "pod of 16 mib",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "above",
                                answers(FakeKubelet.response(ByteString.copyFrom(new byte[16 << 20])))),
                        new Fault(
                                "wrong uid",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "the kubelet answered with pod \"uid-of-mail\" when asked for uid-of-web",
                                answers(FakeKubelet.response(
                                        TestPods.pod("mail", 3, "4").toByteString()))),
                        new Fault(
                                "wrong name",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "podsAPI: describes default/mail with uid uid-of-web instead",
                                answers(edited(pod -> pod.getMetadataBuilder().setName("mail")))),
                        new Fault(
                                "amount that does not parse",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "podsAPI: spec.resources.limits[cpu]: Invalid value: \"many\"",
                                answers(edited(pod -> pod.getSpecBuilder()
                                        .getResourcesBuilder()
                                        .putLimits("cpu", TestPods.quantity("many"))))),
                        new Fault(
                                "too many containers",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "more than 1024 containers",
                                answers(edited(pod -> {
                                    for (int i = 0; i < 2000; i++) {
                                        pod.getSpecBuilder()
                                                .addContainers(
                                                        Container.newBuilder().setName("c" + i));
                                    }
                                }))),
                        new Fault(
                                "gate off",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "its feature gate may be off",
                                refuses(Status.UNIMPLEMENTED.withDescription("unknown service v1alpha1.Pods"))),
                        new Fault(
                                "starting",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "the kubelet is starting",
                                refuses(Status.FAILED_PRECONDITION.withDescription("pod sources are not ready"))),
                        new Fault(
                                "internal error",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "gRPC status 13, out of luck",
                                refuses(Status.INTERNAL.withDescription("out of luck"))),
                        new Fault(
                                "rate limit",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "100 calls a second, is used up",
                                refuses(Status.RESOURCE_EXHAUSTED.withDescription("rejected by rate limit"))),
                        new Fault(
                                "rate limit beside a complete watch",
                                Watched.BEFORE_THE_FAULT,
                                SpecSource.PODS_API,
                                "",
                                refuses(Status.RESOURCE_EXHAUSTED.withDescription("rejected by rate limit"))),
                        new Fault(
                                "rate limit for a moment",
                                Watched.NEVER,
                                SpecSource.PODS_API,
                                "",
                                (kubelet, socket) -> {
                                    AtomicInteger refusals = new AtomicInteger(2);
                                    kubelet.onGet = request -> {
                                        if (refusals.getAndDecrement() > 0) {
                                            throw Status.RESOURCE_EXHAUSTED.asRuntimeException();
                                        }
                                        return kubelet.get(request);
                                    };
                                    return null;
                                }),
                        new Fault(
                                "unknown pod",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "podsAPI: does not have the pod",
                                (kubelet, socket) -> {
                                    kubelet.pods.clear();
                                    return null;
                                }),
                        new Fault(
                                "partial after a restart",
                                Watched.BEFORE_THE_FAULT,
                                SpecSource.PODS_API,
                                "",
                                (kubelet, socket) -> {
                                    kubelet.stop();
                                    kubelet.pods.clear();
                                    kubelet.start();
                                    return null;
                                }),
                        new Fault(
                                "dies in the call",
                                Watched.NEVER,
                                SpecSource.API_SERVER,
                                "podsAPI: ",
                                (kubelet, socket) -> {
                                    kubelet.onGet = request -> {
                                        Thread.ofVirtual().start(kubelet::stop);
                                        Thread.sleep(10_000);
                                        return kubelet.get(request);
                                    };
                                    return null;
                                }),
                        new Fault(
                                "watch without end of its list",
                                Watched.AFTER_THE_FAULT,
                                SpecSource.PODS_API,
                                "",
                                (kubelet, socket) -> {
                                    kubelet.onWatch = watcher -> {
                                        for (int i = 0; i < 20_000; i++) {
                                            watcher.onNext(
                                                    FakeKubelet.event(EventType.ADDED, TestPods.pod("w" + i, 1, "1")));
                                        }
                                    };
                                    return null;
                                }),
                        new Fault(
                                "watch of garbage",
                                Watched.AFTER_THE_FAULT,
                                SpecSource.PODS_API,
                                "",
                                (kubelet, socket) -> {
                                    kubelet.onWatch = watcher -> {
                                        for (int i = 0; i < 100; i++) {
                                            watcher.onNext(new byte[] {(byte) i, (byte) (3 * i), 7, 7, 7});
                                        }
                                    };
                                    return null;
                                }),
                        new Fault(
                                "watch refused",
                                Watched.AFTER_THE_FAULT,
                                SpecSource.PODS_API,
                                "",
                                (kubelet, socket) -> {
                                    kubelet.onWatch =
                                            watcher -> watcher.onError(Status.PERMISSION_DENIED.asRuntimeException());
                                    return null;
                                }),
                        new Fault(
                                "watch of a message above the bound",
                                Watched.AFTER_THE_FAULT,
                                SpecSource.PODS_API,
                                "",
                                (kubelet, socket) -> {
                                    kubelet.onWatch = watcher -> watcher.onNext(new byte[17 << 20]);
                                    return null;
                                }))
                .map(fault -> Arguments.of(Named.of(fault.name, fault)));
    }

    private static Making answers(byte[] bytes) {
        return (kubelet, socket) -> {
            kubelet.onGet = request -> bytes;
            return null;
        };
    }

    private static byte[] edited(Consumer<Pod.Builder> edit) {
        Pod.Builder pod = WEB.toBuilder();
        edit.accept(pod);
        return FakeKubelet.response(pod.build().toByteString());
    }

    private static Making refuses(Status status) {
        return (kubelet, socket) -> {
            kubelet.refusal = status;
            return null;
        };
    }

    private static Making hangs() {
        return (kubelet, socket) -> {
            kubelet.onGet = request -> {
                Thread.sleep(30_000);
                return kubelet.get(request);
            };
            return null;
        };
    }

    @ParameterizedTest
    @MethodSource("faults")
    void a_pod_is_known_from_the_right_source(Object row) throws Exception {
        Fault fault = (Fault) row;
        Path socket = folder.resolve("s");
        ScriptedSource next = new ScriptedSource(SpecSource.API_SERVER);
        KnownPod other = PodReader.read(SpecSource.API_SERVER, ByteBuffer.wrap(WEB.toByteArray()));
        next.answer = (pod, atMost) -> Optional.of(other);
        FakeKubelet kubelet = new FakeKubelet(socket);
        PodsApiSource podsApi = new PodsApiSource(socket);
        try (PodSources sources = new PodSources(List.of(podsApi, next))) {
            kubelet.pods.put(TestPods.uid("web"), WEB);
            if (fault.watched == Watched.BEFORE_THE_FAULT) {
                sources.start(pod -> {});
                await().atMost(PATIENCE).until(() -> podsApi.health().ready());
            }
            AutoCloseable made = fault.making.make(kubelet, socket);
            if (fault.watched == Watched.AFTER_THE_FAULT) {
                sources.start(pod -> {});
                await().atMost(PATIENCE).until(() -> kubelet.watches.get() > 0);
            }

            Lookup lookup = sources.find(TestPods.request("web"), Duration.ofSeconds(4));

            assertThat(lookup.pod()).isPresent();
            assertThat(lookup.pod().orElseThrow().source())
                    .as(lookup.remarks().toString())
                    .isEqualTo(fault.winner);
            assertThat(lookup.pod().orElseThrow().spec()).isEqualTo(other.spec());
            if (fault.remark.isEmpty()) {
                assertThat(lookup.remarks()).isEmpty();
            } else {
                assertThat(lookup.remarks().getFirst()).startsWith("podsAPI: ").contains(fault.remark);
            }
            assertThat(podsApi.health().pods()).isLessThanOrEqualTo(4096);
            if (made != null) {
                made.close();
            }
        } finally {
            kubelet.close();
        }
    }
}
