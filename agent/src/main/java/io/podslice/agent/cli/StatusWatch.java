package io.podslice.agent.cli;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.podslice.agent.api.NodeApiClient;
import io.podslice.agent.status.StatusJson;
import io.podslice.agent.status.StatusTable;
import io.podslice.managers.pod.Printable;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodReference;
import io.podslice.proto.v1.WatchPodsRequest;
import io.podslice.proto.v1.WatchPodsResponse;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prints every change of pods. Where podslice ends or drops the watch, it connects again and goes on from the last
 * revision that it has seen.
 */
final class StatusWatch {
    private static final long PAUSE_MILLIS = 1_000;

    private final NodeApiClient client;
    private final @Nullable PodReference only;
    private final OutputFormat output;
    private final boolean explains;
    private final PrintWriter out;
    private final PrintWriter err;
    private long revision;

    /**
     * @param only the pod to watch; null for all pods
     * @param explains true to add what the sources of its spec said
     */
    StatusWatch(
            NodeApiClient client,
            @Nullable PodReference only,
            OutputFormat output,
            boolean explains,
            PrintWriter out,
            PrintWriter err) {
        this.client = client;
        this.only = only;
        this.output = output;
        this.explains = explains;
        this.out = out;
        this.err = err;
    }

    /** Watches until the context is cancelled or the thread interrupted; returns the exit status. */
    int run(Context context) {
        while (!context.isCancelled()) {
            try {
                follow();
            } catch (StatusRuntimeException e) {
                Status.Code code = e.getStatus().getCode();
                if (code == Status.Code.CANCELLED) {
                    return ExitCode.OK;
                }
                if (code != Status.Code.UNAVAILABLE && code != Status.Code.RESOURCE_EXHAUSTED) {
                    throw e;
                }
                err.println("podslice status: " + Printable.of(e.getStatus().getDescription())
                        + "; going on from revision " + revision);
                err.flush();
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return ExitCode.OK;
            }
        }
        return ExitCode.OK;
    }

    private void follow() {
        WatchPodsRequest.Builder request = WatchPodsRequest.newBuilder().setRevision(revision);
        if (only != null) {
            request.setNamespace(only.getNamespace());
        }
        Iterator<WatchPodsResponse> changes = client.node().watchPods(request.build());
        while (changes.hasNext()) {
            WatchPodsResponse next = changes.next();
            show(next);
            revision = next.getRevision();
        }
    }

    private void show(WatchPodsResponse changes) {
        List<Pod> pods = changes.getPodsList().stream()
                .filter(pod -> isMeant(pod.getNamespace(), pod.getName()))
                .toList();
        List<PodReference> removed = changes.getRemovedList().stream()
                .filter(pod -> isMeant(pod.getNamespace(), pod.getName()))
                .toList();
        if (output == OutputFormat.JSON) {
            if (changes.getRelist() || !pods.isEmpty() || !removed.isEmpty()) {
                out.print(StatusJson.changes(changes.getRevision(), changes.getRelist(), pods, removed));
            }
        } else {
            StatusTable table = new StatusTable(Instant.now());
            out.print(only == null ? table.changes(changes.getRelist(), pods, removed) : one(table, pods, removed));
        }
        out.flush();
    }

    private String one(StatusTable table, List<Pod> pods, List<PodReference> removed) {
        StringBuilder text = new StringBuilder();
        removed.forEach(pod -> text.append(StatusTable.gone(pod)));
        pods.forEach(pod -> text.append(table.pod(pod, explains)));
        return text.toString();
    }

    private boolean isMeant(String namespace, String name) {
        return only == null
                || (only.getNamespace().equals(namespace) && only.getName().equals(name));
    }
}
