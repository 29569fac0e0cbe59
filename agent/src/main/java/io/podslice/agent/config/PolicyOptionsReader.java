package io.podslice.agent.config;

import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Mark;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.cpu.CpuManagerOptions.Option;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.topology.PolicyOptions;
import io.podslice.managers.topology.TopologyOptions;
import io.podslice.managers.topology.TopologyPolicy;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads {@code cpuManagerPolicyOptions} and {@code topologyManagerPolicyOptions} by the kubelet's rules and in its words,
 * each mistake where it stands.
 */
final class PolicyOptionsReader {
    private final TopologyPolicy topologyPolicy;

    PolicyOptionsReader(TopologyPolicy topologyPolicy) {
        this.topologyPolicy = topologyPolicy;
    }

    /** Returns the options that are on. */
    CpuManagerOptions cpuManager(Fields fields, CpuManagerPolicy policy) {
        Map<Option, Mark> on = new EnumMap<>(Option.class);
        for (Option option : Option.values()) {
            Mark mark = fields.mark(option.text());
            if (fields.value(option.text(), false, value -> bool(option.text(), value))) {
                on.put(option, mark);
                if (policy == CpuManagerPolicy.NONE) {
                    fields.error(mark, option.text(), "has no meaning with cpuManagerPolicy none; use static");
                }
            }
        }
        fields.endOptions("unknown CPU Manager Policy option");
        CpuManagerOptions options = new CpuManagerOptions(on.keySet());
        for (CpuManagerOptions.Conflict conflict : options.conflicts(topologyPolicy)) {
            // Report the conflict at the option that comes last in the file.
            Option at = conflict.option();
            Mark mark = on.getOrDefault(at, Mark.START);
            Option other = conflict.with().orElse(at);
            Mark ofOther = on.getOrDefault(other, Mark.START);
            boolean later = ofOther.compareTo(mark) > 0;
            fields.error(later ? ofOther : mark, (later ? other : at).text(), conflict.message());
        }
        return options;
    }

    private static boolean bool(String option, String value) {
        try {
            return PolicyOptions.bool(option, value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + "; must be true or false", e);
        }
    }

    TopologyOptions topologyManager(Fields fields) {
        Map<String, String> given = new HashMap<>();
        for (String option : TopologyOptions.NAMES) {
            String value = fields.value(option, "", text -> {
                TopologyOptions.of(Map.of(option, text));
                return text;
            });
            if (!value.isEmpty()) {
                given.put(option, value);
            }
        }
        fields.endOptions("unknown Topology Manager Policy option");
        return TopologyOptions.of(given);
    }
}
