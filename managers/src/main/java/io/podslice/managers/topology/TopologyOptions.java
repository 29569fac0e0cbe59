package io.podslice.managers.topology;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The topology manager's policy options ({@code topologyManagerPolicyOptions}).
 *
 * @param preferClosestNumaNodes true to prefer nodes close together among sets of NUMA nodes of equal size
 */
public record TopologyOptions(boolean preferClosestNumaNodes) {
    public static final TopologyOptions NONE = new TopologyOptions(false);

    /** The options' names. */
    public static final List<String> NAMES = List.of("prefer-closest-numa-nodes", "max-allowable-numa-nodes");

    private static final String CLOSEST = "prefer-closest-numa-nodes";
    private static final String MAX_NODES = "max-allowable-numa-nodes";

    /**
     * Reads the options as the kubelet does. {@code max-allowable-numa-nodes} is validated and has no other effect:
     * there is no limit to raise.
     *
     * @throws IllegalArgumentException with the kubelet's text
     */
    public static TopologyOptions of(Map<String, String> options) {
        boolean closest = false;
        for (Map.Entry<String, String> option : new TreeMap<>(options).entrySet()) {
            switch (option.getKey()) {
                case CLOSEST -> closest = PolicyOptions.bool(option.getKey(), option.getValue());
                case MAX_NODES -> checkMaxNodes(option.getValue());
                default ->
                    throw new IllegalArgumentException(
                            "unknown Topology Manager Policy option: \"" + option.getKey() + "\"");
            }
        }
        return new TopologyOptions(closest);
    }

    private static void checkMaxNodes(String value) {
        int nodes;
        try {
            nodes = Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "bad value for option \"" + MAX_NODES + "\": \"" + value + "\" is no whole number", e);
        }
        if (nodes < 8) {
            throw new IllegalArgumentException("the minimum value of \"" + MAX_NODES + "\" should not be less than 8");
        }
    }
}
