package io.podslice.integration.demo;

import io.grpc.StatusRuntimeException;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.KubeletDriver;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page of the demo's node, for as long as a person looks at it: with a resize that waits, since too few CPUs are free, and a pod
 * that was refused for that.
 *
 * @param port the page's, on the loopback; 0 for any
 * @param ready is told the page's address once it can be looked at
 * @param looked reaches zero when the look has ended
 */
record DemoPage(int port, Consumer<URI> ready, CountDownLatch looked) {
    private static final Logger LOG = LoggerFactory.getLogger(DemoPage.class);

    /** More CPUs than are free, and fewer than the node has. */
    private static final Wants TOO_MANY_NOW = Wants.guaranteed(Amounts.of(26, 16));

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /**
     * Asks for what the node cannot give now, and waits until the look has ended.
     *
     * @param first the pod of which a resize is asked
     * @param source the source of the pods' specs
     * @param bound the port on which the page is
     */
    void show(KubeletDriver kubelet, RunningPod first, UnaryOperator<PodManifest> source, int bound) {
        refused(() -> kubelet.resize(first, first.manifest().resizedTo(TOO_MANY_NOW)));
        PodManifest second = DemoPods.database()
                .called("second-database", "00000000-0000-4000-8000-00000000000d")
                .resizedTo(TOO_MANY_NOW);
        refused(() -> kubelet.run(source.apply(second)));
        ready.accept(URI.create("http://localhost:" + bound + "/"));
        try {
            looked.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void refused(Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException e) {
            LOG.info("as it must be: {}", e.getStatus().getDescription());
            return;
        }
        throw new IllegalStateException("a node of 32 CPUs has given more than it had");
    }
}
