package io.podslice.cluster.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.ContainerRequest;
import io.podslice.node.Door;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodName;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Incidents of the node as events on pods, and events as JSON. */
class PodIncidentTest {
    private static final PodName DB = new PodName("uid-1", "default", "db");
    private static final Refusal REFUSAL = new Refusal(
            "TopologyAffinityError", Refusal.Kind.EXHAUSTED, "cannot be allocated", "asked for 8 CPUs, 6 are free");

    private static PodSandboxRequest sandbox(PodName pod) {
        return new PodSandboxRequest(
                pod.uid(),
                pod.namespace(),
                pod.name(),
                0,
                "/kubepods/podx",
                Map.of(),
                Map.of(),
                LinuxResources.NONE,
                LinuxResources.NONE);
    }

    private static Optional<PodIncident> refused(NodeRequest request) {
        return PodIncident.of(new NodeIncident.Refused(Door.CRI, request, REFUSAL));
    }

    @Test
    void aRefusedPodAndARefusedContainer() {
        PodIncident pod = refused(new NodeRequest.RunPodSandbox(sandbox(DB))).orElseThrow();
        assertThat(pod)
                .isEqualTo(new PodIncident(
                        DB,
                        EventKind.REFUSED,
                        "TopologyAffinityError/",
                        "TopologyAffinityError: cannot be allocated; asked for 8 CPUs, 6 are free"));
        assertThat(refused(new NodeRequest.ConfirmPodSandbox("sb", sandbox(DB))))
                .hasValue(pod);
        PodIncident container =
                refused(new NodeRequest.CreateContainer(container("app"))).orElseThrow();
        assertThat(container.note()).isEqualTo(pod.note() + "; container app");
        assertThat(container.distinction()).isNotEqualTo(pod.distinction());
        assertThat(refused(new NodeRequest.ConfirmContainer("c", container("app"))))
                .hasValue(container);
    }

    private static ContainerRequest container(String name) {
        return new ContainerRequest("sb", sandbox(DB), name, 0, Map.of(), Map.of(), LinuxResources.NONE);
    }

    @Test
    void aRefusedUpdateNamesNoPod() {
        assertThat(refused(new NodeRequest.UpdateContainer("c", Map.of(), LinuxResources.NONE)))
                .isEmpty();
        assertThat(refused(new NodeRequest.UpdatePodSandbox("s", Map.of(), LinuxResources.NONE, LinuxResources.NONE)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "done, RESIZED, PodSliceGranted, Normal",
        "deferred, DEFERRED, PodSliceDeferred, Warning",
        "infeasible, INFEASIBLE, PodSliceInfeasible, Warning",
        "failed, RESIZE_FAILED, PodSliceResizeFailed, Warning"
    })
    void theOutcomesOfResizes(String outcome, EventKind kind, String reason, String type) {
        PodIncident incident =
                PodIncident.of(new NodeIncident.Resized(DB, outcome, "has 6")).orElseThrow();
        assertThat(incident).isEqualTo(new PodIncident(DB, kind, "has 6", "has 6"));
        assertThat(kind.reason()).isEqualTo(reason);
        assertThat(kind.type()).isEqualTo(type);
        assertThat(kind.action()).isEqualTo("Resizing");
    }

    @Test
    void aRepairOfAPodsCgroupAndNoOther() {
        PodIncident repair = PodIncident.of(
                        new NodeIncident.Repaired(DB, "/kubepods/podx", "cpu.max", "max 100000\n", "400000 100000"))
                .orElseThrow();
        assertThat(repair.note())
                .isEqualTo("cpu.max was \"max 100000\", written by another program; it is \"400000 100000\" again,"
                        + " in /kubepods/podx");
        PodIncident other = PodIncident.of(new NodeIncident.Repaired(DB, "/kubepods/podx", "cpu.max", "1 2", "3 4"))
                .orElseThrow();
        assertThat(EventSeries.Key.of(other)).isEqualTo(EventSeries.Key.of(repair));
        assertThat(PodIncident.of(
                        new NodeIncident.Repaired(PodName.NONE, "/kubepods/besteffort", "cpuset.cpus", "0", "1")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../db", "DB", "db/x", "db\n", "-db", "d b"})
    void aPodThatTheApiServerCannotHaveGetsNone(String name) {
        PodName pod = new PodName("uid-1", "default", name);
        assertThat(PodIncident.of(new NodeIncident.Granted(pod, "has 4"))).isEmpty();
        PodName other = new PodName("uid-1", name, "db");
        assertThat(PodIncident.of(new NodeIncident.Granted(other, "has 4"))).isEmpty();
        assertThat(PodIncident.of(new NodeIncident.Granted(new PodName("", "default", "db"), "has 4")))
                .isEmpty();
        assertThat(PodIncident.of(new NodeIncident.Granted(DB, "has 4"))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u00e9", "\u20ac", "\ud83d\ude00", "\u202e", "\n", "x\ud83d\ude00"})
    void notesArePrintableAndFit(String unit) {
        for (String text : List.of(unit.repeat(3000), unit.repeat(341), "a" + unit.repeat(1023))) {
            String note = new PodIncident(DB, EventKind.GRANTED, "", text).note();
            assertThat(note.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(1024);
            assertThat(note).doesNotContain("\n", "\u202e");
        }
    }

    @Test
    void jsonOfAnEventAndOfASeries() {
        Moment first = new Moment(0, Instant.parse("2026-11-30T12:00:00.0000015Z"));
        Moment last = new Moment(5, Instant.parse("2026-11-30T12:00:01Z"));
        PodIncident incident = new PodIncident(DB, EventKind.REFUSED, "", "a \"b\" \u00e9");
        EventSeries one = EventSeries.begun(incident, "db.17", first);
        assertThat(EventJson.created(one, "n".repeat(200)))
                .isEqualTo(
                        "{\"apiVersion\":\"events.k8s.io/v1\",\"kind\":\"Event\",\"metadata\":{\"namespace\":\"default\","
                                + "\"name\":\"db.17\"},\"eventTime\":\"2026-11-30T12:00:00.000001Z\","
                                + "\"reportingController\":\"podslice.io/agent\",\"reportingInstance\":\""
                                + "n".repeat(128)
                                + "\",\"action\":\"Admitting\",\"reason\":\"PodSliceRefused\",\"regarding\":{\"apiVersion\":\"v1\","
                                + "\"kind\":\"Pod\",\"namespace\":\"default\",\"name\":\"db\",\"uid\":\"uid-1\"},"
                                + "\"note\":\"a \\\"b\\\" \u00e9\",\"type\":\"Warning\"}");
        EventSeries two = one.repeated(last);
        String series = "\"series\":{\"count\":2,\"lastObservedTime\":\"2026-11-30T12:00:01.000000Z\"}";
        assertThat(EventJson.updated(two)).isEqualTo("{" + series + "}");
        assertThat(EventJson.created(two, "n")).contains("000001Z\"," + series + ",\"reportingController\"");
    }

    @Test
    void theUidIsQuoted() {
        EventSeries series = EventSeries.begun(
                new PodIncident(new PodName("u\",\"x\":\"", "default", "db"), EventKind.GRANTED, "", "has 4"),
                "db.17",
                new Moment(0, Instant.EPOCH));
        try (JsonParser json =
                new JsonFactory().createParser(ObjectReadContext.empty(), EventJson.created(series, "n"))) {
            while (json.nextToken() != null) {
                if (json.currentToken() == JsonToken.PROPERTY_NAME) {
                    assertThat(json.currentName()).isNotEqualTo("x");
                }
            }
        }
    }
}
