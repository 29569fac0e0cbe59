package io.podslice.agent.config;

import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Mark;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.DnsLabel;
import io.podslice.node.Bounds;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/** Reads {@code bounds}: the most that pods may ask of podslice. */
final class BoundsReader {
    private static final String PER_POD = "exclusiveCPUsPerPod";
    private static final String PER_NAMESPACE = "exclusiveCPUsPerNamespace";
    private static final String PERCENT = "exclusivePercent";
    private static final String POOL = "sharedPoolCPUs";
    private static final String GUARDED = "guardedMemory";

    private BoundsReader() {}

    /**
     * Reads the section, and notes keys that have no effect beside the policies.
     *
     * @param policy the policy that gives pods CPUs
     * @param memory the policy that guards memory
     */
    static Bounds read(Fields fields, PlacementPolicy policy, Configuration.Memory memory) {
        for (String key : List.of(PER_POD, PER_NAMESPACE, PERCENT, POOL)) {
            if (fields.has(key) && policy.cpuManagerPolicy() == CpuManagerPolicy.NONE) {
                fields.note(fields.mark(key), key, "has no effect with cpuManagerPolicy: none");
            }
        }
        if (fields.has(GUARDED) && memory.reservationPolicy() == MemoryReservationPolicy.NONE) {
            Mark mark = fields.mark(GUARDED);
            fields.note(mark, GUARDED, "has no effect without memoryReservationPolicy: TieredReservation");
        }
        Bounds bounds = new Bounds(
                Set.copyOf(fields.list("namespaces", BoundsReader::namespace)),
                fields.value(PER_POD, OptionalInt.empty(), cpus()),
                fields.value(PER_NAMESPACE, OptionalInt.empty(), cpus()),
                fields.value(PERCENT, Bounds.NONE.exclusivePercent(), Scalars::percent),
                fields.value(POOL, Bounds.NONE.sharedPoolCpus(), BoundsReader::pool),
                fields.value(GUARDED, OptionalLong.empty(), text -> OptionalLong.of(Scalars.bytes(text))),
                fields.value("isolated", Bounds.NONE.isolated(), Scalars::truth));
        fields.end();
        return bounds;
    }

    private static String namespace(String text) {
        try {
            return DnsLabel.check(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("must be the name of a namespace: " + e.getMessage(), e);
        }
    }

    private static Function<String, OptionalInt> cpus() {
        Function<String, Integer> number = Scalars.number("a number of CPUs");
        return text -> OptionalInt.of(number.apply(text));
    }

    private static int pool(String text) {
        int cpus = Scalars.number("a number of CPUs").apply(text);
        if (cpus == 0) {
            throw new IllegalArgumentException("must be 1 or more: pods without CPUs of their own run there");
        }
        return cpus;
    }
}
