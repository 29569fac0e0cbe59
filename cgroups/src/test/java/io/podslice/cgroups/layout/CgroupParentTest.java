package io.podslice.cgroups.layout;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupParentTest {

    private static CgroupParent cgroupfs(String value) {
        return CgroupParent.parse(value, CgroupDriver.CGROUPFS);
    }

    private static CgroupParent systemd(String value) {
        return CgroupParent.parse(value, CgroupDriver.SYSTEMD);
    }

    @Test
    void isThePodsCgroup() {
        assertThat(cgroupfs("/kubepods/burstable/pod12"))
                .isEqualTo(new CgroupParent.Usable(new CgroupPath("/kubepods/burstable/pod12")));
    }

    /** containerd uses the last component alone: it is the unit, and its name tells the place. */
    @ParameterizedTest
    @CsvSource({
        "/kubepods.slice/kubepods-pod1.slice, /kubepods.slice/kubepods-pod1.slice",
        "kubepods-pod1.slice, /kubepods.slice/kubepods-pod1.slice",
        "/elsewhere/kubepods-pod1.slice, /kubepods.slice/kubepods-pod1.slice",
        "/a.slice, /a.slice"
    })
    void isThePodsSlice(String value, String path) {
        assertThat(systemd(value)).isEqualTo(new CgroupParent.Usable(new CgroupPath(path)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\"                              | is empty",
                "kubepods/podx                     | is not an absolute path",
                "../kubepods                       | is not an absolute path",
                "/                                 | is the root cgroup",
                "/kubepods/../../etc               | component \"..\" is not allowed",
                "/kubepods/./podx                  | component \".\" is not allowed",
                "/kubepods//podx                   | component \"\" is not allowed",
                "/kubepods/podx/                   | component \"\" is not allowed",
                "/kubepods.slice/kubepods-podx.slice | is a systemd slice, and the cgroup driver of this node is cgroupfs",
                "kubepods-podx.slice               | is a systemd slice"
            })
    void namesWhyItCannotBeUsed(String value, String reason) {
        refused(cgroupfs(value), value, reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\"                      | is empty",
                "/kubepods/podx            | is no systemd slice, and the cgroup driver of this node is systemd",
                "podx                      | is not an absolute path",
                "a/b-c.slice               | is not an absolute path",
                "/                         | is the root cgroup",
                "/-.slice                  | is the root cgroup",
                "-.slice                   | is the root cgroup",
                "/a.slice/a--b.slice       | is no slice of systemd's",
                "/.slice                   | is no slice of systemd's",
                "/kubepods.slice/../x.slice | component \"..\" is not allowed"
            })
    void namesWhyItIsNoSlice(String value, String reason) {
        refused(systemd(value), value, reason);
    }

    private static void refused(CgroupParent parsed, String value, String reason) {
        assertThat(parsed).isInstanceOf(CgroupParent.Unusable.class);
        CgroupParent.Unusable unusable = (CgroupParent.Unusable) parsed;
        assertThat(unusable.value()).isEqualTo(value);
        assertThat(unusable.message())
                .startsWith("linux.cgroup_parent \"" + value + "\" ")
                .contains(reason);
    }

    @Test
    void refusesControlCharactersAndTooLongNames() {
        assertThat(cgroupfs("/kubepods/pod\n1")).isInstanceOf(CgroupParent.Unusable.class);
        assertThat(cgroupfs("/kubepods/" + "p".repeat(256))).isInstanceOf(CgroupParent.Unusable.class);
        assertThat(cgroupfs("/kubepods/" + "p".repeat(255))).isInstanceOf(CgroupParent.Usable.class);
        assertThat(systemd("/kubepods-pod\n1.slice")).isInstanceOf(CgroupParent.Unusable.class);
        assertThat(systemd("/" + "p".repeat(250) + ".slice")).isInstanceOf(CgroupParent.Unusable.class);
        assertThat(systemd("/" + "p".repeat(249) + ".slice")).isInstanceOf(CgroupParent.Usable.class);
    }
}
