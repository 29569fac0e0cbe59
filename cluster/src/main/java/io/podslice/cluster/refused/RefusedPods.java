package io.podslice.cluster.refused;

import io.podslice.cluster.apiserver.ApiException;
import io.podslice.cluster.apiserver.ApiServer;
import io.podslice.cluster.apiserver.Deadline;
import io.podslice.managers.pod.Printable;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeMeter;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RefusalListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes refused pods fail in the cluster, as the kubelet's own admission does, so that their controllers make them on
 * another node ({@code admission.refused: fail}). Only a pod that has never run: a static pod, a pod that is being deleted, and
 * one that has another phase than Pending are left to the kubelet, which tries again. So is a pod whose status cannot be set.
 *
 * <p>The kubelet holds its own status for the true one: where it compares them before it has taken notice of the failure, it
 * writes Pending again (1.36: pkg/kubelet/status/status_manager.go, needsReconcile, every 10 s) and tries the pod again, which
 * then fails once more. One thread, and a bounded queue.
 */
public final class RefusedPods implements RefusalListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RefusedPods.class);

    /** The most pods that wait; one beyond them is refused again by the kubelet's next attempt. */
    static final int MOST_WAITING = 256;

    /** The most pods of which it is remembered that they are done with. */
    private static final int MOST_REMEMBERED = 4096;

    /** The most times that a pod is made to fail; the kubelet takes notice of it after two or three at most. */
    static final int MOST_FAILURES = 10;

    /** The kubelet writes to the status of a new pod too. */
    private static final int ATTEMPTS = 5;

    private static final Duration CALL = Duration.ofSeconds(10);

    /** The kubelet's words before every message of its admission (pkg/kubelet/kubelet.go, rejectPod). */
    private static final String REJECTED = "Pod was rejected: ";

    /** The longest message in characters. */
    private static final int LONGEST = 2000;

    private record Refused(PodSandboxRequest pod, Refusal refusal) {}

    private final ApiServer server;
    private final NodeMeter meter;
    private final Duration pause;

    /** By uid, in the order of their refusals. */
    private final SequencedMap<String, Refused> waiting = new LinkedHashMap<>();

    /** The uids of pods that must be left as they are. */
    private final RecentUids settled = new RecentUids(MOST_REMEMBERED);

    /** The failures that pods have been given, by uid. For the thread alone. */
    private final RecentCounts failures = new RecentCounts(MOST_REMEMBERED);

    /** The uids of pods whose failed attempts have been logged. */
    private final RecentUids told = new RecentUids(MOST_REMEMBERED);

    private final Thread thread;

    /**
     * @param server the API server; the credentials must be allowed to get pods and to patch pods/status
     * @param meter counts what becomes of the pods
     */
    public RefusedPods(ApiServer server, NodeMeter meter) {
        this(server, meter, Duration.ofMillis(100));
    }

    /** @param pause the time after a conflict; it grows with each further one */
    RefusedPods(ApiServer server, NodeMeter meter, Duration pause) {
        this.server = server;
        this.meter = meter;
        this.pause = pause;
        this.thread = Thread.ofVirtual().name("refused-pods").start(this::run);
    }

    @Override
    public synchronized void refused(PodSandboxRequest pod, Refusal refusal) {
        if (!pod.uid().isEmpty() && !settled.has(pod.uid()) && waiting.size() < MOST_WAITING) {
            waiting.putIfAbsent(pod.uid(), new Refused(pod, refusal));
            notifyAll();
        }
    }

    private void run() {
        try {
            while (true) {
                attend(take());
            }
        } catch (InterruptedException e) {
            LOG.debug("refused pods are left to the kubelet from now on");
        }
    }

    private synchronized Refused take() throws InterruptedException {
        while (waiting.isEmpty()) {
            wait();
        }
        return waiting.pollFirstEntry().getValue();
    }

    private void attend(Refused refused) throws InterruptedException {
        String name = Printable.of(refused.pod.namespace() + "/" + refused.pod.name());
        try {
            Optional<String> reason = PodFate.reasonToLeaveSandbox(refused.pod);
            if (reason.isEmpty()) {
                reason = failed(refused);
            }
            if (reason.isEmpty()) {
                failed(refused, name);
            } else if (failures.of(refused.pod.uid()) == 0) {
                meter.count(NodeCounter.REFUSED_PODS, "left");
                LOG.info("pod {} was refused, and is left to the kubelet: {}", name, reason.get());
                settle(refused);
            } else {
                forget(refused); // It fails already, and the kubelet has not noticed yet.
            }
        } catch (IOException e) {
            meter.count(NodeCounter.REFUSED_PODS, "error");
            // Once it is closed the calls fail, which is no news.
            if (!Thread.currentThread().isInterrupted() && isNews(refused)) {
                LOG.warn(
                        "pod {} was refused, and cannot be made to fail: {}; the kubelet tries it again",
                        name,
                        e.getMessage());
            }
        } catch (RuntimeException e) {
            LOG.error("pod {} was refused, and cannot be made to fail", name, e);
        }
    }

    private void failed(Refused refused, String name) {
        int times = failures.add(refused.pod.uid());
        if (times == 1) {
            meter.count(NodeCounter.REFUSED_PODS, "failed");
            LOG.info("pod {} was refused, and has failed: {}", name, refused.refusal.reason());
        } else if (times == 2) {
            LOG.info("pod {} has failed again: the kubelet had written another phase", name);
        }
        if (times < MOST_FAILURES) {
            forget(refused);
        } else {
            LOG.warn("pod {} was made to fail {} times, and is left to the kubelet now", name, times);
            settle(refused);
        }
    }

    private synchronized void settle(Refused refused) {
        settled.add(refused.pod.uid());
        forget(refused);
    }

    private synchronized void forget(Refused refused) {
        waiting.remove(refused.pod.uid());
    }

    private synchronized boolean isNews(Refused refused) {
        return told.add(refused.pod.uid());
    }

    /**
     * Makes a pod fail.
     *
     * @return the reason for which it must be left as it is; empty if it has failed
     * @throws IOException if the API server does not do it
     */
    private Optional<String> failed(Refused refused) throws IOException, InterruptedException {
        PodSandboxRequest pod = refused.pod;
        String message = REJECTED + Printable.of(refused.refusal.message(), LONGEST);
        for (int attempt = 1; ; attempt++) {
            Optional<ByteBuffer> object = server.pod(pod.namespace(), pod.name(), Deadline.in(CALL));
            if (object.isEmpty()) {
                return Optional.of("the API server does not have it");
            }
            PodFate fate = PodFate.read(object.get());
            Optional<String> reason = fate.reasonToLeave(pod);
            if (reason.isPresent()) {
                return reason;
            }
            try {
                String patch = fate.failing(refused.refusal.reason(), message);
                server.patchStatus(pod.namespace(), pod.name(), patch, Deadline.in(CALL));
                return Optional.empty();
            } catch (ApiException e) {
                if (!e.isConflict() || attempt == ATTEMPTS) {
                    throw e;
                }
            }
            Thread.sleep(pause.multipliedBy(attempt));
        }
    }

    /** Stops; pods that wait are left to the kubelet. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
