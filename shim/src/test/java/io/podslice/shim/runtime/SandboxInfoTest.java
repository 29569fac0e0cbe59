package io.podslice.shim.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.proto.cri.v1.HugepageLimit;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.LinuxPodSandboxConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxInfoTest {
    private static LinuxPodSandboxConfig linux(String info) {
        return SandboxInfo.linux(Map.of("info", info));
    }

    /** As containerd 2.1 has it, less what does not matter here. */
    @Test
    void containerdsInfoHasTheConfig() {
        assertThat(linux("""
                {"pid": 812, "processStatus": "running", "runtimeHandler": "",
                 "config": {"metadata": {"name": "web", "uid": "u1", "namespace": "default"},
                  "annotations": {"a": "b"},
                  "linux": {"cgroup_parent": "/kubepods/podu1",
                   "security_context": {"namespace_options": {"pid": 1}},
                   "overhead": {"memory_limit_in_bytes": 1048576},
                   "resources": {"cpu_period": 100000, "cpu_quota": 400000, "cpu_shares": 4096,
                    "memory_limit_in_bytes": 8589934592,
                    "hugepage_limits": [{"page_size": "2MB", "limit": 4194304}]}}},
                 "runtimeSpec": {"linux": {"cgroupsPath": "/kubepods/podu1/8e2f"}}}"""))
                .isEqualTo(LinuxPodSandboxConfig.newBuilder()
                        .setCgroupParent("/kubepods/podu1")
                        .setOverhead(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(1 << 20))
                        .setResources(LinuxContainerResources.newBuilder()
                                .setCpuPeriod(100_000)
                                .setCpuQuota(400_000)
                                .setCpuShares(4096)
                                .setMemoryLimitInBytes(8L << 30)
                                .addHugepageLimits(HugepageLimit.newBuilder()
                                        .setPageSize("2MB")
                                        .setLimit(4 << 20)))
                        .build());
    }

    @Test
    void withoutTheConfigTheSpecTellsTheCgroup() {
        LinuxPodSandboxConfig linux =
                linux("{\"runtimeSpec\": {\"linux\": {\"cgroupsPath\": \"/kubepods/podu1/8e2f\"}}}");
        assertThat(linux.getCgroupParent()).isEqualTo("/kubepods/podu1");
    }

    @Test
    void withoutTheConfigTheSpecTellsTheSlice() {
        LinuxPodSandboxConfig linux = linux(
                "{\"runtimeSpec\": {\"linux\": {\"cgroupsPath\": \"kubepods-podu1.slice:cri-containerd:8e2f\"}}}");
        assertThat(linux.getCgroupParent()).isEqualTo("kubepods-podu1.slice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "7",
                "[]",
                "null",
                "{}",
                "{\"config\": null}",
                "{\"config\": {\"linux\": 3}}",
                "{\"runtimeSpec\": {\"linux\": {\"cgroupsPath\": \"system:cri-containerd:8e2f\"}}}",
                "{\"runtimeSpec\": {\"linux\": {\"cgroupsPath\": \"kubepods.slice:8e2f\"}}}"
            })
    void whatCannotBeReadTellsNothing(String info) {
        LinuxPodSandboxConfig linux = linux(info);
        assertThat(linux.getCgroupParent()).isEmpty();
        assertThat(CriRecords.resources(linux.getResources())).isEqualTo(LinuxResources.NONE);
        assertThat(CriRecords.resources(linux.getOverhead())).isEqualTo(LinuxResources.NONE);
    }

    @Test
    void aRuntimeWithoutInfoTellsNothing() {
        assertThat(SandboxInfo.linux(Map.of())).isEqualTo(LinuxPodSandboxConfig.getDefaultInstance());
    }

    @Test
    void aNumberThatIsNoneIsNotTold() {
        LinuxPodSandboxConfig linux = linux(
                "{\"config\": {\"linux\": {\"resources\": {\"cpu_shares\": \"many\", \"cpu_quota\": {}, \"cpu_period\": 5}}}}");
        assertThat(linux.getResources())
                .isEqualTo(LinuxContainerResources.newBuilder().setCpuPeriod(5).build());
    }
}
