package io.podslice.cluster.staticpods;

import io.podslice.cluster.apiserver.NodeName;
import io.podslice.cluster.source.HealthRecord;
import io.podslice.cluster.source.PodSource;
import io.podslice.cluster.source.SourceAbsentException;
import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.SourceHealth;
import io.podslice.node.SpecSource;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Static pods' manifests as a source of their specs. A manifest has no uid that CRI's could be compared with unless its
 * author gave it one: the pod is found by namespace and name, and only for a sandbox that the kubelet has marked as that of
 * a static pod from a file. The folder is read with each such lookup, as far as it has changed.
 */
public final class StaticPodsSource implements PodSource {
    private static final String SOURCE = "kubernetes.io/config.source";

    private final Path path;
    private final ManifestFolder folder;
    private final NodeName nodeName;
    private final HealthRecord health;
    private volatile int pods;

    /**
     * @param folder the folder from which the kubelet reads them ({@code staticPodPath}), e.g. {@code
     *     /etc/kubernetes/manifests}
     * @param nodeName the end of static pods' names
     */
    public StaticPodsSource(Path folder, NodeName nodeName) {
        this.path = folder;
        this.folder = new ManifestFolder(folder);
        this.nodeName = nodeName;
        this.health =
                new HealthRecord(SpecSource.STATIC_PODS, "static pods' manifests in " + folder, InstantSource.system());
    }

    @Override
    public SpecSource kind() {
        return SpecSource.STATIC_PODS;
    }

    @Override
    public Optional<KnownPod> find(PodSandboxRequest pod, Duration atMost) throws IOException {
        if (!pod.annotations().getOrDefault(SOURCE, "").equals("file")) {
            return Optional.empty();
        }
        try {
            Optional<KnownPod> found = search(pod);
            if (found.isPresent()) {
                health.found();
            } else {
                health.missed();
            }
            return found;
        } catch (SourceAbsentException e) {
            throw e;
        } catch (IOException e) {
            health.lookupFailed(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private Optional<KnownPod> search(PodSandboxRequest pod) throws IOException {
        ManifestFolder.Contents contents;
        try {
            contents = folder.read();
        } catch (NoSuchFileException e) {
            throw new SourceAbsentException(path + ": is not there");
        }
        pods = contents.manifests().size();
        String suffix = "-" + nodeName.get().toLowerCase(Locale.ROOT);
        for (StaticManifest manifest : contents.manifests()) {
            boolean isIts = manifest.namespace().equals(pod.namespace())
                    && pod.name().equals(manifest.name() + suffix)
                    && manifest.uid().map(pod.uid()::equals).orElse(true);
            if (isIts) {
                return Optional.of(manifest.as(pod.uid(), pod.name()));
            }
        }
        if (!contents.problems().isEmpty()) {
            throw new IOException(String.join("; ", contents.problems()));
        }
        return Optional.empty();
    }

    /** Does nothing: a static pod whose manifest changes is a new pod, with a sandbox of its own. */
    @Override
    public void start(Consumer<KnownPod> changes) {}

    @Override
    public SourceHealth health() {
        return health.health(pods);
    }

    /** Does nothing: no file stays open. */
    @Override
    public void close() {}
}
