package io.podslice.managers.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PodAnnotationsTest {
    private static final String SPEC = PodAnnotations.POD_SPEC;
    private static final String ONE_APP = "'containers':[{'name':'a'}]";

    private static PodSpec spec(String json) {
        return PodAnnotations.of(Map.of(SPEC, json.replace('\'', '"'))).spec().orElseThrow();
    }

    @Test
    void aPodWithoutThemAsksNothing() {
        PodAnnotations annotations = PodAnnotations.of(Map.of("example.com/other", "{", "podslice.io", "x"));

        assertThat(annotations.asksAnything()).isFalse();
    }

    @Test
    void readsBudgetContainersAndKinds() {
        PodSpec pod = spec("""
                {'containers':[
                   {'name':'setup','kind':'init','resources':{'requests':{'cpu':0.5,'memory':1e6}}},
                   {'name':'proxy','kind':'sidecar','resources':{'limits':{'cpu':'500m','memory':'64Mi'}}},
                   {'name':'main','resources':{'requests':{'cpu':'2','memory':'2Gi','nvidia.com/gpu':'1'},
                                                'limits':{'cpu':'2','memory':'2Gi','nvidia.com/gpu':'1'},
                                                'claims':[{'name':'gpu'}]}},
                   {'name':'debug','kind':'ephemeral'}],
                 'resources':{'requests':{'cpu':'4','memory':'4Gi'},'limits':{'cpu':'4','memory':'4Gi'}}}""");

        assertThat(pod.resources().limits()).isEqualTo(ResourceList.of("4", "4Gi"));
        assertThat(pod.containers())
                .extracting(ContainerSpec::name, ContainerSpec::kind)
                .containsExactly(
                        tuple("setup", ContainerKind.INIT),
                        tuple("proxy", ContainerKind.SIDECAR),
                        tuple("main", ContainerKind.APP),
                        tuple("debug", ContainerKind.EPHEMERAL));
        assertThat(pod.containers().get(0).resources().requests().cpuMillis()).isEqualTo(500);
        assertThat(pod.containers().get(0).resources().requests().memoryBytes()).isEqualTo(1_000_000);
    }

    @Test
    void fillsInWhatTheApiServerFillsIn() {
        PodSpec pod = spec("""
                {'resources':{'limits':{'cpu':'4','memory':'8Gi'}},
                 'containers':[{'name':'a','resources':{'requests':{'cpu':'1'},'limits':{'memory':'2Gi','hugepages-2Mi':'4Mi'}}},
                               {'name':'b'}]}""");

        assertThat(pod.containers().getFirst().resources().requests())
                .isEqualTo(ResourceList.of("1", "2Gi").with(new ResourceName("hugepages-2Mi"), Quantity.parse("4Mi")));
        // The containers' sum for requests that are given, and the pod's limit for a resource that no container
        // requests.
        assertThat(pod.resources().requests().cpuMillis()).isEqualTo(1000);
        assertThat(pod.resources().requests().memoryBytes()).isEqualTo(2L << 30);
        assertThat(pod.resources().limits().hugepageBytes()).isEqualTo(Map.of(2L << 20, 4L << 20));
        assertThat(pod.resources().requests().hugepageBytes()).isEqualTo(Map.of(2L << 20, 4L << 20));
    }

    @Test
    void leavesRequestsAloneWhereThePodHasNoLimits() {
        PodSpec pod = spec("{'resources':{'requests':{'memory':'1Gi'}},'containers':[{'name':'a','resources':"
                + "{'requests':{'cpu':'1'}}}]}");

        assertThat(pod.resources().requests().has(ResourceName.CPU)).isFalse();
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                arguments("", SPEC, "", "must be an object"),
                arguments("{", SPEC, "{", "is not valid JSON at character 2"),
                arguments("{'resources':}", SPEC, "{\"resources\":}", "is not valid JSON at character 14"),
                arguments("[]", SPEC, "[", "must be an object"),
                arguments("null", SPEC, "null", "must be an object"),
                arguments("{" + ONE_APP + "} x", SPEC, null, "is not valid JSON"),
                arguments("{" + ONE_APP + "}{}", SPEC, "{", "must end after the object"),
                arguments("{}", SPEC + ": containers", null, "the pod's containers, each with its name"),
                arguments("{'containers':[]}", SPEC + ": containers", null, "at least one container of kind \"app\""),
                arguments("{'containers':{}}", SPEC + ": containers", "{", "must be an array"),
                arguments("{'containers':['a']}", SPEC + ": containers[0]", "a", "must be an object"),
                arguments("{'containers':[{}]}", SPEC + ": containers[0].name", null, "the container's name"),
                arguments("{'containers':[{'name':''}]}", SPEC + ": containers[0].name", null, "the container's name"),
                arguments("{'containers':[{'name':7}]}", SPEC + ": containers[0].name", "7", "must be a string"),
                arguments(
                        "{'containers':[{'name':'a'},{'name':'a'}]}",
                        SPEC + ": containers[1].name",
                        "a",
                        "is the name of another container already"),
                arguments(
                        "{'containers':[{'name':'A'}]}",
                        SPEC + ": containers[0].name",
                        "A",
                        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'"),
                arguments(
                        "{'containers':[{'name':'" + "a".repeat(64) + "'}]}",
                        SPEC + ": containers[0].name",
                        "a".repeat(64),
                        "must be no more than 63 bytes"),
                arguments(
                        "{'containers':[" + "{'name':'a'},".repeat(128) + "{'name':'b'}]}",
                        SPEC + ": containers",
                        null,
                        "at most 128 containers"),
                arguments(
                        "{'containers':[{'name':'a','name':'b'}]}",
                        SPEC + ": containers[0]",
                        "name",
                        "the key is given twice"),
                arguments(
                        "{'containers':[{'name':'a','kind':'main'}]}",
                        SPEC + ": containers[0].kind",
                        "main",
                        "must be \"app\", \"init\", \"sidecar\" or \"ephemeral\""),
                arguments(
                        "{'containers':[{'name':'a','image':'x'}]}",
                        SPEC + ": containers[0]",
                        "image",
                        "unknown key; known: \"kind\", \"name\", \"resizePolicy\", \"resources\""),
                arguments("{" + ONE_APP + ",'spec':{}}", SPEC, "spec", "unknown key"),
                arguments("{" + ONE_APP + ",'resources':'4'}", SPEC + ": resources", "4", "must be an object"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limit':{}}}",
                        SPEC + ": resources",
                        "limit",
                        "unknown key; known: \"limits\", \"requests\""),
                arguments(
                        "{" + ONE_APP + ",'resources':{'claims':[]}}",
                        SPEC + ": resources.claims",
                        null,
                        "Forbidden: claims may not be set for Resources at pod-level"),
                arguments(
                        "{'containers':[{'name':'a'},{'name':'i','kind':'init','resizePolicy':"
                                + "[{'resourceName':'memory','restartPolicy':'RestartContainer'}]}]}",
                        SPEC + ": containers[1].resizePolicy",
                        "RestartContainer",
                        "must not be set for init containers without restartPolicy=Always"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'cpu':'4x'}}}",
                        SPEC + ": resources.limits[cpu]",
                        "4x",
                        "quantities must match the regular expression"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'cpu':'4ii'}}}",
                        SPEC + ": resources.limits[cpu]",
                        "4ii",
                        "unable to parse quantity's suffix"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'cpu':''}}}",
                        SPEC + ": resources.limits[cpu]",
                        "",
                        "quantities must match"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'cpu':true}}}",
                        SPEC + ": resources.limits[cpu]",
                        "true",
                        "must be a quantity"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'cpu':null}}}",
                        SPEC + ": resources.limits[cpu]",
                        "null",
                        "must be a quantity"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'':'1'}}}",
                        SPEC + ": resources.limits",
                        "",
                        "a resource's name must not be empty"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'cpu':'1','cpu':'2'}}}",
                        SPEC + ": resources.limits",
                        "cpu",
                        "the key is given twice"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'cpu':'-1'}}}",
                        SPEC + ": resources.limits[cpu]",
                        "-1",
                        "must be greater than or equal to 0"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'requests':{'cpu':'-1'}}}",
                        SPEC + ": resources.requests[cpu]",
                        "-1",
                        "must be greater than or equal to 0"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'requests':['cpu']}}",
                        SPEC + ": resources.requests",
                        "[",
                        "must be an object"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'requests':{'nvidia.com/gpu':'1'}}}",
                        SPEC + ": resources.requests[nvidia.com/gpu]",
                        "nvidia.com/gpu",
                        "is not supported at pod level: supported values: \"cpu\", \"hugepages-\", \"memory\""),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'nvidia.com/gpu':'1'}}}",
                        SPEC + ": resources.limits[nvidia.com/gpu]",
                        "nvidia.com/gpu",
                        "is not supported at pod level: supported values: \"cpu\", \"hugepages-\", \"memory\""),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'a b':'1'}}}",
                        SPEC + ": resources.limits",
                        "a b",
                        "must be a resource's name"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'cpu':'1e60000000'}}}",
                        SPEC + ": resources.limits[cpu]",
                        "1e60000000",
                        "must be at most 9223372036854775: amounts are counted in thousandths, in 64 bits"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'memory':'9223372036854775001m'}}}",
                        SPEC + ": resources.limits[memory]",
                        "9223372036854775001m",
                        "must be at most 9223372036854775"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'cpu':'" + "1".repeat(65) + "'}}}",
                        SPEC + ": resources.limits[cpu]",
                        "1".repeat(65),
                        "quantities have at most 64 characters, not 65"),
                arguments(
                        "{'containers':[{'name':'a','resources':{'limits':{'cpu':'1','hugepages-2Mi':'3Mi'}}}]}",
                        SPEC + ": containers[0].resources.limits[hugepages-2Mi]",
                        "3Mi",
                        "3Mi is not positive integer multiple of hugepages-2Mi"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'memory':'1Gi','hugepages-1Gi':'512Mi'}}}",
                        SPEC + ": resources.limits[hugepages-1Gi]",
                        "512Mi",
                        "512Mi is not positive integer multiple of hugepages-1Gi"),
                arguments(
                        "{'containers':[{'name':'a','resources':{'limits':{'hugepages-2Mi':'4Mi'}}}]}",
                        SPEC + ": containers[0].resources",
                        null,
                        "Forbidden: HugePages require cpu or memory"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'hugepages-2Mi':'4Mi'}}}",
                        SPEC + ": resources",
                        null,
                        "Forbidden: HugePages require cpu or memory"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'limits':{'hugepages-big':'1'}}}",
                        SPEC + ": resources.limits[hugepages-big]",
                        "hugepages-big",
                        "must name a page size"),
                arguments(
                        "{" + ONE_APP
                                + ",'resources':{'requests':{'hugepages-2Mi':'2Mi'},'limits':{'hugepages-2Mi':'4Mi'}}}",
                        SPEC + ": resources.requests[hugepages-2Mi]",
                        "2Mi",
                        "must be equal to hugepages-2Mi limit of 4Mi"),
                arguments(
                        "{" + ONE_APP + ",'resources':{'requests':{'cpu':'5'},'limits':{'cpu':'4'}}}",
                        SPEC + ": resources.requests[cpu]",
                        "5",
                        "must be less than or equal to cpu limit of 4"),
                arguments(
                        "{'containers':[{'name':'a','resources':{'requests':{'memory':'2Gi'},'limits':{'memory':'1Gi'}}}]}",
                        SPEC + ": containers[0].resources.requests[memory]",
                        "2Gi",
                        "must be less than or equal to memory limit of 1Gi"),
                arguments(
                        "{'resources':{'requests':{'cpu':'1'},'limits':{'cpu':'4'}},'containers':["
                                + "{'name':'a','resources':{'requests':{'cpu':'1'}}},"
                                + "{'name':'b','resources':{'requests':{'cpu':'500m'}}}]}",
                        SPEC + ": resources.requests[cpu]",
                        "1",
                        "must be greater than or equal to aggregate container requests of 1500m"),
                arguments(
                        "{'resources':{'requests':{'cpu':'1'},'limits':{'cpu':'4'}},'containers':["
                                + "{'name':'a','resources':{'limits':{'cpu':'6'},'requests':{'cpu':'1'}}}]}",
                        SPEC + ": containers[0].resources.limits[cpu]",
                        "6",
                        "must be less than or equal to pod limits of 4"),
                arguments(
                        "{'containers':[{'name':'a'},{'name':'d','kind':'ephemeral','resources':{'limits':{'cpu':'1'}}}]}",
                        SPEC + ": containers[1].resources",
                        "{cpu=1}",
                        "cannot be set for an ephemeral container"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void refusesNamingFieldAndValue(String json, String field, String value, String detail) {
        InvalidPodSpecException refused = catchThrowableOfType(InvalidPodSpecException.class, () -> spec(json));

        assertThat(refused).as("what %s comes to", json).isNotNull();
        assertThat(refused.field()).isEqualTo(field);
        if (value != null) {
            assertThat(refused.value()).isEqualTo(value);
            assertThat(refused).hasMessageContaining("Invalid value: \"" + value + "\"");
        }
        assertThat(refused).hasMessageStartingWith(field).hasMessageContaining(detail);
    }

    @Test
    void aLongValueIsCutInTheMessage() {
        assertThatThrownBy(() -> spec("[" + "1,".repeat(5000)))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
    }

    static Stream<Arguments> knobs() {
        return Stream.of(
                arguments("a", "yes", "must be \"true\" or \"false\""),
                arguments("a", "", "must be \"true\" or \"false\""),
                arguments("a", "TRUE", "must be \"true\" or \"false\""),
                arguments("", "true", "must end with a container's name"),
                arguments("A", "true", "must end with a container's name: a lowercase RFC 1123 label must consist of"),
                arguments("c", "true", "podslice.io/pod-spec has no container \"c\""),
                arguments("c", "false", "podslice.io/pod-spec has no container \"c\""),
                arguments(
                        "half", "true", "container \"half\" requests 1500m CPU; exclusive CPUs come whole, ask for 2"),
                arguments("a", "true", "container \"a\" requests 0 CPU; exclusive CPUs come whole, ask for 1"));
    }

    @ParameterizedTest
    @MethodSource("knobs")
    void refusesAKnobThatCannotBe(String container, String value, String detail) {
        String key = PodAnnotations.EXCLUSIVE_PREFIX + container;
        Map<String, String> annotations = new HashMap<>();
        annotations.put(
                SPEC,
                "{\"containers\":[{\"name\":\"a\"},{\"name\":\"half\",\"resources\":{\"requests\":{\"cpu\":\"1.5\"}}}]}");
        annotations.put(key, value);

        assertThatThrownBy(() -> PodAnnotations.of(annotations))
                .isInstanceOf(InvalidPodSpecException.class)
                .hasMessageStartingWith(key + ": Invalid value: \"" + value + "\"")
                .hasMessageContaining(detail);
    }

    @Test
    void knobsAreKnownWithoutASpecToo() {
        PodAnnotations annotations = PodAnnotations.of(
                Map.of(PodAnnotations.EXCLUSIVE_PREFIX + "a", "true", PodAnnotations.EXCLUSIVE_PREFIX + "b", "false"));

        assertThat(annotations.asksAnything()).isTrue();
        assertThat(annotations.exclusive()).isEqualTo(Map.of("a", true, "b", false));
        assertThat(annotations.spec()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "exlusive.db, podslice.io/exclusive.db",
        "exclusive_db, podslice.io/exclusive.<container>",
        "Exclusive.db, podslice.io/exclusive.db",
        "device.db, podslice.io/devices.db",
        "podspec, podslice.io/pod-spec",
        "isolatd.a, podslice.io/isolated.a",
        "pod-specs, podslice.io/pod-spec",
    })
    void refusesAnAnnotationThatItDoesNotHaveWithAGuess(String name, String meant) {
        assertThatThrownBy(() -> PodAnnotations.of(Map.of("podslice.io/" + name, "true")))
                .isInstanceOf(InvalidPodSpecException.class)
                .hasMessage("podslice.io/" + name + ": Invalid value: \"true\": no such annotation; did you mean "
                        + meant + "?");
    }

    @Test
    void namesItsAnnotationsWhereNoneIsNear() {
        assertThatThrownBy(() -> PodAnnotations.of(Map.of("podslice.io/x", "1")))
                .hasMessageEndingWith(
                        "no such annotation; known: podslice.io/pod-spec, podslice.io/exclusive.<container>,"
                                + " podslice.io/devices.<container>, podslice.io/isolated.<container>");
        assertThatThrownBy(() -> PodAnnotations.of(Map.of("podslice.io/" + "x".repeat(30_000), "1")))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600));
    }

    @Test
    void aSpecThatThePodBringsItselfDoesNotExcuseAMisspeltName() {
        PodSpec pod = spec("{" + ONE_APP + "}");

        assertThatThrownBy(() -> PodAnnotations.of(Map.of("podslice.io/exlusive.a", "true"), pod))
                .hasMessageContaining("did you mean podslice.io/exclusive.a?");
    }

    @Test
    void readsAtMost32KibibytesOfAPod() {
        String padding =
                " ".repeat(PodAnnotations.MOST_BYTES - SPEC.length() - "{'containers':[{'name':'a'}]}".length());

        assertThat(spec("{" + ONE_APP + padding + "}").containers()).hasSize(1);
        assertThatThrownBy(() -> spec("{" + ONE_APP + padding + " }"))
                .isInstanceOf(InvalidPodSpecException.class)
                .hasMessage(
                        "podslice.io/*: Invalid value: \"podslice.io/pod-spec\": podslice reads at most 32768 bytes of"
                                + " annotations of a pod");
        assertThatThrownBy(() -> PodAnnotations.of(
                        Map.of(PodAnnotations.EXCLUSIVE_PREFIX + "a", "\u20ac".repeat(PodAnnotations.MOST_BYTES / 3))))
                .hasMessageContaining("at most 32768 bytes");
        assertThat(PodAnnotations.of(Map.of("example.com/large", "x".repeat(1 << 20)))
                        .asksAnything())
                .isFalse();
    }

    @Test
    void theLargestSpecOf128ContainersIsRead() {
        StringBuilder containers = new StringBuilder();
        for (int i = 0; i < 128; i++) {
            containers
                    .append(i == 0 ? "" : ",")
                    .append("{'name':'c")
                    .append(i)
                    .append("','resources':{'limits':{'cpu':'1'}}}");
        }

        assertThat(spec("{'containers':[" + containers + "]}").containers()).hasSize(128);
    }

    @Test
    void messagesHoldNothingThatATerminalObeys() {
        assertThatThrownBy(() -> spec("{'containers':[{'name':'\\u001b[2J\\n'}]}"))
                .hasMessageContaining("\"\\x1b[2J\\n\"")
                .satisfies(
                        e -> assertThat(String.valueOf(e.getMessage()).chars()).allMatch(c -> c >= ' '));
        assertThatThrownBy(() -> PodAnnotations.of(Map.of("podslice.io/\u001b]0;x\u0007", "\u202e\n")))
                .satisfies(
                        e -> assertThat(String.valueOf(e.getMessage()).chars()).allMatch(c -> c >= ' ' && c <= '~'));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/dev/../etc/shadow",
                "/dev/./null",
                "/dev//null",
                "/dev/",
                "/dev",
                "dev/null",
                "/etc/shadow",
                "/dev/a/..",
                "/dev/a b",
                "/dev/a\u0000",
                "0000:3B:00.0",
                "3b:00.0",
                "",
                " , "
            })
    void aDeviceIsBelowDevOrAPciAddress(String device) {
        assertThatThrownBy(() -> PodAnnotations.of(Map.of(
                        SPEC, "{\"containers\":[{\"name\":\"a\"}]}", PodAnnotations.DEVICES_PREFIX + "a", device)))
                .isInstanceOf(InvalidPodSpecException.class)
                .hasMessageContaining("must be device files below /dev, such as /dev/dri/card1, or PCI addresses");
    }

    @Test
    void readsDevices() {
        PodAnnotations annotations = PodAnnotations.of(Map.of(
                SPEC,
                "{\"containers\":[{\"name\":\"a\"}]}",
                PodAnnotations.DEVICES_PREFIX + "a",
                "/dev/dri/card1, 0000:3b:00.0,/dev/infiniband/uverbs0"));

        assertThat(annotations.devices())
                .isEqualTo(Map.of("a", List.of("/dev/dri/card1", "0000:3b:00.0", "/dev/infiniband/uverbs0")));
    }
}
