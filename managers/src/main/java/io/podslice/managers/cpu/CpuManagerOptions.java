package io.podslice.managers.cpu;

import io.podslice.managers.topology.PolicyOptions;
import io.podslice.managers.topology.TopologyPolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The static policy's options ({@code cpuManagerPolicyOptions}) that are on.
 *
 * @param on the options that are on, in no order
 */
public record CpuManagerOptions(Set<Option> on) {
    public static final CpuManagerOptions NONE = new CpuManagerOptions(Set.of());

    /** The kubelet's maturity levels, which decide if an option needs a feature gate. */
    public enum Maturity {
        ALPHA("Alpha"),
        BETA("Beta"),
        STABLE("");

        private final String text;

        Maturity(String text) {
            this.text = text;
        }
    }

    /** The options, under the kubelet's names where it has them. */
    public enum Option {
        /** Allocates whole cores only. */
        FULL_PCPUS_ONLY("full-pcpus-only", Maturity.STABLE),
        /** Spreads a request that needs several NUMA nodes over them evenly. */
        DISTRIBUTE_CPUS_ACROSS_NUMA("distribute-cpus-across-numa", Maturity.BETA),
        /** Takes CPUs in order of number, which with the usual numbering spreads them over cores. */
        DISTRIBUTE_CPUS_ACROSS_CORES("distribute-cpus-across-cores", Maturity.ALPHA),
        /** Treats all NUMA nodes of a socket as one. */
        ALIGN_BY_SOCKET("align-by-socket", Maturity.ALPHA),
        /** Keeps reserved CPUs out of the node shared pool. */
        STRICT_CPU_RESERVATION("strict-cpu-reservation", Maturity.STABLE),
        /** Takes CPUs that share an L3 cache together where possible. */
        PREFER_ALIGN_CPUS_BY_UNCORECACHE("prefer-align-cpus-by-uncorecache", Maturity.STABLE),
        /**
         * Podslice's own, for use with prefer-align-cpus-by-uncorecache: takes CPUs from an L3 cache that holds the
         * request even where its lowest cores do not hold it exactly, from the cache with the fewest free CPUs first.
         */
        UNCORECACHE_BEST_FIT("uncorecache-best-fit", Maturity.STABLE);

        private final String text;
        private final Maturity maturity;

        Option(String text, Maturity maturity) {
            this.text = text;
            this.maturity = maturity;
        }

        /** The spelling in {@code cpuManagerPolicyOptions}. */
        public String text() {
            return text;
        }
    }

    private static final Option[][] EXCLUSIVE = {
        {Option.FULL_PCPUS_ONLY, Option.DISTRIBUTE_CPUS_ACROSS_CORES},
        {Option.DISTRIBUTE_CPUS_ACROSS_NUMA, Option.DISTRIBUTE_CPUS_ACROSS_CORES},
        {Option.PREFER_ALIGN_CPUS_BY_UNCORECACHE, Option.DISTRIBUTE_CPUS_ACROSS_CORES},
        {Option.PREFER_ALIGN_CPUS_BY_UNCORECACHE, Option.DISTRIBUTE_CPUS_ACROSS_NUMA}
    };

    public CpuManagerOptions {
        on = on.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(on));
    }

    /**
     * Reads the options as the kubelet does, with all of them on offer.
     *
     * @throws IllegalArgumentException with the kubelet's text for an unknown name, a bad value, or options that exclude
     *     each other
     */
    public static CpuManagerOptions of(Map<String, String> options) {
        return of(options, EnumSet.allOf(Maturity.class));
    }

    /**
     * Reads the options as the kubelet does.
     *
     * @param offered the maturity levels whose options are on offer, in place of feature gates
     * @throws IllegalArgumentException with the kubelet's text for an unknown name, a bad value, options that exclude
     *     each other, or an option that is not offered
     */
    public static CpuManagerOptions of(Map<String, String> options, Set<Maturity> offered) {
        Set<Option> on = EnumSet.noneOf(Option.class);
        for (Map.Entry<String, String> entry : new TreeMap<>(options).entrySet()) {
            Option option = named(entry.getKey());
            if (!offered.contains(option.maturity)) {
                throw new IllegalArgumentException("CPU Manager Policy " + option.maturity.text
                        + "-level Options not enabled, but option \"" + option.text + "\" provided");
            }
            if (PolicyOptions.bool(option.text, entry.getValue())) {
                on.add(option);
            }
        }
        CpuManagerOptions result = new CpuManagerOptions(on);
        for (Conflict conflict : result.conflicts()) {
            throw new IllegalArgumentException(conflict.message());
        }
        return result;
    }

    /**
     * The reason for which an option cannot be on.
     *
     * @param with the option that it contradicts; empty where it contradicts something else
     * @param message the kubelet's text
     */
    public record Conflict(Option option, Optional<Option> with, String message) {}

    private List<Conflict> conflicts() {
        List<Conflict> conflicts = new ArrayList<>();
        for (Option[] pair : EXCLUSIVE) {
            if (has(pair[0]) && has(pair[1])) {
                conflicts.add(new Conflict(
                        pair[0],
                        Optional.of(pair[1]),
                        "static policy options " + pair[0].text + " and " + pair[1].text
                                + " can not be used at the same time"));
            }
        }
        return conflicts;
    }

    /** Returns all conflicts of these options, whatever the machine. */
    public List<Conflict> conflicts(TopologyPolicy policy) {
        List<Conflict> conflicts = conflicts();
        if (has(Option.ALIGN_BY_SOCKET) && policy == TopologyPolicy.SINGLE_NUMA_NODE) {
            conflicts.add(new Conflict(
                    Option.ALIGN_BY_SOCKET,
                    Optional.empty(),
                    "Topolgy manager " + policy.text() + " policy is incompatible with CPUManager "
                            + Option.ALIGN_BY_SOCKET.text + " policy option"));
        }
        if (has(Option.UNCORECACHE_BEST_FIT) && !has(Option.PREFER_ALIGN_CPUS_BY_UNCORECACHE)) {
            conflicts.add(new Conflict(
                    Option.UNCORECACHE_BEST_FIT,
                    Optional.empty(),
                    "has no meaning without " + Option.PREFER_ALIGN_CPUS_BY_UNCORECACHE.text));
        }
        return conflicts;
    }

    private static Option named(String text) {
        for (Option option : Option.values()) {
            if (option.text.equals(text)) {
                return option;
            }
        }
        throw new IllegalArgumentException("unknown CPU Manager Policy option: \"" + text + "\"");
    }

    /**
     * Checks them against the machine and the topology manager.
     *
     * @throws IllegalArgumentException with the kubelet's text
     */
    public void check(CpuTopology topology, TopologyPolicy policy) {
        for (Conflict conflict : conflicts(policy)) {
            throw new IllegalArgumentException(conflict.message());
        }
        if (has(Option.ALIGN_BY_SOCKET)
                && topology.socketCount() > topology.numaNodes().size()) {
            throw new IllegalArgumentException("Align by socket is not compatible with hardware where number of"
                    + " sockets are more than number of NUMA");
        }
    }

    boolean has(Option option) {
        return on.contains(option);
    }
}
