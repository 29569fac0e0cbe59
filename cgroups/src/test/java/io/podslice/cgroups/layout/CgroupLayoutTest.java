package io.podslice.cgroups.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupPath;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kubelet's names (pkg/kubelet/cm/cgroup_manager_linux.go) and containerd's (getCgroupsPath) by driver. */
class CgroupLayoutTest {
    private static final CgroupLayout CGROUPFS = new CgroupLayout(new CgroupPath("/kubepods"));
    private static final CgroupLayout SYSTEMD = new CgroupLayout(new CgroupPath("/kubepods.slice"));

    @ParameterizedTest
    @CsvSource({
        "/kubepods, /kubepods, /kubepods.slice",
        "/kubepods.slice, /kubepods, /kubepods.slice",
        "/a/kubepods, /a/kubepods, /a.slice/a-kubepods.slice",
        "/a.slice/a-kubepods.slice, /a/kubepods, /a.slice/a-kubepods.slice",
        "/my-root/kubepods, /my-root/kubepods, /my_root.slice/my_root-kubepods.slice",
        "/my_root.slice/my_root-kubepods.slice, /my-root/kubepods, /my_root.slice/my_root-kubepods.slice"
    })
    void theRootMayBeSpelledForEitherDriver(String text, String cgroupfs, String systemd) {
        CgroupName name = CgroupName.parse(text);
        assertThat(name.path(CgroupDriver.CGROUPFS).value()).isEqualTo(cgroupfs);
        assertThat(name.path(CgroupDriver.SYSTEMD).value()).isEqualTo(systemd);
        assertThat(CgroupLayout.of(name, CgroupDriver.CGROUPFS).driver()).isEqualTo(CgroupDriver.CGROUPFS);
        assertThat(CgroupLayout.of(name, CgroupDriver.SYSTEMD).driver()).isEqualTo(CgroupDriver.SYSTEMD);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/                     | must be a cgroup below the root",
                "/a-kubepods.slice     | systemd has the slice a-kubepods.slice at /a.slice/a-kubepods.slice",
                "/b.slice/kubepods.slice | systemd has the slice kubepods.slice at /kubepods.slice",
                "kubepods              | must begin with a slash",
                "/a--b.slice           | empty component"
            })
    void aPathThatIsNoRootOfAllPodsIsRefused(String text, String reason) {
        assertThatThrownBy(() -> CgroupName.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void anUnderscoreCannotBeSpelledForSystemd() {
        CgroupName name = CgroupName.parse("/my_pods");
        assertThat(name.path(CgroupDriver.CGROUPFS).value()).isEqualTo("/my_pods");
        assertThatThrownBy(() -> name.path(CgroupDriver.SYSTEMD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("my_pods");
    }

    @ParameterizedTest
    @CsvSource({
        "'', 12-34, /kubepods/pod12-34, /kubepods.slice/kubepods-pod12_34.slice",
        "burstable, 12-34, /kubepods/burstable/pod12-34,"
                + " /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12_34.slice",
        "besteffort, 0f5e9c, /kubepods/besteffort/pod0f5e9c,"
                + " /kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod0f5e9c.slice"
    })
    void aPodsCgroupAndBack(String ofClass, String uid, String cgroupfs, String systemd) {
        CgroupPath directory = CGROUPFS.ofPod(CGROUPFS.ofClass(ofClass), uid).orElseThrow();
        CgroupPath slice = SYSTEMD.ofPod(SYSTEMD.ofClass(ofClass), uid).orElseThrow();
        assertThat(directory.value()).isEqualTo(cgroupfs);
        assertThat(slice.value()).isEqualTo(systemd);
        assertThat(CgroupLayout.uidOf(directory)).contains(uid);
        assertThat(CgroupLayout.uidOf(slice)).contains(uid);
        assertThat(CGROUPFS.podOf(cgroupfs)).isEqualTo(new CgroupParent.Usable(directory));
        assertThat(SYSTEMD.podOf(systemd)).isEqualTo(new CgroupParent.Usable(slice));
    }

    @Test
    void aContainersCgroup() {
        assertThat(CgroupLayout.containerOf(new CgroupPath("/kubepods/pod1"), "8e2f"))
                .isEqualTo(new CgroupPath("/kubepods/pod1/8e2f"));
        assertThat(CgroupLayout.containerOf(new CgroupPath("/kubepods.slice/kubepods-pod1.slice"), "8e2f"))
                .isEqualTo(new CgroupPath("/kubepods.slice/kubepods-pod1.slice/cri-containerd-8e2f.scope"));
    }

    @Test
    void namesBelowTheRoot() {
        assertThat(CGROUPFS.nameBelowRoot(new CgroupPath("/kubepods/burstable")))
                .contains("burstable");
        assertThat(SYSTEMD.nameBelowRoot(new CgroupPath("/kubepods.slice/kubepods-burstable.slice")))
                .contains("burstable");
        for (String elsewhere : List.of(
                "/kubepods.slice",
                "/kubepods.slice/cri-containerd-1.scope",
                "/kubepods.slice/burstable",
                "/kubepods.slice/other-burstable.slice",
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice")) {
            assertThat(SYSTEMD.nameBelowRoot(new CgroupPath(elsewhere)))
                    .as(elsewhere)
                    .isEmpty();
        }
    }

    @Test
    void aUidThatADriverCannotSpellHasNoCgroup() {
        assertThat(SYSTEMD.ofPod(SYSTEMD.kubepods(), "a_b")).isEmpty();
        assertThat(SYSTEMD.ofPod(SYSTEMD.kubepods(), "a/b")).isEmpty();
        assertThat(CGROUPFS.ofPod(CGROUPFS.kubepods(), "a/b")).isEmpty();
        assertThat(CgroupLayout.uidOf(new CgroupPath("/kubepods/burstable"))).isEmpty();
        assertThat(CgroupLayout.uidOf(new CgroupPath("/kubepods/pod"))).isEmpty();
        assertThat(CgroupLayout.uidOf(new CgroupPath("/kubepods.slice/kubepods-burstable.slice")))
                .isEmpty();
        assertThat(CgroupLayout.uidOf(new CgroupPath("/kubepods.slice/poduid.slice")))
                .isEmpty();
    }
}
