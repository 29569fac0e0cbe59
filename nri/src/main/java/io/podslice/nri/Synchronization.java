package io.podslice.nri;

import io.podslice.node.TimeLimit;
import io.podslice.nri.ttrpc.TtrpcException;
import io.podslice.nri.ttrpc.TtrpcStatus;
import io.podslice.proto.nri.v1alpha1.Container;
import io.podslice.proto.nri.v1alpha1.ContainerUpdate;
import io.podslice.proto.nri.v1alpha1.LinuxContainer;
import io.podslice.proto.nri.v1alpha1.PodSandbox;
import io.podslice.proto.nri.v1alpha1.SynchronizeRequest;
import io.podslice.proto.nri.v1alpha1.SynchronizeResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over the running pods and containers. A runtime sends many of them in parts, since a message has at most 4 MiB;
 * the parts share one time limit, and only the last may be answered with updates.
 */
final class Synchronization {
    private static final Logger log = LoggerFactory.getLogger(Synchronization.class);

    /**
     * The time limit for one pod or container after the runtime was answered and no longer waits: a decision's, and that
     * of a podslice which still reads its state.
     */
    private static final TimeLimit UNHURRIED = new TimeLimit(Duration.ofSeconds(30), Duration.ofMinutes(10));

    /** The most bytes that podslice keeps of all parts together; ten thousand pods take a fifth of that. */
    private static final long MOST = 16 << 20;

    private final PodEvents events;
    private long bytes;
    private final Map<String, PodSandbox> pods = new LinkedHashMap<>();
    private final List<Container> containers = new ArrayList<>();
    private OptionalLong deadline = OptionalLong.empty();

    Synchronization(PodEvents events) {
        this.events = events;
    }

    /**
     * Answers one part. The runtime sends them one after the other.
     *
     * @param budget the time that the runtime waits for all parts, counted from the first
     * @throws TtrpcException if the parts exceed the limit
     */
    synchronized SynchronizeResponse part(SynchronizeRequest request, Duration budget) throws TtrpcException {
        if (deadline.isEmpty()) {
            deadline = OptionalLong.of(System.nanoTime() + budget.toNanos());
        }
        for (PodSandbox pod : request.getPodsList()) {
            PodSandbox lean = lean(pod);
            bytes += lean.getSerializedSize();
            pods.put(pod.getId(), lean);
        }
        for (Container container : request.getContainersList()) {
            Container lean = lean(container);
            bytes += lean.getSerializedSize();
            containers.add(lean);
        }
        if (bytes > MOST) {
            forget();
            throw new TtrpcException(
                    TtrpcStatus.RESOURCE_EXHAUSTED, "Synchronize: more than " + MOST + " bytes of pods and containers");
        }
        if (request.getMore()) {
            return SynchronizeResponse.newBuilder().setMore(true).build();
        }
        return SynchronizeResponse.newBuilder().addAllUpdate(updates()).build();
    }

    private void forget() {
        pods.clear();
        containers.clear();
        bytes = 0;
        deadline = OptionalLong.empty();
    }

    /**
     * Returns the container without the fields that podslice does not use, since there may be ten thousand containers.
     */
    private static Container lean(Container container) {
        return Container.newBuilder()
                .setId(container.getId())
                .setPodSandboxId(container.getPodSandboxId())
                .setName(container.getName())
                .setLinux(LinuxContainer.newBuilder()
                        .setResources(container.getLinux().getResources()))
                .build();
    }

    private static PodSandbox lean(PodSandbox pod) {
        return pod.toBuilder().clearLabels().build();
    }

    private List<ContainerUpdate> updates() {
        Walk walk = new Walk(List.copyOf(pods.values()), List.copyOf(containers));
        long left = deadline.orElseThrow() - System.nanoTime();
        forget();
        Thread.ofVirtual().name("nri synchronize").start(walk);
        return walk.within(left);
    }

    /** Goes through all pods and their containers; continues after the runtime has stopped waiting. */
    private final class Walk implements Runnable {
        private final List<PodSandbox> pods;
        private final List<Container> containers;
        private final List<ContainerUpdate> updates = new ArrayList<>();
        private final CountDownLatch done = new CountDownLatch(1);
        private boolean answered;

        Walk(List<PodSandbox> pods, List<Container> containers) {
            this.pods = pods;
            this.containers = containers;
        }

        @Override
        public void run() {
            try {
                Map<String, PodSandbox> byId = new LinkedHashMap<>();
                Map<String, List<Container>> running = new HashMap<>();
                for (Container container : containers) {
                    running.computeIfAbsent(container.getPodSandboxId(), id -> new ArrayList<>())
                            .add(container);
                }
                Set<String> inhabited = new HashSet<>();
                for (PodSandbox pod : pods) {
                    byId.put(pod.getId(), pod);
                    if (running.containsKey(pod.getId())) {
                        inhabited.add(pod.getUid());
                    }
                }
                for (PodSandbox pod : pods) {
                    // A sandbox of a pod that runs in another has ended: NRI tells of it until it is removed.
                    boolean ended = !running.containsKey(pod.getId()) && inhabited.contains(pod.getUid());
                    if (!ended) {
                        take(pod, running.getOrDefault(pod.getId(), List.of()));
                    }
                }
                for (Container container : containers) {
                    PodSandbox pod = byId.get(container.getPodSandboxId());
                    if (pod != null) {
                        take(pod, container);
                    }
                }
                log.info("synchronized: {} pods, {} containers", pods.size(), containers.size());
            } finally {
                done.countDown();
            }
        }

        private void take(PodSandbox pod, List<Container> running) {
            try {
                events.runPodSandbox(pod, running, UNHURRIED);
            } catch (TtrpcException | RuntimeException e) {
                log.error(
                        "pod {}/{} started while podslice was not running, and runs without the resources that it asks for: {}",
                        pod.getNamespace(),
                        pod.getName(),
                        e.getMessage());
            }
        }

        private void take(PodSandbox pod, Container container) {
            try {
                events.synchronizeContainer(pod, container, UNHURRIED).ifPresent(this::add);
            } catch (TtrpcException | RuntimeException e) {
                log.error(
                        "container {}/{}/{} started while podslice was not running, and runs without the resources that it asks for: {}",
                        pod.getNamespace(),
                        pod.getName(),
                        container.getName(),
                        e.getMessage());
            }
        }

        private synchronized void add(ContainerUpdate update) {
            if (answered) {
                log.warn(
                        "container {}: the runtime was answered before it could be told {}; podslice's own sweep sets"
                                + " its CPUs",
                        update.getContainerId(),
                        update.getLinux().getResources());
            } else {
                updates.add(update);
            }
        }

        List<ContainerUpdate> within(long nanos) {
            try {
                if (!done.await(nanos, TimeUnit.NANOSECONDS)) {
                    log.warn("synchronization takes longer than the runtime waits; it continues in the background");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            synchronized (this) {
                answered = true;
                return List.copyOf(updates);
            }
        }
    }
}
