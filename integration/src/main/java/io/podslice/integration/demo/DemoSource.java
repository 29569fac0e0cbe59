package io.podslice.integration.demo;

import io.podslice.agent.config.ClusterConfiguration;
import io.podslice.agent.config.ClusterConfiguration.RefusedPods;
import io.podslice.agent.config.ClusterConfiguration.SourceChoice;
import io.podslice.integration.agent.AgentConfiguration;
import io.podslice.simulator.cluster.SimulatedCluster;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.PodSpecAnnotation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A source from which podslice learns the specs of the demo's pods. */
enum DemoSource {
    /** Each pod carries its spec in an annotation. */
    ANNOTATION("annotation", SourceChoice.ANNOTATION, "its annotation"),
    /** The kubelet serves the specs; the pods have no annotation. */
    PODS_API("podsAPI", SourceChoice.PODS_API, "the kubelet's Pods API"),
    /** The API server serves the specs; the pods have no annotation. */
    API_SERVER("apiServer", SourceChoice.API_SERVER, "the API server"),
    /** The pods are static ones, without annotation: the specs are in their manifests. */
    STATIC_PODS("staticPods", SourceChoice.STATIC_PODS, "its manifest on the node");

    private static final Duration LOOKUP = Duration.ofSeconds(5);
    private static final Duration VALID = Duration.ofHours(1);

    private final String text;
    private final SourceChoice choice;
    private final String words;

    DemoSource(String text, SourceChoice choice, String words) {
        this.text = text;
        this.choice = choice;
        this.words = words;
    }

    /** Returns the source in words: podslice learns a pod's spec from it. */
    String words() {
        return words;
    }

    /** Opens the source on the simulated node. */
    void open(SimulatedCluster cluster) {
        switch (this) {
            case PODS_API -> cluster.podsApi().start();
            case API_SERVER -> {
                cluster.apiServer().start();
                Instant now = Instant.now();
                cluster.credentials().writeKubeconfig(now.minusSeconds(60), now.plus(VALID));
            }
            case ANNOTATION, STATIC_PODS -> {}
        }
    }

    /** Returns the pod as the kubelet gets it with this source. */
    PodManifest prepared(PodManifest pod, SimulatedCluster cluster) {
        return switch (this) {
            case ANNOTATION -> PodSpecAnnotation.on(pod);
            case PODS_API, API_SERVER -> pod;
            case STATIC_PODS -> cluster.putStatic(pod);
        };
    }

    /** Returns the part of podslice's configuration that names the source. */
    ClusterConfiguration configuration(SimulatedCluster cluster) {
        return AgentConfiguration.sources(cluster, choice, LOOKUP, this == API_SERVER, RefusedPods.RETRY);
    }

    /** Reads a source on the command line. */
    static final class Converter implements ITypeConverter<DemoSource> {
        @Override
        public DemoSource convert(String text) {
            for (DemoSource source : values()) {
                if (source.text.equals(text)) {
                    return source;
                }
            }
            throw new TypeConversionException("\"" + text + "\": must be one of " + List.of(values()));
        }
    }

    /** Returns the name on the command line, as in the configuration. */
    @Override
    public String toString() {
        return text;
    }
}
