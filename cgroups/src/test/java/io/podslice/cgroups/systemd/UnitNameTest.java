package io.podslice.cgroups.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CgroupPath;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitNameTest {
    private static final String UID = "0f5e1234-5678-90ab-cdef-1234567890ab";
    private static final String UNIT_UID = "0f5e1234_5678_90ab_cdef_1234567890ab";

    @ParameterizedTest
    @CsvSource(textBlock = """
                    -.slice, /
                    kubepods.slice, /kubepods.slice
                    kubepods-burstable.slice, /kubepods.slice/kubepods-burstable.slice
                    a-b-c.slice, /a.slice/a-b.slice/a-b-c.slice
                    a-kubepods-besteffort-pod1_2.slice, /a.slice/a-kubepods.slice/a-kubepods-besteffort.slice/\
                    a-kubepods-besteffort-pod1_2.slice
                    """)
    void aSliceLiesWhereItsNameSays(String unit, String path) {
        assertThat(new UnitName(unit).path()).isEqualTo(new CgroupPath(path));
        assertThat(UnitName.ofPath(new CgroupPath(path))).contains(new UnitName(unit));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/kubepods",
                "/kubepods/burstable",
                "/kubepods.slice/podx",
                "/kubepods/kubepods-burstable.slice",
                "/other.slice/kubepods-burstable.slice",
                "/docker/0f5e/kubepods.slice",
                "/a--b.slice",
                "/-a.slice",
                "/a-.slice",
                "/.slice",
                "/-.slice",
                "/kubepods/cri-containerd-0f5e.scope",
                "/system.slice/a.service/b.scope",
                "/system.slice/containerd.service",
                "/a b.slice"
            })
    void aDirectoryThatIsNoUnitHasNoName(String path) {
        assertThat(UnitName.ofPath(new CgroupPath(path))).isEmpty();
    }

    @Test
    void aScopeLiesInASlice() {
        CgroupPath scope = new CgroupPath("/kubepods.slice/kubepods-podx.slice/cri-containerd-0f5e.scope");

        assertThat(UnitName.ofPath(scope)).contains(UnitName.ofContainer("cri-containerd", "0f5e"));
        assertThat(UnitName.ofPath(new CgroupPath("/init.scope"))).contains(new UnitName("init.scope"));
    }

    @Test
    void aPodsSliceHasItsUidAndGivesItBack() {
        UnitName burstable = UnitName.ofComponents(List.of("kubepods", "burstable"));

        assertThat(burstable.pod(UID)).isEqualTo(new UnitName("kubepods-burstable-pod" + UNIT_UID + ".slice"));
        assertThat(burstable.pod(UID).podUid()).contains(UID);
        assertThat(burstable.pod(UID).components()).containsExactly("kubepods", "burstable", "pod" + UID);
        assertThat(burstable.podUid()).isEmpty();
        assertThat(UnitName.ROOT_SLICE.podUid()).isEmpty();
        assertThat(new UnitName("kubepods.slice").podUid()).isEmpty();
        assertThat(new UnitName("kubepods-pod.slice").podUid()).isEmpty();
        assertThat(UnitName.ofContainer("cri-containerd", "podx").podUid()).isEmpty();
    }

    @Test
    void aStaticPodsUidHasNothingToEscape() {
        UnitName pod = new UnitName("kubepods.slice").pod("6d7fce95a2c9b9a0f2ea7b2ab0b8fd5a");

        assertThat(pod.value()).isEqualTo("kubepods-pod6d7fce95a2c9b9a0f2ea7b2ab0b8fd5a.slice");
        assertThat(pod.podUid()).contains("6d7fce95a2c9b9a0f2ea7b2ab0b8fd5a");
    }

    @Test
    void aNestedRootIsWithinItsOwnSlice() {
        UnitName pods = UnitName.ofComponents(List.of("my-node", "kubepods"));

        assertThat(pods.path()).isEqualTo(new CgroupPath("/my_node.slice/my_node-kubepods.slice"));
        assertThat(pods.parent()).contains(new UnitName("my_node.slice"));
        assertThat(new UnitName("my_node.slice").parent()).contains(UnitName.ROOT_SLICE);
        assertThat(UnitName.ROOT_SLICE.parent()).isEmpty();
        assertThat(UnitName.ROOT_SLICE.components()).isEmpty();
        assertThat(UnitName.ofComponents(List.of())).isEqualTo(UnitName.ROOT_SLICE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a_b", "a/b", ""})
    void aComponentThatCannotBeEscapedIsRefused(String component) {
        assertThatThrownBy(() -> UnitName.ofComponents(List.of("kubepods", component)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + component + "\"");
    }

    @Test
    void aContainersIdComesBackFromItsScope() {
        UnitName scope = UnitName.ofContainer("cri-containerd", "a-b");

        assertThat(scope.containerId("cri-containerd")).contains("a-b");
        assertThat(scope.containerId("crio")).isEmpty();
        assertThat(new UnitName("cri-containerd-.scope").containerId("cri-containerd"))
                .isEmpty();
        assertThat(new UnitName("cri.slice").containerId("cri")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "kubepods.slice, kubepods_2eslice",
        "kubepods-pod1_2.slice, kubepods_2dpod1_5f2_2eslice",
        "0a.scope, _30a_2escope",
        "-.slice, _2d_2eslice"
    })
    void anObjectsPathHasOnlyLettersAndDigits(String unit, String last) {
        assertThat(new UnitName(unit).objectPath()).isEqualTo("/org/freedesktop/systemd1/unit/" + last);
    }

    @Test
    void aNameThatSystemdWouldNotTakeIsRefused() {
        for (String name : List.of("a.service", "a b.slice", "a/b.slice", "a@b.slice", "é.slice", ".scope")) {
            assertThatThrownBy(() -> new UnitName(name))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(name);
        }
        assertThatThrownBy(() -> new UnitName("a".repeat(250) + ".slice")).hasMessageContaining("longer than 255");
        assertThat(new UnitName("a".repeat(249) + ".slice").path().name()).hasSize(255);
    }

    @RepeatedTest(20)
    void namesGoToPathsAndBack(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        for (int i = 0; i < 50; i++) {
            List<String> components = random.ints(1 + random.nextInt(4), 1, 9)
                    .mapToObj(length -> word(random, length))
                    .toList();
            UnitName unit = UnitName.ofComponents(components);

            assertThat(unit.components()).isEqualTo(components);
            assertThat(UnitName.ofPath(unit.path())).contains(unit);
        }
    }

    private static String word(Random random, int length) {
        StringBuilder word = new StringBuilder();
        random.ints(length, 0, 37).forEach(i -> word.append("abcdefghijklmnopqrstuvwxyz0123456789-".charAt(i)));
        return word.toString();
    }
}
