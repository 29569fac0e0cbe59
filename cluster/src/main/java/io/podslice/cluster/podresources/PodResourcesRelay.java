package io.podslice.cluster.podresources;

import io.podslice.cluster.kubelet.KubeletSocket;
import io.podslice.cluster.podresources.AnswerEditor.PodName;
import io.podslice.cluster.wire.Fields;
import io.podslice.node.NodeAllocations;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Answers the calls of PodResources v1: the kubelet's own answer with podslice's CPUs and memory in it, whole or an error.
 * One answer is made at a time, of at most 4 MiB, which is some ten times that of 250 pods with devices. Safe for use by
 * many threads.
 */
public final class PodResourcesRelay {
    /** gRPC's own limit for a client that sets none. */
    static final int MOST_ANSWER_BYTES = 4 << 20;

    private static final String SERVICE = "v1.PodResourcesLister";

    private final KubeletSocket kubelet;
    private final Semaphore turn = new Semaphore(1);

    /** The service's methods. */
    public enum Method {
        LIST("List"),
        GET("Get"),
        GET_ALLOCATABLE_RESOURCES("GetAllocatableResources");

        private final String text;

        Method(String text) {
            this.text = text;
        }
    }

    /** @param socket path of the kubelet's socket; need not exist yet, and may be replaced at any time */
    public PodResourcesRelay(Path socket) {
        this.kubelet =
                new KubeletSocket(socket, MOST_ANSWER_BYTES, "no kubelet runs here, or its folder is another one");
    }

    /**
     * Answers a call.
     *
     * @param request the encoded request, which the kubelet gets as it is
     * @param given tells what podslice has given to pods; asked after the kubelet, so that no pod of its answer is newer
     * @param atMost the time for all of it
     * @return the encoded answer
     * @throws io.podslice.cluster.kubelet.CallFailedException if the kubelet answers with an error, or not in time
     * @throws io.podslice.cluster.source.SourceAbsentException if there is no socket
     * @throws io.podslice.cluster.wire.UnreadableException if its answer cannot be read
     * @throws AmbiguousPodException if two pods of one name run
     * @throws IOException if the kubelet cannot be reached, the connection breaks, or other calls take all the time
     */
    public byte[] answer(Method method, ByteBuffer request, Supplier<NodeAllocations> given, Duration atMost)
            throws IOException {
        long begun = System.nanoTime();
        try {
            if (!turn.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("other calls of PodResources are waiting for the kubelet; call again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for other calls");
        }
        try {
            Duration left = atMost.minusNanos(System.nanoTime() - begun);
            PodName only = method == Method.GET ? asked(request) : null;
            ByteBuffer answer = kubelet.call(SERVICE, method.text, request, left);
            AnswerEditor editor = new AnswerEditor(new GivenResources(given.get()));
            return method == Method.GET_ALLOCATABLE_RESOURCES ? editor.allocatable(answer) : editor.pods(answer, only);
        } finally {
            turn.release();
        }
    }

    /** The fields of the request have the numbers of a pod's name and namespace. */
    private static PodName asked(ByteBuffer request) throws IOException {
        return PodName.of(Fields.of(request));
    }
}
