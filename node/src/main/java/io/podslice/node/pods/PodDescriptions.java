package io.podslice.node.pods;

import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.QosClass;
import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.PodSpecs;
import io.podslice.node.SpecSource;
import io.podslice.node.state.Description;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks up pods as the cluster knows them, and keeps descriptions out that are none of the pod at hand. Needs no lock. */
final class PodDescriptions {
    private static final Logger log = LoggerFactory.getLogger(PodDescriptions.class);

    /** Lines that the log has had; a pod is tried again and again. */
    private static final int MOST_SAID = 512;

    private final PodLookups lookups;
    private final Cfs cfs;

    private final Set<String> said = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_SAID;
        }
    }));

    PodDescriptions(PodLookups lookups, Cfs cfs) {
        this.lookups = lookups;
        this.cfs = cfs;
    }

    /**
     * A pod as a source of the cluster describes it.
     *
     * @param spec with the totals that CRI carries
     */
    record Described(Description description, PodSpec spec) {}

    /**
     * The outcome of a lookup.
     *
     * @param pod empty if no source has the pod, or what it says cannot be used
     * @param remarks a line for each source that does not have the pod, or says something else
     */
    record Found(Optional<Described> pod, List<String> remarks) {
        static final Found NOTHING = new Found(Optional.empty(), List.of());

        Found {
            remarks = List.copyOf(remarks);
        }

        /** Returns this with one more remark. */
        Found with(String remark) {
            List<String> more = new ArrayList<>(remarks);
            more.add(remark);
            return new Found(pod, more);
        }
    }

    /**
     * Looks a pod up.
     *
     * @param ofCgroup the QoS class by the pod's cgroup; empty where the cgroup tells none
     * @param runs true for a pod that runs already
     */
    Found find(PodSandboxRequest request, Optional<QosClass> ofCgroup, boolean runs, PodLookups.Time time) {
        PodSpecs.Lookup lookup = runs ? lookups.specOfRunning(request, time) : lookups.spec(request, time);
        if (lookup.pod().isEmpty()) {
            return lookup.equals(PodSpecs.Lookup.NOTHING)
                    ? Found.NOTHING
                    : new Found(Optional.empty(), lookup.remarks());
        }
        KnownPod known = SpecCheck.kept(lookup.pod().get());
        return switch (SpecCheck.of(known, request, ofCgroup, cfs)) {
            case SpecCheck.Outcome.Usable(PodSpec spec) ->
                new Found(Optional.of(new Described(Description.of(known), spec)), lookup.remarks());
            case SpecCheck.Outcome.Unusable(String why) -> {
                String remark = known.source().text() + ": not used: " + why;
                say(request, remark);
                yield new Found(Optional.empty(), lookup.remarks()).with(remark);
            }
        };
    }

    /** Compares a description with the annotation of its pod: where they differ, the cluster's source wins. */
    Found beside(PodSandboxRequest request, Found found, Optional<PodSpec> annotated) {
        Description description = found.pod().map(Described::description).orElse(Description.CRI);
        boolean differ = annotated.isPresent()
                && description.spec().isPresent()
                && !PodAnnotations.agree(
                        SpecCheck.kept(annotated.get()), description.spec().get());
        if (!differ) {
            return found;
        }
        String remark = SpecSource.ANNOTATION.text() + ": " + PodAnnotations.POD_SPEC + " has another spec than "
                + description.source().text() + ", which is used: annotations are the tenant's to write";
        say(request, remark);
        return found.with(remark);
    }

    private void say(PodSandboxRequest request, String remark) {
        if (said.add(request.uid() + " " + remark)) {
            log.warn("pod {}/{}: {}", request.namespace(), request.name(), remark);
        }
    }
}
