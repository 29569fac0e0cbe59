package io.podslice.agent.config;

import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Mark;
import io.podslice.agent.yaml.Remarks;
import io.podslice.agent.yaml.YamlNode;
import io.podslice.agent.yaml.YamlNode.Scalar;
import io.podslice.agent.yaml.YamlReader;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.layout.CgroupName;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.MemoryQosVersion;
import io.podslice.managers.topology.TopologyPolicy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Makes a {@link Configuration} of a YAML tree, by the kubelet's rules for the keys that the kubelet has too. */
final class ConfigurationReader {
    private final Remarks remarks = new Remarks();

    ConfigurationFile read(String text) {
        YamlNode root = YamlReader.one(text, remarks);
        if (root == null && remarks.hasErrors()) {
            return new ConfigurationFile(
                    Configuration.DEFAULT, remarks.allErrors(), List.of(), Set.of(), RawValues.NONE);
        }
        Configuration configuration = configuration(new Fields(root, "", remarks));
        return new ConfigurationFile(
                configuration,
                remarks.allErrors(),
                remarks.allNotes(),
                Set.copyOf(remarks.fields()),
                RawValues.of(root));
    }

    private Configuration configuration(Fields top) {
        header(top, "apiVersion", Configuration.API_VERSION);
        header(top, "kind", Configuration.KIND);

        Configuration fallback = Configuration.DEFAULT;
        Configuration.Shim shim = shim(top.section("shim"), fallback.shim());
        PlacementPolicy policy = policy(top, fallback.policy());
        Configuration.Memory memory = memory(top, fallback.memory());
        Path stateDir = stateDir(top.section("state"), fallback.stateDir());
        Configuration configuration = new Configuration(
                policy,
                memory,
                PolicyRules.CFS_PERIOD.read(top, fallback.cpuCfsQuotaPeriod()),
                shim,
                nri(top.section("nri"), fallback.nri()),
                cgroups(top.section("cgroups"), fallback.cgroups()),
                api(top.section("api"), shim, stateDir),
                stateDir,
                BoundsReader.read(top.section("bounds"), policy, memory),
                PolicyRules.ISOLATION.read(top, fallback.isolation()),
                ClusterReader.read(top, shim.decisionBudget()));
        top.end();
        return configuration;
    }

    private static PlacementPolicy policy(Fields top, PlacementPolicy fallback) {
        TopologyPolicy topology = PolicyRules.TOPOLOGY_POLICY.read(top, fallback.topologyManagerPolicy());
        CpuManagerPolicy cpus = PolicyRules.CPU_POLICY.read(top, fallback.cpuManagerPolicy());
        PolicyOptionsReader options = new PolicyOptionsReader(topology);
        return new PlacementPolicy(
                cpus,
                options.cpuManager(top.section("cpuManagerPolicyOptions"), cpus),
                topology,
                PolicyRules.TOPOLOGY_SCOPE.read(top, fallback.topologyManagerScope()),
                options.topologyManager(top.section("topologyManagerPolicyOptions")),
                PolicyRules.MEMORY_POLICY.read(top, fallback.memoryManagerPolicy()),
                PolicyRules.RESERVED_CPUS.read(top, fallback.reservedSystemCpus()),
                ReservedMemory.read(top.sections("reservedMemory")));
    }

    private static Configuration.Memory memory(Fields top, Configuration.Memory fallback) {
        MemoryQosVersion version = PolicyRules.QOS_VERSION.read(top, fallback.version());
        // Version 1.37 dropped the kubelet's default, since it slows down workloads that did not ask for it.
        OptionalDouble factor =
                version == MemoryQosVersion.V1_36 ? OptionalDouble.of(0.9) : fallback.throttlingFactor();
        MemoryReservationPolicy policy = PolicyRules.RESERVATION_POLICY.read(top, fallback.reservationPolicy());
        Mark headroomMark = PolicyRules.HEADROOM.mark(top);
        int headroom = PolicyRules.HEADROOM.read(top, fallback.minHeadroomPercent());
        if (headroom > 0 && policy == MemoryReservationPolicy.NONE) {
            top.note(
                    headroomMark,
                    PolicyRules.HEADROOM.key(),
                    "has no effect without memoryReservationPolicy: TieredReservation");
        }
        return new Configuration.Memory(PolicyRules.THROTTLING.read(top, factor), policy, version, headroom);
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
        Mark listenMark = NodeRules.LISTEN.mark(fields);
        Configuration.Shim shim = new Configuration.Shim(
                NodeRules.LISTEN.read(fields, fallback.listen()),
                NodeRules.RUNTIME.read(fields, fallback.runtime()),
                Set.copyOf(NodeRules.SHIM_UIDS.readAll(fields)),
                NodeRules.BUDGET.read(fields, fallback.decisionBudget()));
        if (shim.listen().equals(shim.runtime())) {
            fields.error(listenMark, "listen", "\"unix://" + shim.listen() + "\": is the same socket as shim.runtime");
        }
        fields.end();
        return shim;
    }

    private static Configuration.Nri nri(Fields fields, Configuration.Nri fallback) {
        Configuration.Nri nri = new Configuration.Nri(
                NodeRules.NRI.read(fields, fallback.enabled()),
                NodeRules.NRI_SOCKET.read(fields, fallback.socket()),
                NodeRules.NRI_NAME.read(fields, fallback.name()),
                NodeRules.NRI_INDEX.read(fields, fallback.index()));
        fields.end();
        return nri;
    }

    private static Configuration.Api api(Fields fields, Configuration.Shim shim, Path stateDir) {
        Mark listenMark = NodeRules.API_LISTEN.mark(fields);
        Mark pageMark = NodeRules.PAGE.mark(fields);
        Configuration.Api api = new Configuration.Api(
                NodeRules.API_LISTEN.read(fields, Configuration.Api.beside(shim.listen())),
                Set.copyOf(NodeRules.API_UIDS.readAll(fields)),
                NodeRules.METRICS.read(fields, Optional.<InetSocketAddress>empty()),
                NodeRules.PAGE.read(fields, Optional.<SocketAddress>empty()),
                recording(fields.section("record"), stateDir));
        if (api.listen().equals(shim.listen()) || api.listen().equals(shim.runtime())) {
            String other = api.listen().equals(shim.listen()) ? "shim.listen" : "shim.runtime";
            fields.error(listenMark, "listen", "\"unix://" + api.listen() + "\": is the same socket as " + other);
        }
        api.page()
                .ifPresent(page -> other(page, api, shim)
                        .ifPresent(other -> fields.error(
                                pageMark, "page", "\"" + Scalars.text(page) + "\": is the same address as " + other)));
        fields.end();
        return api;
    }

    private static Configuration.Recording recording(Fields fields, Path stateDir) {
        Mark dirMark = NodeRules.RECORD_DIR.mark(fields);
        Mark bytesMark = NodeRules.RECORD_BYTES.mark(fields);
        Configuration.Recording recording = new Configuration.Recording(
                NodeRules.RECORD_DIR.read(fields, Optional.<Path>empty()),
                NodeRules.RECORD_BYTES.read(fields, Configuration.Recording.OFF.maxBytes()));
        recording
                .dir()
                .filter(stateDir::equals)
                .ifPresent(dir -> fields.error(
                        dirMark, NodeRules.RECORD_DIR.key(), "\"" + dir + "\": is the same folder as state.dir"));
        if (recording.dir().isEmpty() && recording.maxBytes() != Configuration.Recording.OFF.maxBytes()) {
            fields.note(bytesMark, NodeRules.RECORD_BYTES.key(), "has no effect without api.record.dir");
        }
        fields.end();
        return recording;
    }

    /** Returns the key of the other socket that has the page's address; empty for none. */
    private static Optional<String> other(SocketAddress page, Configuration.Api api, Configuration.Shim shim) {
        if (page instanceof UnixDomainSocketAddress unix) {
            Path path = unix.getPath();
            return path.equals(api.listen())
                    ? Optional.of("api.listen")
                    : path.equals(shim.listen())
                            ? Optional.of("shim.listen")
                            : path.equals(shim.runtime()) ? Optional.of("shim.runtime") : Optional.empty();
        }
        return api.metrics().filter(page::equals).map(_ -> "api.metrics");
    }

    private static Configuration.Cgroups cgroups(Fields fields, Configuration.Cgroups fallback) {
        Optional<CgroupDriver> driver = NodeRules.DRIVER.read(fields, fallback.driver());
        Configuration.Cgroups cgroups = new Configuration.Cgroups(
                NodeRules.CGROUP_ROOT.read(fields, fallback.root()),
                driver,
                fields.value(NodeRules.KUBEPODS.key(), fallback.kubepods(), text -> kubepods(text, driver)),
                NodeRules.SYSFS.read(fields, fallback.sysfs()),
                NodeRules.PROCFS.read(fields, fallback.procfs()));
        fields.end();
        return cgroups;
    }

    /** Reads the cgroup of all pods, and checks that it can be spelled in the driver's way; empty: not known yet. */
    private static CgroupName kubepods(String text, Optional<CgroupDriver> driver) {
        CgroupName name = NodeRules.KUBEPODS.kind().reading().apply(text);
        if (driver.isPresent()) {
            var _ = name.path(driver.get());
        }
        return name;
    }

    private static Path stateDir(Fields fields, Path fallback) {
        Path dir = NodeRules.STATE.read(fields, fallback);
        fields.end();
        return dir;
    }
}
