package io.podslice.managers.bench;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.admission.Admission;
import io.podslice.managers.admission.ManagersState;
import io.podslice.managers.admission.PodAdmission;
import io.podslice.managers.cpu.CpuManager;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.cpu.CpuTopology;
import io.podslice.managers.memory.MemoryCapacity;
import io.podslice.managers.memory.MemoryManager;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.HintMerger;
import io.podslice.managers.topology.NumaNodes;
import io.podslice.managers.topology.TopologyManager;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Admits a pod of 10 containers, with CPUs and memory, on a node with running pods; 512 CPUs, 16 NUMA nodes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-Xms256m", "-Xmx256m"})
public class AdmissionBenchmark {

    @Param({"0", "500"})
    public int pods;

    @Param({"CONTAINER", "POD"})
    public TopologyScope scope = TopologyScope.POD;

    @Param({"false", "true"})
    public boolean podLevel;

    private PodAdmission admission = admission(Machine.regular(1, 1, 1, 1, 1), TopologyScope.POD);
    private ManagersState state = ManagersState.EMPTY;
    private PodSpec pod = new PodSpec(ResourceRequirements.NONE, List.of());

    /** Places the first pods: up to half of the machine, each has one exclusive CPU; all have memory. */
    @Setup
    public void setUp() {
        admission = admission(Machine.regular(2, 8, 16, 2, 256L << 30), scope);
        PodSpec pinned = new PodSpec(ResourceRequirements.NONE, List.of(container(0, "1")));
        PodSpec shared = new PodSpec(ResourceRequirements.NONE, List.of(container(0, "500m")));
        for (int i = 0; i < pods; i++) {
            PodSpec other = i < 256 ? pinned : shared;
            if (admission.admit(state, "pod" + i, other, Map.of()) instanceof Admission.Admitted admitted) {
                state = admitted.state();
            } else {
                throw new IllegalStateException("pod " + i + " does not fit");
            }
        }
        List<ContainerSpec> containers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            containers.add(container(i, i < 5 ? "2" : "500m"));
        }
        pod = new PodSpec(podLevel ? guaranteed("16", "16Gi") : ResourceRequirements.NONE, containers);
    }

    private static PodAdmission admission(Machine machine, TopologyScope scope) {
        NumaNodes nodes = NumaNodes.of(machine);
        return new PodAdmission(
                new TopologyManager(new HintMerger(nodes, TopologyPolicy.RESTRICTED, false), scope),
                new CpuManager(new CpuManager.Settings(
                        CpuTopology.of(machine), nodes, CpuManagerOptions.NONE, CpuSet.empty(), CpuSet.empty(), true)),
                new MemoryManager(MemoryCapacity.of(machine, Map.of()), true),
                true);
    }

    private static ContainerSpec container(int number, String cpu) {
        return new ContainerSpec("c" + number, ContainerKind.APP, guaranteed(cpu, "1Gi"));
    }

    private static ResourceRequirements guaranteed(String cpu, String memory) {
        ResourceList amounts = ResourceList.of(cpu, memory);
        return new ResourceRequirements(amounts, amounts);
    }

    @Benchmark
    public Admission admit() {
        return admission.admit(state, "new", pod, Map.of());
    }
}
