package io.podslice.integration.vm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CgroupNamesTest {

    @Test
    void cgroupfsLeavesNamesAsTheyAre() {
        assertThat(CgroupNames.CGROUPFS.directory("/kubepods/burstable/pod1234-ab"))
                .isEqualTo("/kubepods/burstable/pod1234-ab");
        assertThat(CgroupNames.CGROUPFS.container("/kubepods/pod1234-ab", "abc"))
                .isEqualTo("/kubepods/pod1234-ab/abc");
    }

    @Test
    void systemdHasEveryLevelInTheName() {
        assertThat(CgroupNames.SYSTEMD.directory("/kubepods")).isEqualTo("/kubepods.slice");
        assertThat(CgroupNames.SYSTEMD.directory("/kubepods/burstable/pod1234-ab"))
                .isEqualTo("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1234_ab.slice");
        assertThat(CgroupNames.SYSTEMD.directory("/kubepods/pod1234-ab"))
                .isEqualTo("/kubepods.slice/kubepods-pod1234_ab.slice");
        assertThat(CgroupNames.SYSTEMD.container("/kubepods.slice/kubepods-pod1234_ab.slice", "abc"))
                .isEqualTo("/kubepods.slice/kubepods-pod1234_ab.slice/cri-containerd-abc.scope");
    }
}
