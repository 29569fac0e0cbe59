package io.podslice.agent.config;

import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Mark;
import io.podslice.agent.yaml.Remarks;
import io.podslice.agent.yaml.YamlNode;
import io.podslice.agent.yaml.YamlNode.Scalar;
import io.podslice.agent.yaml.YamlReader;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.MemoryQosVersion;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import io.podslice.node.CpuIsolation;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Makes a {@link Configuration} of a YAML tree, by the kubelet's rules for the keys that the kubelet has too. */
final class ConfigurationReader {
    private static final String HEADROOM = "memoryMinHeadroomPercent";

    private final Remarks remarks = new Remarks();

    ConfigurationFile read(String text) {
        YamlNode root = YamlReader.one(text, remarks);
        if (root == null && remarks.hasErrors()) {
            return new ConfigurationFile(Configuration.DEFAULT, remarks.allErrors(), List.of(), Set.of());
        }
        Configuration configuration = configuration(new Fields(root, "", remarks));
        return new ConfigurationFile(
                configuration, remarks.allErrors(), remarks.allNotes(), Set.copyOf(remarks.fields()));
    }

    private Configuration configuration(Fields top) {
        header(top, "apiVersion", Configuration.API_VERSION);
        header(top, "kind", Configuration.KIND);

        Configuration fallback = Configuration.DEFAULT;
        Configuration.Shim shim = shim(top.section("shim"), fallback.shim());
        PlacementPolicy policy = policy(top, fallback.policy());
        Configuration.Memory memory = memory(top, fallback.memory());
        Configuration configuration = new Configuration(
                policy,
                memory,
                top.value(
                        "cpuCFSQuotaPeriod",
                        fallback.cpuCfsQuotaPeriod(),
                        Scalars.duration(Duration.ofMillis(1), Duration.ofSeconds(1), "1ms to 1s")),
                shim,
                nri(top.section("nri"), fallback.nri()),
                cgroups(top.section("cgroups"), fallback.cgroups()),
                api(top.section("api"), shim),
                stateDir(top.section("state"), fallback.stateDir()),
                BoundsReader.read(top.section("bounds"), policy, memory),
                top.oneOf("isolation", fallback.isolation(), CpuIsolation::text),
                ClusterReader.read(top, shim.decisionBudget()));
        top.end();
        return configuration;
    }

    private static PlacementPolicy policy(Fields top, PlacementPolicy fallback) {
        TopologyPolicy topology =
                top.oneOf("topologyManagerPolicy", fallback.topologyManagerPolicy(), TopologyPolicy::text);
        CpuManagerPolicy cpus = top.oneOf("cpuManagerPolicy", fallback.cpuManagerPolicy(), CpuManagerPolicy::text);
        PolicyOptionsReader options = new PolicyOptionsReader(topology);
        return new PlacementPolicy(
                cpus,
                options.cpuManager(top.section("cpuManagerPolicyOptions"), cpus),
                topology,
                top.oneOf("topologyManagerScope", fallback.topologyManagerScope(), TopologyScope::text),
                options.topologyManager(top.section("topologyManagerPolicyOptions")),
                top.oneOf("memoryManagerPolicy", fallback.memoryManagerPolicy(), MemoryManagerPolicy::text),
                top.value("reservedSystemCPUs", fallback.reservedSystemCpus(), CpuSet::parse),
                ReservedMemory.read(top.sections("reservedMemory")));
    }

    private static Configuration.Memory memory(Fields top, Configuration.Memory fallback) {
        MemoryQosVersion version = top.oneOf("memoryQoSVersion", fallback.version(), MemoryQosVersion::text);
        // Version 1.37 dropped the kubelet's default, since it slows down workloads that did not ask for it.
        OptionalDouble factor =
                version == MemoryQosVersion.V1_36 ? OptionalDouble.of(0.9) : fallback.throttlingFactor();
        MemoryReservationPolicy policy =
                top.oneOf("memoryReservationPolicy", fallback.reservationPolicy(), MemoryReservationPolicy::text);
        Mark headroomMark = top.mark(HEADROOM);
        int headroom = top.value(HEADROOM, fallback.minHeadroomPercent(), Scalars::percent);
        if (headroom > 0 && policy == MemoryReservationPolicy.NONE) {
            top.note(headroomMark, HEADROOM, "has no effect without memoryReservationPolicy: TieredReservation");
        }
        return new Configuration.Memory(
                top.value("memoryThrottlingFactor", factor, text -> OptionalDouble.of(Scalars.factor(text))),
                policy,
                version,
                headroom);
    }

    private void header(Fields top, String key, String wanted) {
        YamlNode.Entry entry = top.take(key);
        if (entry == null) {
            remarks.error(Mark.START, key, "is missing; must be " + wanted);
        } else if (!(entry.value() instanceof Scalar scalar)) {
            remarks.error(entry.value().mark(), key, "must be " + wanted);
        } else if (!scalar.text().equals(wanted)) {
            remarks.error(scalar.mark(), key, "\"" + scalar.text() + "\": must be " + wanted);
        }
    }

    private Configuration.Shim shim(Fields fields, Configuration.Shim fallback) {
        Mark listenMark = fields.mark("listen");
        Configuration.Shim shim = new Configuration.Shim(
                fields.value("listen", fallback.listen(), Scalars::socket),
                fields.value("runtime", fallback.runtime(), Scalars::socket),
                Set.copyOf(fields.list("allowedUids", Scalars.number("a numeric user id"))),
                fields.value(
                        "decisionBudget",
                        fallback.decisionBudget(),
                        Scalars.duration(Duration.ofMillis(10), Duration.ofMinutes(2), "10ms to 2m")));
        if (shim.listen().equals(shim.runtime())) {
            fields.error(listenMark, "listen", "\"unix://" + shim.listen() + "\": is the same socket as shim.runtime");
        }
        fields.end();
        return shim;
    }

    private static Configuration.Nri nri(Fields fields, Configuration.Nri fallback) {
        Configuration.Nri nri = new Configuration.Nri(
                fields.value("enabled", fallback.enabled(), Scalars::truth),
                fields.value("socket", fallback.socket(), Scalars::socket),
                fields.value(
                        "name",
                        fallback.name(),
                        Scalars.matching("[A-Za-z0-9_.+-]+", "must be letters, digits and _.+- only")),
                fields.value("index", fallback.index(), Scalars.matching("[0-9]{2}", "must be two digits")));
        fields.end();
        return nri;
    }

    private static Configuration.Api api(Fields fields, Configuration.Shim shim) {
        Mark listenMark = fields.mark("listen");
        Configuration.Api api = new Configuration.Api(
                fields.value("listen", Configuration.Api.beside(shim.listen()), Scalars::socket),
                Set.copyOf(fields.list("allowedUids", Scalars.number("a numeric user id"))),
                fields.value("metrics", Optional.<InetSocketAddress>empty(), Scalars::address));
        if (api.listen().equals(shim.listen()) || api.listen().equals(shim.runtime())) {
            String other = api.listen().equals(shim.listen()) ? "shim.listen" : "shim.runtime";
            fields.error(listenMark, "listen", "\"unix://" + api.listen() + "\": is the same socket as " + other);
        }
        fields.end();
        return api;
    }

    private static Configuration.Cgroups cgroups(Fields fields, Configuration.Cgroups fallback) {
        Optional<CgroupDriver> driver = fields.value("driver", fallback.driver(), Scalars::cgroupDriver);
        Configuration.Cgroups cgroups = new Configuration.Cgroups(
                fields.value("root", fallback.root(), Scalars::absolute),
                driver,
                fields.value("kubepods", fallback.kubepods(), text -> Scalars.kubepods(text, driver)),
                fields.value("sysfs", fallback.sysfs(), Scalars::absolute),
                fields.value("procfs", fallback.procfs(), Scalars::absolute));
        fields.end();
        return cgroups;
    }

    private static Path stateDir(Fields fields, Path fallback) {
        Path dir = fields.value("dir", fallback, Scalars::absolute);
        fields.end();
        return dir;
    }
}
