package io.podslice.shim.runtime;

import io.podslice.proto.cri.v1.HugepageLimit;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.LinuxPodSandboxConfig;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The verbose part of a PodSandboxStatus, beside CRI's own fields, which lack the pod's cgroup and resources:
 * containerd has the whole PodSandboxConfig there as JSON ({@code info.config}, with the names of the proto's fields),
 * and other runtimes may have the OCI spec, whose cgroup path is the sandbox's own below the pod's.
 */
final class SandboxInfo {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxInfo.class);
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private SandboxInfo() {}

    /** The pod's cgroup, resources and overhead, as far as they are told. */
    static LinuxPodSandboxConfig linux(Map<String, String> info) {
        String text = info.getOrDefault("info", "");
        if (text.isEmpty()) {
            return LinuxPodSandboxConfig.getDefaultInstance();
        }
        JsonNode root;
        try {
            root = MAPPER.readTree(text);
        } catch (JacksonException e) {
            LOG.debug("a sandbox's info is no JSON: {}", e.getOriginalMessage());
            return LinuxPodSandboxConfig.getDefaultInstance();
        }
        JsonNode linux = root.path("config").path("linux");
        String parent = linux.path("cgroup_parent").asString("");
        return LinuxPodSandboxConfig.newBuilder()
                .setCgroupParent(parent.isEmpty() ? aboveSandbox(root) : parent)
                .setOverhead(resources(linux.path("overhead")))
                .setResources(resources(linux.path("resources")))
                .build();
    }

    /**
     * Returns the cgroup above the sandbox's own: a directory's parent, or the slice of a scope, which an OCI spec has as
     * {@code slice:prefix:name}.
     */
    private static String aboveSandbox(JsonNode root) {
        String path = root.path("runtimeSpec").path("linux").path("cgroupsPath").asString("");
        String[] unit = path.split(":", -1);
        if (unit.length == 3 && unit[0].endsWith(".slice")) {
            return unit[0];
        }
        int slash = path.lastIndexOf('/');
        return path.startsWith("/") && slash > 0 ? path.substring(0, slash) : "";
    }

    private static LinuxContainerResources resources(JsonNode from) {
        LinuxContainerResources.Builder resources = LinuxContainerResources.newBuilder()
                .setCpuPeriod(from.path("cpu_period").asLong(0))
                .setCpuQuota(from.path("cpu_quota").asLong(0))
                .setCpuShares(from.path("cpu_shares").asLong(0))
                .setMemoryLimitInBytes(from.path("memory_limit_in_bytes").asLong(0));
        for (JsonNode limit : from.path("hugepage_limits")) {
            resources.addHugepageLimits(HugepageLimit.newBuilder()
                    .setPageSize(limit.path("page_size").asString(""))
                    .setLimit(limit.path("limit").asLong(0)));
        }
        return resources.build();
    }
}
