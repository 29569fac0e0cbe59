package io.podslice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.cluster.ClusterOptions;
import io.podslice.node.NodeMeter;
import io.podslice.node.RefusalListener;
import io.podslice.node.SourceHealth;
import io.podslice.node.SpecSource;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is opened for a configuration, and nothing else. */
class ClusterLinkTest {
    private static Configuration configuration(String lines) {
        ConfigurationFile file = ConfigurationFile.parse(
                "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\n" + lines + "\n");
        assertThat(file.errors()).isEmpty();
        return file.configuration();
    }

    private static ClusterOptions options(String lines) {
        return ClusterLink.options(configuration(lines).cluster());
    }

    @Test
    void byDefaultTheKubeletsSocketsAndTheManifests() {
        assertThat(options(""))
                .isEqualTo(new ClusterOptions(
                        Optional.of(Path.of("/var/lib/kubelet/pods-api/pods-api.sock")),
                        Optional.empty(),
                        false,
                        Optional.of(Path.of("/etc/kubernetes/manifests")),
                        Optional.of(Path.of("/var/lib/kubelet/pod-resources/kubelet.sock")),
                        false,
                        false,
                        Optional.empty()));
    }

    @Test
    void theNodesNameWithoutTheApiServerToo() {
        ClusterOptions options = options("podSpecs: {source: staticPods, apiServer: {nodeName: worker-1}}");
        assertThat(options.apiServer()).isEmpty();
        assertThat(options.nodeName()).hasValue("worker-1");
    }

    @Test
    void nothingWhereOnlyTheSandboxCounts() {
        assertThat(options("podSpecs: {source: annotation}\npodResources: \"\""))
                .isEqualTo(ClusterOptions.NONE);
    }

    @Test
    void theApiServerOnceItHasCredentials() {
        ClusterOptions options = options(
                "podSpecs: {apiServer: {serviceAccount: /account, server: \"https://10.96.0.1\", nodeName: worker-1}}");
        assertThat(options.asksApiServer()).isTrue();
        assertThat(options.failsRefused()).isFalse();
        assertThat(options.apiServer())
                .hasValue(new ClusterOptions.ApiAccess(
                        Optional.empty(),
                        Optional.of(Path.of("/account")),
                        Optional.of(URI.create("https://10.96.0.1"))));
        assertThat(options.nodeName()).hasValue("worker-1");
    }

    @Test
    void theApiServerForRefusedPodsAloneIsNoSource() {
        ClusterOptions options =
                options("podSpecs: {source: podsAPI, apiServer: {kubeconfig: /k}}\nadmission: {refused: fail}");
        assertThat(options.asksApiServer()).isFalse();
        assertThat(options.failsRefused()).isTrue();
        assertThat(options.apiServer()).isPresent();
        assertThat(options.staticPods()).isEmpty();
    }

    @Test
    void theApiServerForEventsAloneIsNoSource() {
        ClusterOptions options = options("podSpecs: {source: podsAPI, apiServer: {kubeconfig: /k, events: true}}");
        assertThat(options.asksApiServer()).isFalse();
        assertThat(options.failsRefused()).isFalse();
        assertThat(options.writesEvents()).isTrue();
        assertThat(options.apiServer()).isPresent();
    }

    @Test
    void nothingNeedsToBeThere(@TempDir Path folder) throws Exception {
        Path kubeconfig = folder.resolve("kubelet.conf");
        Configuration configuration = configuration("""
                podSpecs:
                  timeout: 250ms
                  podsAPI: unix://%1$s/pods-api.sock
                  apiServer: {kubeconfig: %2$s, events: true}
                  staticPods: %1$s/manifests
                podResources: unix://%1$s/kubelet.sock
                admission: {refused: fail}
                """.formatted(folder, kubeconfig));
        try (ClusterLink link = new ClusterLink(configuration.cluster(), NodeMeter.NONE)) {
            link.start(_ -> {});
            link.check();
            assertThat(link.sources().timeout()).isEqualTo(Duration.ofMillis(250));
            assertThat(link.sources().refusals()).isNotEqualTo(RefusalListener.NONE);
            assertThat(link.incidents()).isNotEqualTo(NodeMeter.NONE);
            assertThat(link.sources().specs().health())
                    .extracting(SourceHealth::source)
                    .containsExactly(SpecSource.PODS_API, SpecSource.API_SERVER, SpecSource.STATIC_PODS);
            assertThat(folder).isEmptyDirectory();
        }
    }
}
