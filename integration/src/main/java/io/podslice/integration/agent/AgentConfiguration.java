package io.podslice.integration.agent;

import io.podslice.agent.config.ClusterConfiguration;
import io.podslice.agent.config.ClusterConfiguration.ApiServer;
import io.podslice.agent.config.ClusterConfiguration.PodSpecs;
import io.podslice.agent.config.ClusterConfiguration.RefusedPods;
import io.podslice.agent.config.ClusterConfiguration.SourceChoice;
import io.podslice.agent.config.Configuration;
import io.podslice.simulator.cluster.SimulatedCluster;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Makes configurations of podslice in which all but the sockets and the state folder is the default. */
public final class AgentConfiguration {
    private AgentConfiguration() {}

    /**
     * Returns a configuration with the NRI door closed, the node API beside the shim's socket, and no source of pods'
     * specs but their sandboxes: no file of a kubelet that this machine may have is looked at.
     *
     * @param listen the shim's socket
     * @param runtime the runtime's socket
     * @param state the folder of podslice's own state
     */
    public static Configuration of(Path listen, Path runtime, Path state) {
        return of(Configuration.DEFAULT.with(ClusterConfiguration.NONE), listen, runtime, state);
    }

    /** Returns a configuration with these sockets and this folder for state, otherwise as the base. */
    public static Configuration of(Configuration base, Path listen, Path runtime, Path state) {
        return new Configuration(
                base.policy(),
                base.memory(),
                base.cpuCfsQuotaPeriod(),
                new Configuration.Shim(listen, runtime, Set.of(), base.shim().decisionBudget()),
                base.nri(),
                base.cgroups(),
                new Configuration.Api(
                        listen.resolveSibling("podslice.sock"), Set.of(), Optional.empty(), Optional.empty()),
                state,
                base.bounds(),
                base.isolation(),
                base.cluster());
    }

    /**
     * Returns the sources of a simulated node.
     *
     * @param cluster the node's cluster side
     * @param source the sources that are asked
     * @param lookup the time for the lookups of an admission; more than the default's second where nothing hangs, since a
     *     simulated node shares its machine
     * @param api true for access to its API server, with the kubelet's kubeconfig
     * @param refused the fate of refused pods
     */
    public static ClusterConfiguration sources(
            SimulatedCluster cluster, SourceChoice source, Duration lookup, boolean api, RefusedPods refused) {
        return new ClusterConfiguration(
                new PodSpecs(
                        source,
                        lookup,
                        cluster.podsApi().socket(),
                        new ApiServer(
                                api ? Optional.of(cluster.credentials().kubeconfig()) : Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                // The kubelet's certificate has it.
                                api ? Optional.empty() : Optional.of(cluster.nodeName())),
                        Optional.of(cluster.manifests())),
                Optional.of(cluster.podResources().socket()),
                refused);
    }

    /** Returns a configuration with the page at the given address, otherwise as the base. */
    public static Configuration withPage(Configuration base, SocketAddress page) {
        Configuration.Api api = base.api();
        return new Configuration(
                base.policy(),
                base.memory(),
                base.cpuCfsQuotaPeriod(),
                base.shim(),
                base.nri(),
                base.cgroups(),
                new Configuration.Api(
                        api.listen(), api.allowedUids(), api.metrics(), Optional.of(page), api.recording()),
                base.stateDir(),
                base.bounds(),
                base.isolation(),
                base.cluster());
    }

    /** Returns a configuration whose changes are recorded in the given folder, otherwise as the base. */
    public static Configuration withRecording(Configuration base, Path folder) {
        return base.with(
                base.api().with(new Configuration.Recording(Optional.of(folder), Configuration.Recording.LEAST_BYTES)));
    }

    /** Returns a configuration with the NRI door open at the given socket, otherwise as the base. */
    public static Configuration withNri(Configuration base, Path socket) {
        return new Configuration(
                base.policy(),
                base.memory(),
                base.cpuCfsQuotaPeriod(),
                base.shim(),
                new Configuration.Nri(
                        true, socket, base.nri().name(), base.nri().index()),
                base.cgroups(),
                base.api(),
                base.stateDir(),
                base.bounds(),
                base.isolation(),
                base.cluster());
    }
}
