package io.podslice.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.layout.CgroupName;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.cpu.CpuManagerOptions.Option;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.MemoryQosVersion;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.topology.TopologyOptions;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import io.podslice.node.Bounds;
import io.podslice.node.CpuIsolation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configurations that files give. */
final class ConfigurationFileTest {
    private static final String HEADER = "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\n";

    @Test
    void theHeaderAloneMeansTheDefaults() {
        ConfigurationFile read = ConfigurationFile.parse(HEADER);
        assertThat(read.errors()).isEmpty();
        assertThat(read.notes()).isEmpty();
        assertThat(read.configuration()).isEqualTo(Configuration.DEFAULT);
    }

    @Test
    void thePrintedDefaultsAreTheDefaults() {
        ConfigurationFile read = ConfigurationFile.parse(ConfigurationFile.defaults());
        assertThat(read.errors()).isEmpty();
        assertThat(read.notes()).isEmpty();
        assertThat(read.configuration()).isEqualTo(Configuration.DEFAULT);
    }

    @Test
    void thePrintedDefaultsNameEveryKey() {
        String defaults = ConfigurationFile.defaults();
        for (String field : ConfigurationFile.parse(defaults).fields()) {
            assertThat(defaults).contains(field.substring(field.lastIndexOf('.') + 1));
        }
    }

    @Test
    void everyKeySaysWhatItSays() {
        ConfigurationFile read = ConfigurationFile.parse(HEADER + """
                topologyManagerPolicy: single-numa-node
                topologyManagerScope: container
                cpuManagerPolicy: static
                cpuManagerPolicyOptions:
                  full-pcpus-only: "true"
                  strict-cpu-reservation: true
                  align-by-socket: "false"
                topologyManagerPolicyOptions:
                  prefer-closest-numa-nodes: true
                  max-allowable-numa-nodes: 16
                reservedSystemCPUs: 0,16-17
                memoryManagerPolicy: None
                reservedMemory:
                - numaNode: 0
                  limits: {memory: 1Gi, hugepages-2Mi: 64Mi}
                - numaNode: 1
                  limits: {memory: "500M"}
                memoryThrottlingFactor: 0.8
                memoryReservationPolicy: TieredReservation
                memoryQoSVersion: 1.36
                memoryMinHeadroomPercent: 15
                cpuCFSQuotaPeriod: 50ms
                isolation: partition
                shim:
                  listen: unix:///run/a.sock
                  runtime: unix:///run/crio/crio.sock
                  allowedUids: [1000, 2147483647]
                  decisionBudget: 1m30s
                cgroups:
                  root: /mnt/cgroup
                  driver: systemd
                  kubepods: /k8s/kubepods
                  sysfs: /mnt/sys
                  procfs: /mnt/proc
                state:
                  dir: /srv/podslice
                bounds:
                  namespaces: [databases, kube-system]
                  exclusiveCPUsPerPod: 16
                  exclusiveCPUsPerNamespace: 0
                  exclusivePercent: 75
                  sharedPoolCPUs: 4
                  guardedMemory: 48Gi
                  isolated: false
                podSpecs:
                  source: apiServer
                  timeout: 250ms
                  podsAPI: unix:///run/pods.sock
                  apiServer:
                    kubeconfig: /etc/kubernetes/kubelet.conf
                    serviceAccount: ""
                    server: https://[fd00::1]:6443
                    nodeName: worker-1.example.com
                    events: true
                  staticPods: /srv/manifests
                podResources: ""
                admission: {refused: fail}
                nri: {enabled: true, socket: "unix:///run/nri.sock", name: podslice-2, index: "05"}
                api:
                  listen: unix:///run/b.sock
                  allowedUids: [7]
                  metrics: "[::1]:9419"
                  page: unix:///run/page.sock
                  record: {dir: /srv/recording, maxBytes: 1Gi}
                """);
        assertThat(read.errors()).isEmpty();
        assertThat(read.configuration())
                .isEqualTo(new Configuration(
                        new PlacementPolicy(
                                CpuManagerPolicy.STATIC,
                                new CpuManagerOptions(Set.of(Option.FULL_PCPUS_ONLY, Option.STRICT_CPU_RESERVATION)),
                                TopologyPolicy.SINGLE_NUMA_NODE,
                                TopologyScope.CONTAINER,
                                new TopologyOptions(true),
                                MemoryManagerPolicy.NONE,
                                CpuSet.of(0, 16, 17),
                                new TreeMap<>(Map.of(
                                        0,
                                        Map.of(
                                                ResourceName.MEMORY,
                                                1L << 30,
                                                new ResourceName("hugepages-2Mi"),
                                                64L << 20),
                                        1,
                                        Map.of(ResourceName.MEMORY, 500_000_000L)))),
                        new Configuration.Memory(
                                OptionalDouble.of(0.8),
                                MemoryReservationPolicy.TIERED_RESERVATION,
                                MemoryQosVersion.V1_36,
                                15),
                        Duration.ofMillis(50),
                        new Configuration.Shim(
                                Path.of("/run/a.sock"),
                                Path.of("/run/crio/crio.sock"),
                                Set.of(1000, 2147483647),
                                Duration.ofSeconds(90)),
                        new Configuration.Nri(true, Path.of("/run/nri.sock"), "podslice-2", "05"),
                        new Configuration.Cgroups(
                                Path.of("/mnt/cgroup"),
                                Optional.of(CgroupDriver.SYSTEMD),
                                new CgroupName(List.of("k8s", "kubepods")),
                                Path.of("/mnt/sys"),
                                Path.of("/mnt/proc")),
                        new Configuration.Api(
                                Path.of("/run/b.sock"),
                                Set.of(7),
                                Optional.of(new InetSocketAddress(InetAddress.ofLiteral("::1"), 9419)),
                                Optional.of(UnixDomainSocketAddress.of("/run/page.sock")),
                                new Configuration.Recording(Optional.of(Path.of("/srv/recording")), 1L << 30)),
                        Path.of("/srv/podslice"),
                        new Bounds(
                                Set.of("databases", "kube-system"),
                                OptionalInt.of(16),
                                OptionalInt.of(0),
                                75,
                                4,
                                OptionalLong.of(48L << 30),
                                false),
                        CpuIsolation.PARTITION,
                        new ClusterConfiguration(
                                new ClusterConfiguration.PodSpecs(
                                        ClusterConfiguration.SourceChoice.API_SERVER,
                                        Duration.ofMillis(250),
                                        Path.of("/run/pods.sock"),
                                        new ClusterConfiguration.ApiServer(
                                                Optional.of(Path.of("/etc/kubernetes/kubelet.conf")),
                                                Optional.empty(),
                                                Optional.of(URI.create("https://[fd00::1]:6443")),
                                                Optional.of("worker-1.example.com"),
                                                true),
                                        Optional.of(Path.of("/srv/manifests"))),
                                Optional.empty(),
                                ClusterConfiguration.RefusedPods.FAIL)));
    }

    private static ClusterConfiguration cluster(String lines) {
        ConfigurationFile read = ConfigurationFile.parse(HEADER + lines + "\n");
        assertThat(read.errors()).isEmpty();
        return read.configuration().cluster();
    }

    @Test
    void byDefaultTheSourcesHaveASecondOrHalfOfTheDecisionsTime() {
        assertThat(cluster("shim: {decisionBudget: 400ms}").podSpecs().timeout())
                .isEqualTo(Duration.ofMillis(200));
        assertThat(cluster("shim: {decisionBudget: 30s}").podSpecs().timeout()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void autoAsksTheApiServerOnlyWithCredentials() {
        ClusterConfiguration.PodSpecs without = cluster("").podSpecs();
        assertThat(without.asksPodsApi()).isTrue();
        assertThat(without.asksApiServer()).isFalse();
        assertThat(without.readsStaticPods()).isTrue();

        ClusterConfiguration.PodSpecs with = cluster(
                        "podSpecs: {apiServer: {kubeconfig: /etc/kubernetes/kubelet.conf}}")
                .podSpecs();
        assertThat(with.asksApiServer()).isTrue();
        assertThat(with.asksPodsApi()).isTrue();
    }

    @Test
    void oneSourceIsAskedAlone() {
        ClusterConfiguration.PodSpecs podsApi =
                cluster("podSpecs: {source: podsAPI}").podSpecs();
        assertThat(podsApi.asksPodsApi()).isTrue();
        assertThat(podsApi.asksApiServer()).isFalse();
        assertThat(podsApi.readsStaticPods()).isFalse();

        ClusterConfiguration.PodSpecs annotation =
                cluster("podSpecs: {source: annotation}").podSpecs();
        assertThat(annotation.asksPodsApi()).isFalse();
        assertThat(annotation.asksApiServer()).isFalse();
        assertThat(annotation.readsStaticPods()).isFalse();
    }

    @Test
    void sourcesWithoutEffectAreNoted() {
        ConfigurationFile read = ConfigurationFile.parse(HEADER + """
                podSpecs:
                  source: annotation
                  timeout: 2s
                  podsAPI: unix:///run/pods.sock
                  apiServer: {server: "https://10.96.0.1:443"}
                  staticPods: /srv/manifests
                """);
        assertThat(read.errors()).isEmpty();
        assertThat(read.notes())
                .extracting(note -> note.text("f"))
                .containsExactly(
                        "f:5:3: podSpecs.timeout: has no effect with podSpecs.source: annotation",
                        "f:6:3: podSpecs.podsAPI: has no effect with podSpecs.source: annotation",
                        "f:7:3: podSpecs.apiServer: has no effect with podSpecs.source: annotation",
                        "f:7:15: podSpecs.apiServer.server: has no effect without kubeconfig or serviceAccount",
                        "f:8:3: podSpecs.staticPods: has no effect with podSpecs.source: annotation");
    }

    /** Refused pods can be failed through the API server whichever source tells their specs. */
    @Test
    void theApiServerForRefusedPodsAloneIsNotWithoutEffect() {
        ConfigurationFile read = ConfigurationFile.parse(HEADER + """
                podSpecs:
                  source: podsAPI
                  apiServer: {serviceAccount: /etc/podslice/account, server: "https://10.96.0.1"}
                admission: {refused: fail}
                """);
        assertThat(read.errors()).isEmpty();
        assertThat(read.notes()).isEmpty();
        assertThat(read.configuration().cluster().podSpecs().asksApiServer()).isFalse();
    }

    @Test
    void theNodeApiListensBesideTheShim() {
        assertThat(ConfigurationFile.parse(HEADER + "shim: {listen: \"unix:///run/a/cri.sock\"}\n")
                        .configuration()
                        .api())
                .isEqualTo(new Configuration.Api(
                        Path.of("/run/a/podslice.sock"), Set.of(), Optional.empty(), Optional.empty()));
    }

    @Test
    void aSingleReservedCpuNeedsNoQuotes() {
        assertThat(ConfigurationFile.parse(HEADER + "reservedSystemCPUs: 0\n")
                        .configuration()
                        .policy()
                        .reservedSystemCpus())
                .isEqualTo(CpuSet.of(0));
    }

    @Test
    void aKeyWithoutEffectIsNotedAndNotRefused() {
        ConfigurationFile read = ConfigurationFile.parse(HEADER + "memoryMinHeadroomPercent: 10\n");
        assertThat(read.errors()).isEmpty();
        assertThat(read.notes())
                .extracting(note -> note.text("f"))
                .containsExactly("f:3:1: memoryMinHeadroomPercent: has no effect without memoryReservationPolicy:"
                        + " TieredReservation");
    }

    @Test
    void boundsWithoutEffectAreNoted() {
        ConfigurationFile read = ConfigurationFile.parse(
                HEADER + "cpuManagerPolicy: none\nbounds: {exclusiveCPUsPerPod: 4, guardedMemory: 1Gi}\n");
        assertThat(read.errors()).isEmpty();
        assertThat(read.notes())
                .extracting(note -> note.text("f"))
                .containsExactly(
                        "f:4:10: bounds.exclusiveCPUsPerPod: has no effect with cpuManagerPolicy: none",
                        "f:4:34: bounds.guardedMemory: has no effect without memoryReservationPolicy: TieredReservation");
    }

    @Test
    void theKubeletsDefaultFactorWasGivenUpWith137() {
        assertThat(ConfigurationFile.parse(HEADER).configuration().memory().throttlingFactor())
                .isEmpty();
        assertThat(ConfigurationFile.parse(HEADER + "memoryQoSVersion: \"1.36\"\n")
                        .configuration()
                        .memory()
                        .throttlingFactor())
                .hasValue(0.9);
    }

    @Test
    void allocatableMemoryIsWhatIsNotReserved() {
        Configuration configuration = ConfigurationFile.parse(HEADER
                        + "memoryReservationPolicy: TieredReservation\n"
                        + "reservedMemory: [{numaNode: 1, limits: {memory: 1Gi, hugepages-2Mi: 64Mi}}]\n")
                .configuration();

        assertThat(configuration.memoryQos(Machine.regular(2, 1, 4, 2, 8L << 30), 65536))
                .isEqualTo(new MemoryQos(true, OptionalDouble.empty(), 65536, 15L << 30));
    }

    @Test
    void aFileThatCannotBeReadIsNamedWithTheReason(@TempDir Path dir) throws IOException {
        Path missing = dir.resolve("missing.yaml");
        assertThatThrownBy(() -> ConfigurationFile.read(missing)).hasMessage(missing + ": no such file");
        assertThatThrownBy(() -> ConfigurationFile.read(dir))
                .hasMessage(dir + ": is a directory, not a configuration file");
        Path binary = Files.write(dir.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe});
        assertThatThrownBy(() -> ConfigurationFile.read(binary)).hasMessage(binary + ": is not UTF-8 text");
    }
}
