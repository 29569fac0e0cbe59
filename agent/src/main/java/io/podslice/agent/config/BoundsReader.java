package io.podslice.agent.config;

import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Mark;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.node.Bounds;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Reads {@code bounds}: the most that pods may ask of podslice. */
final class BoundsReader {
    private BoundsReader() {}

    /**
     * Reads the section, and notes keys that have no effect beside the policies.
     *
     * @param policy the policy that gives pods CPUs
     * @param memory the policy that guards memory
     */
    static Bounds read(Fields fields, PlacementPolicy policy, Configuration.Memory memory) {
        for (Rule<?> rule :
                List.of(BoundsRules.PER_POD, BoundsRules.PER_NAMESPACE, BoundsRules.PERCENT, BoundsRules.POOL)) {
            String key = rule.key();
            if (fields.has(key) && policy.cpuManagerPolicy() == CpuManagerPolicy.NONE) {
                fields.note(fields.mark(key), key, "has no effect with cpuManagerPolicy: none");
            }
        }
        if (fields.has(BoundsRules.GUARDED.key()) && memory.reservationPolicy() == MemoryReservationPolicy.NONE) {
            Mark mark = BoundsRules.GUARDED.mark(fields);
            fields.note(
                    mark,
                    BoundsRules.GUARDED.key(),
                    "has no effect without memoryReservationPolicy: TieredReservation");
        }
        Bounds bounds = new Bounds(
                Set.copyOf(BoundsRules.NAMESPACES.readAll(fields)),
                BoundsRules.PER_POD.read(fields, OptionalInt.empty()),
                BoundsRules.PER_NAMESPACE.read(fields, OptionalInt.empty()),
                BoundsRules.PERCENT.read(fields, Bounds.NONE.exclusivePercent()),
                BoundsRules.POOL.read(fields, Bounds.NONE.sharedPoolCpus()),
                BoundsRules.GUARDED.read(fields, OptionalLong.empty()),
                BoundsRules.ISOLATED.read(fields, Bounds.NONE.isolated()));
        fields.end();
        return bounds;
    }
}
