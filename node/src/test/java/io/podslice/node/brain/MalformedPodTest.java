package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.Verdict;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A malformed pod is refused with the field and its value, and changes nothing. */
final class MalformedPodTest {
    private static final String GOOD = "{'resources':{'limits':{'cpu':'2','memory':'1Gi'}},"
            + "'containers':[{'name':'a'},{'name':'b','resources':{'requests':{'cpu':'1'}}}]}";

    private final BrainFixture node = new BrainFixture();

    static Stream<Arguments> cgroupParents() {
        return Stream.of(
                arguments("", "linux.cgroup_parent \"\" is empty"),
                arguments("kubepods/podx", "linux.cgroup_parent \"kubepods/podx\" is not an absolute path"),
                arguments("/", "linux.cgroup_parent \"/\" is the root cgroup"),
                arguments("/kubepods/../podx", "linux.cgroup_parent \"/kubepods/../podx\" is not a plain path"),
                arguments("/kubepods/./podx", "component \".\" is not allowed"),
                arguments("/kubepods//podx", "component \"\" is not allowed"),
                arguments("/kubepods/podx/", "component \"\" is not allowed"),
                arguments("/kubepods/pod\nx", "control character"),
                arguments("/kubepods/" + "x".repeat(300), "longer than 255"),
                arguments(
                        "/kubepods.slice/kubepods-podx.slice",
                        "linux.cgroup_parent \"/kubepods.slice/kubepods-podx.slice\" is a systemd slice"),
                arguments("kubepods-podx.slice", "is a systemd slice"),
                arguments("/kubepods", "linux.cgroup_parent \"/kubepods\" holds all pods"),
                arguments("/kubepods/burstable", "linux.cgroup_parent \"/kubepods/burstable\" holds all pods"),
                arguments("/kubepods/besteffort", "holds all pods"));
    }

    @ParameterizedTest
    @MethodSource("cgroupParents")
    void ofCgroupParent(String cgroupParent, String message) {
        Refusal refusal = refused(node.pod("x", cgroupParent, spec(GOOD)));

        assertThat(refusal.reason()).isEqualTo("InvalidCgroupParent");
        assertThat(refusal.kind()).isEqualTo(Refusal.Kind.INVALID);
        assertThat(refusal.message()).contains("linux.cgroup_parent").contains(message);
    }

    static Stream<Arguments> annotations() {
        return Stream.of(
                arguments("podslice.io/pod-spec", "{'resources':", "podslice.io/pod-spec: Invalid value: "),
                arguments(
                        "podslice.io/pod-spec",
                        GOOD.replace("1Gi", "1Gib"),
                        "podslice.io/pod-spec: resources.limits[memory]: Invalid value: \"1Gib\": "),
                arguments(
                        "podslice.io/pod-spec",
                        GOOD.replace("'1'", "'3'"),
                        "podslice.io/pod-spec: resources.requests[cpu]: Invalid value: \"3\": must be less than"),
                arguments(
                        "podslice.io/exclusive.a",
                        "perhaps",
                        "podslice.io/exclusive.a: Invalid value: \"perhaps\": must be \"true\" or \"false\""),
                arguments(
                        "podslice.io/exclusive.c",
                        "true",
                        "podslice.io/exclusive.c: Invalid value: \"true\": podslice.io/pod-spec has no container"));
    }

    @ParameterizedTest
    @MethodSource("annotations")
    void ofAnnotations(String key, String value, String message) {
        Map<String, String> annotations = new HashMap<>(spec(GOOD));
        annotations.put(key, value.replace('\'', '"'));

        Refusal refusal = refused(node.pod("x", "/kubepods/podx", annotations));

        assertThat(refusal.reason()).isEqualTo("InvalidPodSpec");
        assertThat(refusal.kind()).isEqualTo(Refusal.Kind.INVALID);
        assertThat(refusal.message()).startsWith(message);
    }

    @Test
    void ofUid() {
        PodSandboxRequest pod = node.pod("x", "/kubepods/podx", spec(GOOD));
        PodSandboxRequest nameless = new PodSandboxRequest(
                "",
                "default",
                "x",
                0,
                pod.cgroupParent(),
                Map.of(),
                pod.annotations(),
                pod.resources(),
                pod.overhead());

        assertThat(refused(nameless).message()).startsWith("metadata.uid: Required value");
    }

    @Test
    void aSymbolicLinkOnTheWayIsTheRequestsFault() {
        BrainFixture linked = new BrainFixture() {
            @Override
            FakeCgroupFiles newFiles() {
                return new FakeCgroupFiles(machine.cpuSet()) {
                    @Override
                    public boolean exists(CgroupPath dir) {
                        if (dir.value().startsWith("/kubepods/link")) {
                            throw new CgroupException(
                                    Errno.ELOOP, dir.value(), null, "\"link\" is a symbolic link: not followed");
                        }
                        return super.exists(dir);
                    }
                };
            }
        };

        Verdict verdict =
                linked.decide(new NodeRequest.RunPodSandbox(linked.pod("x", "/kubepods/link/podx", spec(GOOD))));

        assertThat(verdict).isInstanceOfSatisfying(Verdict.Refuse.class, refuse -> {
            assertThat(refuse.refusal().reason()).isEqualTo("InvalidCgroupParent");
            assertThat(refuse.refusal().message())
                    .startsWith("linux.cgroup_parent \"/kubepods/link/podx\": ELOOP")
                    .contains("\"link\" is a symbolic link");
        });
    }

    @Test
    void anExclusiveKnobOnANodeThatGivesNobodyCpus() {
        BrainFixture none = new BrainFixture(BrainFixture.MACHINE, BrainFixture.withoutCpuManager());
        Map<String, String> annotations = new HashMap<>(spec(GOOD));
        annotations.put("podslice.io/exclusive.b", "true");

        assertThat(none.run(none.pod("x", "/kubepods/podx", annotations), "sb1"))
                .extracting(Refusal::message)
                .asString()
                .contains("cpuManagerPolicy \"none\"");
    }

    private Refusal refused(PodSandboxRequest pod) {
        Map<String, String> before = node.files.everything();
        Verdict verdict = node.decide(new NodeRequest.RunPodSandbox(pod));
        assertThat(verdict).isInstanceOf(Verdict.Refuse.class);
        assertThat(node.files.everything()).isEqualTo(before);
        assertThat(node.brain.snapshot().pods()).isEmpty();
        return ((Verdict.Refuse) verdict).refusal();
    }
}
