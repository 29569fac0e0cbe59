package io.podslice.nri;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.proto.nri.v1alpha1.HugepageLimit;
import io.podslice.proto.nri.v1alpha1.LinuxCPU;
import io.podslice.proto.nri.v1alpha1.LinuxMemory;
import io.podslice.proto.nri.v1alpha1.OptionalInt64;
import io.podslice.proto.nri.v1alpha1.OptionalUInt64;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Computes the differences that the answer to the runtime must name for a container to get its decided resources. Names
 * only the differences, since a field that two plugins set is an error; an empty or zero field means "unchanged". An
 * empty CPU set is never sent: it would leave the set unchanged rather than clear it.
 */
final class Adjustment {
    /** The cgroup file of the limit of swap alone, in bytes or "max"; CRI counts memory and swap together. */
    private static final String SWAP_MAX = "memory.swap.max";

    private Adjustment() {}

    /** Returns the changes that turn the first resources into the second; empty if there are none. */
    static Optional<io.podslice.proto.nri.v1alpha1.LinuxResources> between(
            LinuxResources before, LinuxResources decided) {
        io.podslice.proto.nri.v1alpha1.LinuxResources.Builder said =
                io.podslice.proto.nri.v1alpha1.LinuxResources.newBuilder();
        LinuxCPU cpu = cpu(before, decided);
        if (!cpu.equals(LinuxCPU.getDefaultInstance())) {
            said.setCpu(cpu);
        }
        if (decided.memoryLimitBytes() > 0 && decided.memoryLimitBytes() != before.memoryLimitBytes()) {
            said.setMemory(
                    LinuxMemory.newBuilder().setLimit(OptionalInt64.newBuilder().setValue(decided.memoryLimitBytes())));
        }
        new TreeMap<>(decided.hugepageLimits()).forEach((size, limit) -> {
            if (!limit.equals(before.hugepageLimits().get(size))) {
                said.addHugepageLimits(
                        HugepageLimit.newBuilder().setPageSize(size).setLimit(limit));
            }
        });
        decided.unified().forEach((file, value) -> {
            if (!value.equals(before.unified().get(file))) {
                said.putUnified(file, value);
            }
        });
        return said.build().getSerializedSize() == 0 ? Optional.empty() : Optional.of(said.build());
    }

    private static LinuxCPU cpu(LinuxResources before, LinuxResources decided) {
        LinuxCPU.Builder cpu = LinuxCPU.newBuilder();
        if (decided.cpuShares() > 0 && decided.cpuShares() != before.cpuShares()) {
            cpu.setShares(OptionalUInt64.newBuilder().setValue(decided.cpuShares()));
        }
        if (decided.cpuQuotaMicros() != 0 && decided.cpuQuotaMicros() != before.cpuQuotaMicros()) {
            cpu.setQuota(OptionalInt64.newBuilder().setValue(decided.cpuQuotaMicros()));
        }
        if (decided.cpuPeriodMicros() > 0 && decided.cpuPeriodMicros() != before.cpuPeriodMicros()) {
            cpu.setPeriod(OptionalUInt64.newBuilder().setValue(decided.cpuPeriodMicros()));
        }
        if (!decided.cpusetCpus().isEmpty() && !decided.cpusetCpus().equals(before.cpusetCpus())) {
            cpu.setCpus(decided.cpusetCpus());
        }
        if (!decided.cpusetMems().isEmpty() && !decided.cpusetMems().equals(before.cpusetMems())) {
            cpu.setMems(decided.cpusetMems());
        }
        return cpu.build();
    }

    /**
     * Returns the changes in answer to an update of a running container. The runtime replaces the whole update by the
     * answer: a swap limit does not survive that, and the runtime sets it equal to the memory limit. So the answer
     * repeats the container's present swap limit as the cgroup file has it.
     *
     * @param running the container's actual resources
     * @param sent the update
     */
    static Optional<io.podslice.proto.nri.v1alpha1.LinuxResources> ofUpdate(
            LinuxResources running, LinuxResources sent, LinuxResources decided) {
        String cpus = sent.cpusetCpus().isEmpty() ? running.cpusetCpus() : sent.cpusetCpus();
        String mems = sent.cpusetMems().isEmpty() ? running.cpusetMems() : sent.cpusetMems();
        return between(sent.withCpuset(cpus, mems), decided).map(said -> {
            long swap = running.memorySwapLimitBytes();
            if (swap == 0 || swap == running.memoryLimitBytes() || said.containsUnified(SWAP_MAX)) {
                return said;
            }
            String value = swap < 0 ? "max" : Long.toString(swap - running.memoryLimitBytes());
            return said.toBuilder().putUnified(SWAP_MAX, value).build();
        });
    }
}
