package io.podslice.agent.page;

import io.podslice.agent.api.FakeNode;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Door;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodName;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeCondition;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;

/** Nodes to render. */
final class SampleSights {
    static final Instant NOON = Instant.parse("2026-07-01T12:00:00Z");
    static final String EVIL = "<script>alert(1)</script>\"'&\r\n\u202e</g></tbody></section>";

    private SampleSights() {}

    static Chronicle chronicle() {
        return new Chronicle(Clock.fixed(NOON, ZoneOffset.UTC));
    }

    static Sight of(FakeNode node, Chronicle chronicle) {
        return Sight.of(node, chronicle, "cgroupfs", "the file podslice.yaml");
    }

    /** Returns a node with a pod, a waiting resize, sources and incidents, in which one text is the given one everywhere. */
    static Sight full(String text) {
        FakeNode node = new FakeNode();
        node.hasSourcesSince(NOON);
        node.put(FakeNode.pod(
                text, "400000 100000", new ResizeCondition(ResizeCondition.Type.PENDING, "Deferred", text, NOON)));
        Chronicle chronicle = chronicle();
        chronicle.note(new NodeIncident.Refused(
                Door.CRI,
                new NodeRequest.UpdateContainer("id-app", Map.of(), LinuxResources.NONE),
                new Refusal("Deferred", Refusal.Kind.EXHAUSTED, text)));
        chronicle.note(new NodeIncident.Resized(new PodName("uid", "default", text), "deferred", text));
        chronicle.note(
                new NodeIncident.Repaired(PodName.NONE, "/kubepods/pod" + text, "cpu.max", text, "400000 100000"));
        return Sight.of(node, chronicle, text, text);
    }
}
