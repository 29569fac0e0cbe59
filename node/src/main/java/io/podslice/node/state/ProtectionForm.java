package io.podslice.node.state;

import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.MemoryQosVersion;
import java.util.OptionalDouble;

/**
 * The memory QoS by which pods' memory is protected, as the state file has it.
 *
 * @param throttlingFactor 0 for none
 */
record ProtectionForm(
        boolean tiered,
        double throttlingFactor,
        String version,
        int minHeadroomPercent,
        long pageBytes,
        long allocatableBytes) {

    static ProtectionForm of(MemoryQos qos) {
        return new ProtectionForm(
                qos.tiered(),
                qos.throttlingFactor().orElse(0),
                qos.version().text(),
                qos.minHeadroomPercent(),
                qos.pageBytes(),
                qos.allocatableBytes());
    }

    MemoryQos toQos() {
        return new MemoryQos(
                tiered,
                throttlingFactor == 0 ? OptionalDouble.empty() : OptionalDouble.of(throttlingFactor),
                MemoryQosVersion.of(version),
                minHeadroomPercent,
                pageBytes,
                allocatableBytes);
    }
}
