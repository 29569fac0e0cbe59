package io.podslice.managers.admission;

import io.podslice.managers.cpu.CpuAttempt;
import io.podslice.managers.cpu.CpuManager;
import io.podslice.managers.memory.MemoryAttempt;
import io.podslice.managers.memory.MemoryManager;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.topology.AdmissionOrder;
import io.podslice.managers.topology.HintExplanation;
import io.podslice.managers.topology.HintProvider;
import io.podslice.managers.topology.Merge;
import io.podslice.managers.topology.TopologyManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Admits pods with all managers that are on. Pure: any thread may use it, and equal questions get equal answers. */
public final class PodAdmission {
    private final TopologyManager topology;
    private final @Nullable CpuManager cpus;
    private final @Nullable MemoryManager memory;
    private final boolean podLevel;

    /**
     * @param cpus the CPU manager; null under policy none
     * @param memory the memory manager; null under policy None
     * @param podLevel true if pods with pod-level resources are allocated as a whole (KEP-5526), as in the managers
     */
    public PodAdmission(
            TopologyManager topology, @Nullable CpuManager cpus, @Nullable MemoryManager memory, boolean podLevel) {
        this.topology = topology;
        this.cpus = cpus;
        this.memory = memory;
        this.podLevel = podLevel;
    }

    /**
     * Admits a pod; a pod that was admitted before keeps its allocation.
     *
     * @param state the allocations of all pods before
     * @param uid the pod's uid
     * @param exclusive the pod owner's choices by container name, which override the kubelet's rules
     */
    public Admission admit(ManagersState state, String uid, PodSpec spec, Map<String, Boolean> exclusive) {
        return admit(state, uid, spec, exclusive, List.of());
    }

    /**
     * Admits a pod that has more resources to align with than CPUs and memory.
     *
     * @param others hint providers for this attempt alone, asked before those of CPUs and memory
     */
    public Admission admit(
            ManagersState state,
            String uid,
            PodSpec spec,
            Map<String, Boolean> exclusive,
            List<? extends HintProvider> others) {
        return admit(state, uid, spec, exclusive, others, merge -> {});
    }

    /**
     * Explains the answer to an admission: the candidates considered for the pod, or for each of its containers as far
     * as the attempt came, and why each lost. Empty for a pod that has all that it asks for.
     *
     * @param others hint providers for this attempt alone, as for the admission
     */
    public List<HintExplanation> explain(
            ManagersState state,
            String uid,
            PodSpec spec,
            Map<String, Boolean> exclusive,
            List<? extends HintProvider> others) {
        List<HintExplanation> explanations = new ArrayList<>();
        admit(state, uid, spec, exclusive, others, merge -> explanations.add(topology.explain(merge)));
        return explanations;
    }

    private Admission admit(
            ManagersState state,
            String uid,
            PodSpec spec,
            Map<String, Boolean> exclusive,
            List<? extends HintProvider> others,
            Consumer<Merge> witness) {
        int containers = AdmissionOrder.of(spec).containers().size();
        TopologyManager.Pod pod = new TopologyManager.Pod(containers, podLevel && spec.hasPodLevelResources());
        CpuAttempt ofCpus =
                cpus == null ? null : cpus.attempt(state.cpus(), uid, spec, exclusive, topology.allocatesAsOne(pod));
        MemoryAttempt ofMemory = memory == null ? null : memory.attempt(state.memory(), uid, spec);
        List<HintProvider> providers = new ArrayList<>(others);
        if (ofCpus != null) {
            if (topology.isBinding()) {
                ofCpus.bindToHints();
            }
            providers.add(ofCpus);
        }
        if (ofMemory != null) {
            providers.add(ofMemory);
        }
        TopologyManager.Outcome outcome = topology.admit(pod, providers, witness);
        if (outcome.rejection().isPresent()) {
            return new Admission.Rejected(outcome.rejection().get());
        }
        return new Admission.Admitted(
                new ManagersState(
                        ofCpus == null ? state.cpus() : ofCpus.state(),
                        ofMemory == null ? state.memory() : ofMemory.state()),
                outcome.hints());
    }
}
