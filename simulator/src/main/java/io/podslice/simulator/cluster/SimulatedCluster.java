package io.podslice.simulator.cluster;

import io.podslice.proto.core.v1.Pod;
import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.apiserver.ApiServerDouble;
import io.podslice.simulator.kubelet.PodLife;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RejectedPodException;
import io.podslice.simulator.kubeletapi.DeviceManager;
import io.podslice.simulator.kubeletapi.DevicePlugin;
import io.podslice.simulator.kubeletapi.KubeletRelease;
import io.podslice.simulator.kubeletapi.SimulatedPodResources;
import io.podslice.simulator.kubeletapi.SimulatedPodsApi;
import io.podslice.simulator.pods.PodManager;
import io.podslice.simulator.pods.PodMessages;
import io.podslice.simulator.pods.PodPhase;
import io.podslice.simulator.pods.PodRecord;
import io.podslice.simulator.pods.StaticPods;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The cluster's side of one simulated node, kept in step with the pods that a kubelet drives: the Pods API, PodResources
 * with device plugins, the folder of static pods, and the API server. Nothing listens until it is started. Any thread
 * may call it.
 */
public final class SimulatedCluster implements PodLife, AutoCloseable {
    private static final int BULK_BYTES = 3000;

    private final Path manifests;
    private final PodMessages messages;
    private final PodManager pods;
    private final DeviceManager devices;
    private final SimulatedPodsApi podsApi;
    private final SimulatedPodResources podResources;
    private final ApiServerDouble apiServer;
    private final NodeCredentials credentials;

    /**
     * @param folder an existing folder with a short path: sockets, manifests and credentials go there
     * @param nodeName the node's name
     * @param plugins the node's device plugins
     * @param release the kubelet's release
     * @param api the API server's properties; it speaks TLS
     */
    public SimulatedCluster(
            Path folder, String nodeName, List<DevicePlugin> plugins, KubeletRelease release, ApiOptions api) {
        this.manifests = folder.resolve("manifests");
        this.messages = new PodMessages(nodeName, BULK_BYTES);
        this.pods = new PodManager(messages);
        this.devices = new DeviceManager(plugins);
        this.podsApi = new SimulatedPodsApi(folder.resolve("pods-api.sock"), pods, release);
        this.podResources = new SimulatedPodResources(folder.resolve("resources.sock"), pods, devices);
        this.apiServer = new ApiServerDouble(true, api);
        this.credentials = new NodeCredentials(folder, nodeName, apiServer);
        try {
            Files.createDirectories(manifests);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the kubelet's pods. */
    public PodManager pods() {
        return pods;
    }

    /** Returns the Pods API. */
    public SimulatedPodsApi podsApi() {
        return podsApi;
    }

    /** Returns the PodResources API. */
    public SimulatedPodResources podResources() {
        return podResources;
    }

    /** Returns the API server. */
    public ApiServerDouble apiServer() {
        return apiServer;
    }

    /** Returns the files with which programs on the node call the API server. */
    public NodeCredentials credentials() {
        return credentials;
    }

    /** Returns the folder of static pods' manifests. */
    public Path manifests() {
        return manifests;
    }

    /** Returns the node's name. */
    public String nodeName() {
        return messages.nodeName();
    }

    /** Lets the kubelet start anew: its connections break, its socket files are replaced, and it has read no pod yet. */
    public void restartKubelet() {
        podsApi.die();
        podResources.die();
        pods.restart();
        podsApi.start();
        podResources.start();
    }

    /**
     * Puts a manifest into the folder of static pods.
     *
     * @return the pod as the kubelet makes it of the manifest
     */
    public PodManifest putStatic(PodManifest manifest) {
        try {
            Files.writeString(manifests.resolve(manifest.name() + ".yaml"), StaticManifest.of(manifest));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return StaticPods.of(manifest, nodeName());
    }

    /** Binds a pod to the node in the API server, before the kubelet has heard of it. */
    public void bind(PodManifest pod) {
        apiServer.store().put(messages.desired(PodRecord.fresh(inApi(pod))));
    }

    private static PodManifest inApi(PodManifest pod) {
        return StaticPods.isStatic(pod) ? StaticPods.mirror(pod) : pod;
    }

    private Optional<Pod> apiPod(PodManifest pod) {
        return apiServer.store().get(pod.namespace(), pod.name());
    }

    @Override
    public PodManifest admit(PodManifest pod) {
        PodManifest seen = StaticPods.seen(pod);
        boolean isNew = pods.record(pod.uid()).isEmpty();
        // The kubelet makes the mirror of a static pod after it has started it.
        if (isNew && !StaticPods.isStatic(pod) && !isBound(pod)) {
            bind(pod);
        }
        pods.add(seen);
        heedApi(pod);
        try {
            devices.allocate(seen);
        } catch (RejectedPodException e) {
            fail(seen, e.reason(), String.valueOf(e.getMessage()));
            throw e;
        }
        return seen;
    }

    private boolean isBound(PodManifest pod) {
        return apiPod(pod)
                .filter(bound -> bound.getMetadata().getUid().equals(pod.uid()))
                .isPresent();
    }

    /** Gives up a pod that another program has made fail in the API server. */
    private void heedApi(PodManifest pod) {
        apiPod(pod)
                .filter(bound -> bound.getMetadata().getUid().equals(pod.uid()))
                .filter(bound -> bound.getStatus().getPhase().equals(PodPhase.FAILED.text()))
                .ifPresent(failed -> {
                    String reason = failed.getStatus().getReason();
                    String message = failed.getStatus().getMessage();
                    pods.enter(pod.uid(), PodPhase.FAILED, reason, message);
                    throw new RejectedPodException(reason, message);
                });
    }

    private void fail(PodManifest pod, String reason, String message) {
        pods.enter(pod.uid(), PodPhase.FAILED, reason, message);
        publish(pod);
    }

    /** Writes the kubelet's status of a pod to the API server. */
    private void publish(PodManifest pod) {
        pods.record(pod.uid()).ifPresent(record -> {
            Pod message = messages.desired(record);
            apiServer
                    .store()
                    .change(
                            pod.namespace(),
                            pod.name(),
                            before -> before.toBuilder()
                                    .setStatus(message.getStatus())
                                    .build());
        });
    }

    @Override
    public void running(PodManifest pod) {
        if (StaticPods.isStatic(pod) && apiPod(pod).isEmpty()) {
            bind(pod);
        }
        pods.enter(pod.uid(), PodPhase.RUNNING, "", "");
        publish(pod);
    }

    @Override
    public void resizing(PodManifest desired) {
        Pod bound = messages.desired(PodRecord.fresh(desired));
        apiServer
                .store()
                .change(
                        desired.namespace(),
                        desired.name(),
                        before -> before.toBuilder()
                                .setSpec(bound.getSpec())
                                .setMetadata(before.getMetadata().toBuilder().setGeneration(desired.generation()))
                                .build());
        pods.desire(desired);
    }

    @Override
    public void resized(PodManifest pod) {
        pods.allocate(pod.uid());
        publish(pod);
    }

    @Override
    public void stopped(PodManifest pod) {
        pods.end(pod.uid(), PodPhase.SUCCEEDED);
        publish(pod);
        devices.free(pod.uid());
    }

    @Override
    public void removed(PodManifest pod) {
        pods.remove(pod.uid());
        devices.free(pod.uid());
        apiServer.store().delete(pod.namespace(), pod.name());
    }

    /** Ends every server. */
    @Override
    public void close() {
        podsApi.close();
        podResources.close();
        apiServer.close();
    }
}
