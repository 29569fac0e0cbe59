package io.podslice.simulator.runtime;

import io.podslice.cgroups.CgroupPath;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.LinuxPodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxMetadata;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The verbose part of containerd's PodSandboxStatus: the config as it was sent, in JSON as Go writes it, with the
 * proto's names and without zero values.
 */
final class VerboseInfo {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private VerboseInfo() {}

    static String of(SandboxEntry sandbox) {
        ObjectNode info = JsonNodeFactory.instance.objectNode();
        info.put("pid", sandbox.pid);
        ObjectNode config = info.putObject("config");
        PodSandboxMetadata meta = sandbox.config.getMetadata();
        ObjectNode metadata = config.putObject("metadata");
        metadata.put("name", meta.getName());
        metadata.put("uid", meta.getUid());
        metadata.put("namespace", meta.getNamespace());
        ObjectNode annotations = config.putObject("annotations");
        sandbox.config.getAnnotationsMap().forEach(annotations::put);
        LinuxPodSandboxConfig own = sandbox.config.getLinux();
        ObjectNode linux = config.putObject("linux");
        linux.put("cgroup_parent", own.getCgroupParent());
        linux.set("overhead", resources(own.getOverhead()));
        linux.set("resources", resources(own.getResources()));
        info.putObject("runtimeSpec").putObject("linux").put("cgroupsPath", cgroupsPath(sandbox));
        return MAPPER.writeValueAsString(info);
    }

    /** Returns the path as containerd puts it into the OCI spec: for a scope {@code slice:prefix:name}. */
    private static String cgroupsPath(SandboxEntry sandbox) {
        String slice = sandbox.cgroup.parent().map(CgroupPath::name).orElse("");
        return slice.endsWith(".slice") ? slice + ":cri-containerd:" + sandbox.id : sandbox.cgroup.value();
    }

    private static ObjectNode resources(LinuxContainerResources from) {
        ObjectNode resources = JsonNodeFactory.instance.objectNode();
        put(resources, "cpu_period", from.getCpuPeriod());
        put(resources, "cpu_quota", from.getCpuQuota());
        put(resources, "cpu_shares", from.getCpuShares());
        put(resources, "memory_limit_in_bytes", from.getMemoryLimitInBytes());
        return resources;
    }

    private static void put(ObjectNode into, String name, long value) {
        if (value != 0) {
            into.put(name, value);
        }
    }
}
