package io.podslice.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.podslice.deploy.policies.Documents;
import io.podslice.integration.apiserver.RealApiServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Every object of the chart, with every file of values, is one that a real API server would make, to the last field. */
@Tag("cluster")
class ChartInApiServerTest {
    @TempDir
    private Path folder;

    @Test
    void everyObjectIsValidAndHasNoUnknownField() throws Exception {
        String assets = System.getenv("KUBEBUILDER_ASSETS");
        assumeTrue(
                assets != null && !assets.isEmpty(),
                "KUBEBUILDER_ASSETS is not set, which names a folder with etcd and kube-apiserver");
        try (RealApiServer server =
                RealApiServer.start(Path.of(String.valueOf(assets)), folder, "--allow-privileged")) {
            String namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: " + Chart.NAMESPACE + "}}";
            assertThat(server.send("POST", "/api/v1/namespaces", namespace).statusCode())
                    .isEqualTo(201);
            int objects = 0;
            for (Path values : Chart.values()) {
                for (Map<String, Object> object : Documents.read(Chart.render(values))) {
                    HttpResponse<String> answer = server.send(
                            "POST",
                            path(object) + "?dryRun=All&fieldValidation=Strict",
                            JsonMapper.shared().writeValueAsString(object));
                    assertThat(answer.statusCode())
                            .as(values + "\n" + answer.body())
                            .isEqualTo(201);
                    objects++;
                }
            }
            assertThat(objects).isGreaterThan(10);
        }
    }

    private static String path(Map<String, Object> object) {
        String version = String.valueOf(object.get("apiVersion"));
        Object namespace = Documents.object(object, "metadata").get("namespace");
        return (version.contains("/") ? "/apis/" : "/api/") + version
                + (namespace == null ? "" : "/namespaces/" + namespace) + "/"
                + String.valueOf(object.get("kind")).toLowerCase(Locale.ROOT) + "s";
    }
}
