package io.podslice.agent.page;

import io.podslice.agent.http.HttpAnswer;
import io.podslice.agent.http.HttpRequest;
import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.manifest.Pod;
import io.podslice.agent.map.PageMap;
import io.podslice.agent.map.ViewMap;
import io.podslice.agent.plan.NodePlan;
import io.podslice.agent.plan.PlanTable;
import io.podslice.agent.plan.PodPlan;
import io.podslice.agent.text.Xml;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.node.NodeView;
import io.podslice.node.brain.Rehearsal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what pods would get on the node as it is: plans them on a copy of it, one request at a time. */
final class WhatIf {
    private static final Logger LOG = LoggerFactory.getLogger(WhatIf.class);

    /** The name of the form's field. */
    static final String FIELD = "manifest";

    /** The most bytes of the manifests. */
    static final int MOST_BYTES = 256 << 10;

    /** The most bytes of a form with that: a byte may be written as three. */
    static final int MOST_FORM_BYTES = 3 * MOST_BYTES + FIELD.length() + 1;

    static final int MOST_PODS = 32;

    private static final String HTML = "text/html; charset=utf-8";
    private static final int OK = 200;
    private static final int BAD = 400;
    private static final int TOO_LONG = 413;
    private static final int BUSY = 503;
    private static final long LONGEST_WAIT_SECONDS = 5;

    private final Supplier<Rehearsal> node;
    private final Semaphore one = new Semaphore(1);

    /** @param node makes a copy of the node, anew for each request */
    WhatIf(Supplier<Rehearsal> node) {
        this.node = node;
    }

    HttpAnswer answer(HttpRequest request) {
        String manifest;
        try {
            manifest = manifest(request.body());
        } catch (IllegalArgumentException e) {
            return problem(BAD, "the form cannot be read: " + e.getMessage(), "");
        }
        if (manifest.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            return problem(TOO_LONG, "manifests: may have at most " + MOST_BYTES + " bytes", "");
        }
        try {
            if (!one.tryAcquire(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
                return problem(BUSY, "another plan is being made; ask again", manifest);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return problem(BUSY, "podslice ends", manifest);
        }
        try {
            return new HttpAnswer(OK, HTML, PageText.FIELDS, PageText.answer(planned(manifest), manifest));
        } catch (DocumentException e) {
            return problem(BAD, String.valueOf(e.getMessage()), manifest);
        } catch (RuntimeException e) {
            LOG.warn("what if: {}", e.toString(), e);
            return problem(BUSY, "the plan has failed: " + e.getMessage(), manifest);
        } finally {
            one.release();
        }
    }

    private static String manifest(String form) {
        for (String pair : form.split("&", -1)) {
            if (pair.startsWith(FIELD + "=")) {
                return URLDecoder.decode(pair.substring(FIELD.length() + 1), StandardCharsets.UTF_8);
            }
        }
        throw new IllegalArgumentException("it has no field \"" + FIELD + "\" with a pod's manifest");
    }

    private static HttpAnswer problem(int status, String problem, String manifest) {
        Xml xml = new Xml();
        problem.lines().forEach(line -> xml.element("p", line, "class", "problem"));
        return new HttpAnswer(status, HTML, PageText.FIELDS, PageText.answer(xml.toString(), manifest));
    }

    private String planned(String manifest) throws DocumentException {
        List<Pod> pods = Manifests.read(FIELD, manifest, 0).pods();
        if (pods.size() > MOST_PODS) {
            throw new DocumentException(FIELD + ": holds " + pods.size() + " pods; may hold at most " + MOST_PODS);
        }
        Rehearsal copy = node.get();
        NodeView before = copy.brain().snapshot();
        refuseKnown(pods, before);
        NodePlan.OnNode planned = NodePlan.on(copy, pods);
        PageMap map =
                new PageMap(ViewMap.of(planned.after(), copy.machine()).lettered(ViewMap.of(before, copy.machine())));
        Xml xml = new Xml();
        xml.open("section", "id", "planned").element("h2", "What these pods would get");
        for (PodPlan pod : planned.plan().pods()) {
            verdict(xml, pod, map);
        }
        new Grid(xml)
                .start("Node", "", "before", "after")
                .row(
                        "node shared pool",
                        before.nodeSharedPool().toString(),
                        planned.after().nodeSharedPool().toString())
                .row(
                        "exclusive to containers",
                        before.exclusiveCpus().toString(),
                        planned.after().exclusiveCpus().toString())
                .end();
        xml.open("details").element("summary", "the plan in full").open("pre");
        PlanTable.text(planned.plan(), true)
                .lines()
                .forEach(line -> xml.text(line).raw("\n"));
        xml.close("pre").close("details").close("section");
        xml.raw(MapSection.html(map, "after", "The node with these pods"));
        return xml.toString();
    }

    private static void refuseKnown(List<Pod> pods, NodeView node) throws DocumentException {
        Set<String> known = new HashSet<>();
        for (NodeView.PodView pod : node.pods()) {
            known.add(pod.uid());
            known.add(pod.fullName());
        }
        for (Pod pod : pods) {
            boolean hasName = !known.add(pod.fullName());
            boolean hasUid = !known.add(pod.uid());
            if (hasName || hasUid) {
                throw new DocumentException(FIELD + ":" + pod.mark().line() + ": pod \"" + pod.fullName()
                        + "\": is on this node, or in the manifests, already; give it another name, and no uid");
            }
        }
    }

    private static void verdict(Xml xml, PodPlan pod, PageMap map) {
        String name = pod.pod().fullName();
        if (pod.refusal().isPresent()) {
            xml.element("p", name + ": refused: " + pod.refusal().get().text(), "class", "refused");
            return;
        }
        String cpus = pod.cpus().isEmpty()
                ? "runs in the node shared pool"
                : pod.cpus().size() + " CPUs of its own, " + pod.cpus() + ", NUMA node " + pod.numaNodes();
        String shared = pod.sharedPool().isEmpty() || pod.cpus().isEmpty()
                ? ""
                : "; " + pod.sharedPool() + " of them shared by its containers";
        xml.open("p", "class", "admitted")
                .raw(map.swatches(name).orElse(""))
                .text(" " + name + ": admitted, " + pod.qos().text() + ": " + cpus + shared)
                .close("p");
    }
}
