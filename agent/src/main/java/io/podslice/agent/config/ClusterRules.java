package io.podslice.agent.config;

import io.podslice.agent.config.ClusterConfiguration.RefusedPods;
import io.podslice.agent.config.ClusterConfiguration.SourceChoice;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Keys of the sources of pods' specs and devices, and of what becomes of refused pods. */
final class ClusterRules {
    static final Rule<SourceChoice> SOURCE = Rule.restart(
            "podSpecs.source",
            Kinds.choice(SourceChoice.class, SourceChoice::text),
            "auto",
            "`auto`: every source that is there, in the order of the next keys; `annotation`: none of them; else this one"
                    + " alone ([pod-specs.md](pod-specs.md)).",
            c -> c.cluster().podSpecs().source());

    static final Rule<Duration> TIMEOUT = Rule.restart(
            "podSpecs.timeout",
            Kinds.duration(Duration.ofMillis(10), Duration.ofSeconds(10), "10ms to 10s"),
            "1s",
            "The longest time that an admission waits for all sources and for `podResources` together; below"
                    + " `shim.decisionBudget`, and at most half of that by default.",
            c -> c.cluster().podSpecs().timeout());

    static final Rule<Path> PODS_API = Rule.restart(
            "podSpecs.podsAPI",
            Kinds.socket(),
            "unix:///var/lib/kubelet/pods-api/pods-api.sock",
            "The kubelet's Pods API; may come later.",
            c -> c.cluster().podSpecs().podsApi());

    static final Rule<Optional<Path>> KUBECONFIG = Rule.restart(
            "podSpecs.apiServer.kubeconfig",
            Kinds.optional(Kinds.path()),
            "\"\"",
            "A kubeconfig for the API server, such as the kubelet's `/etc/kubernetes/kubelet.conf`; this or the next key.",
            c -> c.cluster().podSpecs().apiServer().kubeconfig());

    static final Rule<Optional<Path>> SERVICE_ACCOUNT = Rule.restart(
            "podSpecs.apiServer.serviceAccount",
            Kinds.optional(Kinds.path()),
            "\"\"",
            "A folder with a service account's `token` and `ca.crt`.",
            c -> c.cluster().podSpecs().apiServer().serviceAccount());

    static final Rule<Optional<URI>> SERVER = Rule.restart(
            "podSpecs.apiServer.server",
            Kinds.optional(Kinds.https()),
            "\"\"",
            "The API server's address; a service account needs it, a kubeconfig has its own.",
            c -> c.cluster().podSpecs().apiServer().server());

    static final Rule<Optional<String>> NODE_NAME = Rule.restart(
            "podSpecs.apiServer.nodeName",
            Kinds.optional(Kinds.nodeName()),
            "\"\"",
            "This node's name in the cluster; empty: the one in the kubeconfig's client certificate, else the host name.",
            c -> c.cluster().podSpecs().apiServer().nodeName());

    static final Rule<Boolean> EVENTS = Rule.restart(
            "podSpecs.apiServer.events",
            Kinds.truth(),
            "false",
            "`true`: pods get events of what podslice grants, defers, refuses and repairs ([events.md](events.md)); needs"
                    + " `kubeconfig` or `serviceAccount`.",
            c -> c.cluster().podSpecs().apiServer().events());

    static final Rule<Optional<Path>> STATIC_PODS = Rule.restart(
            "podSpecs.staticPods",
            Kinds.optional(Kinds.path()),
            "/etc/kubernetes/manifests",
            "The kubelet's folder of static pods; empty: it is not read.",
            c -> c.cluster().podSpecs().staticPods());

    static final Rule<Optional<Path>> POD_RESOURCES = Rule.restart(
            "podResources",
            Kinds.optional(Kinds.socket()),
            "unix:///var/lib/kubelet/pod-resources/kubelet.sock",
            "The kubelet's PodResources, for devices; empty: devices are not looked up.",
            c -> c.cluster().podResources());

    static final Rule<RefusedPods> REFUSED = Rule.restart(
            "admission.refused",
            Kinds.choice(RefusedPods.class, RefusedPods::text),
            "retry",
            "`retry`: the kubelet tries a refused pod again on this node; `fail`: it fails, through the API server, and its"
                    + " controller makes another.",
            c -> c.cluster().refused());

    private ClusterRules() {}

    /** Returns these rules, in the table's order. */
    static List<Rule<?>> all() {
        return List.of(
                SOURCE,
                TIMEOUT,
                PODS_API,
                KUBECONFIG,
                SERVICE_ACCOUNT,
                SERVER,
                NODE_NAME,
                EVENTS,
                STATIC_PODS,
                POD_RESOURCES,
                REFUSED);
    }
}
