package io.podslice.integration.demo;

import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.integration.agent.PodManifests;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.Wants;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The demo's pods, from {@code pods.yaml}. */
final class DemoPods {
    static final String IMAGE = "example.com/app:v1";

    private static final String FILE = "pods.yaml";

    private DemoPods() {}

    /** Returns the pods in the file's order, without an annotation. */
    static List<PodManifest> all() {
        try (InputStream file = DemoPods.class.getResourceAsStream(FILE)) {
            if (file == null) {
                throw new IllegalStateException(FILE + " is not beside " + DemoPods.class);
            }
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            return Manifests.read(FILE, text, 0).pods().stream()
                    .map(PodManifests::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (DocumentException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Returns the pod of a database that needs exclusive CPUs, with its helpers. */
    static PodManifest database() {
        return all().getFirst();
    }

    /** Returns the budget to which the last pod is resized while it runs. */
    static Wants grown() {
        return Wants.guaranteed(Amounts.of(4, 4));
    }
}
