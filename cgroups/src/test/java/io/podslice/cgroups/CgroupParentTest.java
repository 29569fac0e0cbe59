package io.podslice.cgroups;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupParentTest {

    @Test
    void isThePodsCgroup() {
        assertThat(CgroupParent.parse("/kubepods/burstable/pod12"))
                .isEqualTo(new CgroupParent.Usable(new CgroupPath("/kubepods/burstable/pod12")));
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
                "/kubepods.slice/kubepods-podx.slice | is a systemd slice",
                "kubepods-podx.slice               | is a systemd slice"
            })
    void namesWhyItCannotBeUsed(String value, String reason) {
        CgroupParent parsed = CgroupParent.parse(value);
        assertThat(parsed).isInstanceOf(CgroupParent.Unusable.class);
        CgroupParent.Unusable unusable = (CgroupParent.Unusable) parsed;
        assertThat(unusable.value()).isEqualTo(value);
        assertThat(unusable.message())
                .startsWith("linux.cgroup_parent \"" + value + "\" ")
                .contains(reason);
    }

    @Test
    void refusesControlCharactersAndTooLongNames() {
        assertThat(CgroupParent.parse("/kubepods/pod\n1")).isInstanceOf(CgroupParent.Unusable.class);
        assertThat(CgroupParent.parse("/kubepods/" + "p".repeat(256))).isInstanceOf(CgroupParent.Unusable.class);
        assertThat(CgroupParent.parse("/kubepods/" + "p".repeat(255))).isInstanceOf(CgroupParent.Usable.class);
    }
}
