package io.podslice.agent.config;

import io.podslice.agent.config.ClusterConfiguration.ApiServer;
import io.podslice.agent.config.ClusterConfiguration.PodSpecs;
import io.podslice.agent.config.ClusterConfiguration.RefusedPods;
import io.podslice.agent.config.ClusterConfiguration.SourceChoice;
import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Mark;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code podSpecs}, {@code podResources} and {@code admission}. */
final class ClusterReader {
    private static final String SOURCE = "source";
    private static final String TIMEOUT = "timeout";
    private static final String PODS_API = "podsAPI";
    private static final String API_SERVER = "apiServer";
    private static final String STATIC_PODS = "staticPods";
    private static final String SERVICE_ACCOUNT = "serviceAccount";
    private static final String SERVER = "server";
    private static final String EVENTS = "events";
    private static final String REFUSED = "refused";

    private ClusterReader() {}

    /**
     * Reads the three keys.
     *
     * @param top the top of the file
     * @param budget the time for the decision on one call, within which the sources are asked
     */
    static ClusterConfiguration read(Fields top, Duration budget) {
        Fields admission = top.section("admission");
        Mark refusedMark = admission.mark(REFUSED);
        RefusedPods refused = ClusterRules.REFUSED.read(admission, ClusterConfiguration.DEFAULT.refused());
        admission.end();

        PodSpecs specs = podSpecs(top.section("podSpecs"), budget, refused);
        if (refused == RefusedPods.FAIL && !specs.apiServer().isReachable()) {
            admission.error(
                    refusedMark,
                    REFUSED,
                    "\"fail\": needs access to the API server: podSpecs.apiServer.kubeconfig or"
                            + " podSpecs.apiServer.serviceAccount");
        }
        Optional<Path> podResources = ClusterRules.POD_RESOURCES.read(top, ClusterConfiguration.DEFAULT.podResources());
        return new ClusterConfiguration(specs, podResources, refused);
    }

    private static PodSpecs podSpecs(Fields fields, Duration budget, RefusedPods refused) {
        PodSpecs fallback = PodSpecs.DEFAULT;
        Map<String, Mark> given = new HashMap<>();
        for (String key : fields.keys()) {
            given.put(key, fields.mark(key));
        }
        Mark sourceMark = fields.mark(SOURCE);
        SourceChoice source = ClusterRules.SOURCE.read(fields, fallback.source());
        Duration timeout = timeout(fields, budget, fallback.timeout());
        Path podsApi = ClusterRules.PODS_API.read(fields, fallback.podsApi());
        ApiServer apiServer = apiServer(fields.section(API_SERVER));
        Optional<Path> staticPods = ClusterRules.STATIC_PODS.read(fields, fallback.staticPods());
        PodSpecs specs = new PodSpecs(source, timeout, podsApi, apiServer, staticPods);
        if (source == SourceChoice.API_SERVER && !apiServer.isReachable()) {
            fields.error(
                    sourceMark,
                    SOURCE,
                    "\"apiServer\": needs podSpecs.apiServer.kubeconfig or podSpecs.apiServer.serviceAccount");
        }
        if (source == SourceChoice.STATIC_PODS && staticPods.isEmpty()) {
            fields.error(sourceMark, SOURCE, "\"staticPods\": needs a folder: podSpecs.staticPods is empty");
        }
        noteUnused(fields, given, specs, refused);
        fields.end();
        return specs;
    }

    /** Notes keys that are given and that the chosen source leaves without effect. */
    private static void noteUnused(Fields fields, Map<String, Mark> given, PodSpecs specs, RefusedPods refused) {
        Map<String, Boolean> used = Map.of(
                TIMEOUT,
                specs.source() != SourceChoice.ANNOTATION,
                PODS_API,
                specs.asksPodsApi(),
                API_SERVER,
                specs.asksApiServer()
                        || refused == RefusedPods.FAIL
                        || specs.apiServer().events()
                        || specs.source() == SourceChoice.AUTO
                        // Static pods' names end in the node's.
                        || (specs.readsStaticPods()
                                && specs.apiServer().nodeName().isPresent()),
                STATIC_PODS,
                specs.readsStaticPods() || specs.staticPods().isEmpty());
        for (String key : List.of(TIMEOUT, PODS_API, API_SERVER, STATIC_PODS)) {
            Mark mark = given.get(key);
            if (mark != null && Boolean.FALSE.equals(used.get(key))) {
                fields.note(
                        mark,
                        key,
                        "has no effect with podSpecs.source: " + specs.source().text());
            }
        }
    }

    /** Reads the time for all sources: by default a second, and at most half of the decision's time. */
    private static Duration timeout(Fields fields, Duration budget, Duration fallback) {
        Duration half = budget.dividedBy(2);
        Duration byDefault = half.compareTo(fallback) < 0 ? half : fallback;
        return fields.value(TIMEOUT, byDefault, text -> {
            Duration timeout = ClusterRules.TIMEOUT.kind().reading().apply(text);
            if (timeout.compareTo(budget) >= 0) {
                throw new IllegalArgumentException(
                        "must be below shim.decisionBudget, within which the sources are asked");
            }
            return timeout;
        });
    }

    private static ApiServer apiServer(Fields fields) {
        Mark accountMark = fields.mark(SERVICE_ACCOUNT);
        Mark serverMark = fields.mark(SERVER);
        Mark eventsMark = fields.mark(EVENTS);
        Optional<Path> none = Optional.empty();
        ApiServer apiServer = new ApiServer(
                ClusterRules.KUBECONFIG.read(fields, none),
                ClusterRules.SERVICE_ACCOUNT.read(fields, none),
                ClusterRules.SERVER.read(fields, Optional.<URI>empty()),
                ClusterRules.NODE_NAME.read(fields, Optional.<String>empty()),
                ClusterRules.EVENTS.read(fields, false));
        if (apiServer.kubeconfig().isPresent() && apiServer.serviceAccount().isPresent()) {
            fields.error(accountMark, SERVICE_ACCOUNT, "cannot be used beside kubeconfig: credentials come from one");
        }
        if (apiServer.serviceAccount().isPresent() && apiServer.server().isEmpty()) {
            fields.error(accountMark, SERVICE_ACCOUNT, "needs the API server's address: podSpecs.apiServer.server");
        }
        if (apiServer.server().isPresent() && !apiServer.isReachable()) {
            fields.note(serverMark, SERVER, "has no effect without kubeconfig or serviceAccount");
        }
        if (apiServer.events() && !apiServer.isReachable()) {
            fields.error(
                    eventsMark,
                    EVENTS,
                    "true: needs access to the API server: podSpecs.apiServer.kubeconfig or"
                            + " podSpecs.apiServer.serviceAccount");
        }
        fields.end();
        return apiServer;
    }
}
