package io.podslice.cluster.staticpods;

import io.podslice.cluster.document.DocumentNode;
import io.podslice.cluster.document.DocumentReader;
import io.podslice.cluster.document.PodDocument;
import io.podslice.cluster.pod.PodReader;
import io.podslice.managers.pod.Printable;
import io.podslice.node.KnownPod;
import io.podslice.node.SpecSource;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A static pod's manifest.
 *
 * @param namespace {@code default} where the manifest gives none
 * @param name the manifest's; the kubelet adds a dash and the node's name
 * @param uid the manifest's; empty where it gives none, and the kubelet makes one of the manifest's content
 * @param pod the pod, with a uid that is not its own
 */
record StaticManifest(String namespace, String name, Optional<String> uid, KnownPod pod) {
    private static final String NO_UID = "none";

    /** The priorities of the classes that every cluster has; a static pod's manifest passes no admission that adds them. */
    private static final Map<String, Integer> PRIORITIES =
            Map.of("system-node-critical", 2_000_001_000, "system-cluster-critical", 2_000_000_000);

    /**
     * Reads a manifest's text, YAML or JSON; of several documents the first, as the kubelet does.
     *
     * @throws IOException if it is not the manifest of a pod
     */
    static StaticManifest read(String text) throws IOException {
        DocumentNode document = DocumentReader.either(text);
        String kind = document.get("kind").text();
        String version = document.get("apiVersion").text();
        if (!kind.equals("Pod") || !version.equals("v1")) {
            throw new IOException("is of apiVersion \"" + Printable.of(version, 64) + "\" and kind \""
                    + Printable.of(kind, 64) + "\"; must be v1 and Pod");
        }
        DocumentNode metadata = document.get("metadata");
        String name = metadata.get("name").text();
        if (name.isEmpty()) {
            throw new IOException("metadata.name: is missing");
        }
        KnownPod pod = PodReader.read(
                SpecSource.STATIC_PODS, PodDocument.encoded(with(document, "metadata", withUid(metadata))));
        String uid = metadata.get("uid").text();
        String namespace = pod.namespace().isEmpty() ? "default" : pod.namespace();
        return new StaticManifest(
                namespace,
                name,
                uid.isEmpty() ? Optional.empty() : Optional.of(uid),
                prioritized(pod, document.get("spec").get("priorityClassName").text()));
    }

    private static DocumentNode withUid(DocumentNode metadata) {
        return metadata.get("uid").text().isEmpty() ? with(metadata, "uid", new DocumentNode.Scalar(NO_UID)) : metadata;
    }

    private static DocumentNode with(DocumentNode mapping, String key, DocumentNode value) {
        Map<String, DocumentNode> entries = new LinkedHashMap<>(mapping.entries());
        entries.put(key, value);
        return new DocumentNode.Mapping(entries);
    }

    private static KnownPod prioritized(KnownPod pod, String priorityClass) {
        Integer priority = PRIORITIES.get(priorityClass);
        return pod.priority() != 0 || priority == null
                ? pod
                : known(pod, pod.uid(), pod.namespace(), pod.name(), priority);
    }

    /** Returns the pod as the kubelet runs it. */
    KnownPod as(String itsUid, String itsName) {
        return known(pod, itsUid, namespace, itsName, pod.priority());
    }

    private static KnownPod known(KnownPod pod, String uid, String namespace, String name, int priority) {
        return new KnownPod(
                pod.source(),
                uid,
                namespace,
                name,
                pod.spec(),
                priority,
                pod.generation(),
                pod.resizePending(),
                pod.ended());
    }
}
