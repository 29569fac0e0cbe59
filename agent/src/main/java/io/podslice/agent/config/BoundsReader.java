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
        for (Rule<?> rule : List.of(Rules.PER_POD, Rules.PER_NAMESPACE, Rules.PERCENT, Rules.POOL)) {
            String key = rule.key();
            if (fields.has(key) && policy.cpuManagerPolicy() == CpuManagerPolicy.NONE) {
                fields.note(fields.mark(key), key, "has no effect with cpuManagerPolicy: none");
            }
        }
        if (fields.has(Rules.GUARDED.key()) && memory.reservationPolicy() == MemoryReservationPolicy.NONE) {
            Mark mark = Rules.GUARDED.mark(fields);
            fields.note(mark, Rules.GUARDED.key(), "has no effect without memoryReservationPolicy: TieredReservation");
        }
        Bounds bounds = new Bounds(
                Set.copyOf(Rules.NAMESPACES.readAll(fields)),
                Rules.PER_POD.read(fields, OptionalInt.empty()),
                Rules.PER_NAMESPACE.read(fields, OptionalInt.empty()),
                Rules.PERCENT.read(fields, Bounds.NONE.exclusivePercent()),
                Rules.POOL.read(fields, Bounds.NONE.sharedPoolCpus()),
                Rules.GUARDED.read(fields, OptionalLong.empty()),
                Rules.ISOLATED.read(fields, Bounds.NONE.isolated()));
        fields.end();
        return bounds;
    }
}
