package io.podslice.integration.restart;

import static io.podslice.integration.restart.HeldServe.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.proto.cri.v1.VersionRequest;
import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A wrong configuration stops no node: below a service manager podslice serves on at a boot, a reload and an upgrade, and
 * its log, the node API and the service's status say what is wrong.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class WrongConfigurationTest {
    private static final String WRONG = "bounds: {exclusivePercent: 500}";
    private static final String PROBLEM =
            ":9:28: bounds.exclusivePercent: \"500\": must be a whole number of percent, 0 to 100";

    @SuppressWarnings("NullAway.Init")
    private HeldServe serve;

    @SuppressWarnings("NullAway.Init")
    private Path config;

    @BeforeEach
    void aRuntime() throws Exception {
        serve = new HeldServe();
        config = serve.folder.resolve("podslice.yaml");
    }

    @AfterEach
    void end() throws Exception {
        serve.end();
    }

    private Path lastGood() {
        return serve.folder.resolve("state/config.good.yaml");
    }

    private void expectService() {
        try (CriClient client = new CriClient(serve.socket, PATIENCE)) {
            assertThat(client.runtime()
                            .version(VersionRequest.getDefaultInstance())
                            .getRuntimeApiVersion())
                    .isEqualTo("v1");
        }
    }

    private void expectStatus(String text) {
        assertThat(serve.awaitStatus(Pattern.quote(text))).isEqualTo(text);
    }

    private void start(String more) throws IOException {
        serve.start(serve.socket, serve.config(serve.socket, more));
        serve.podslice(1);
    }

    @Test
    void atAReloadAndAtTheNextBoot() throws Exception {
        start("");
        expectService();
        expectStatus(config.toString());
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(lastGood()).exists());
        assertThat(Files.getPosixFilePermissions(lastGood())).hasToString("[OWNER_READ, OWNER_WRITE]");

        serve.config(serve.socket, WRONG);
        HeldServe.signal("HUP", serve.podslice(1));
        serve.awaitLines("podslice goes on with the configuration that it has", 1);
        expectStatus("the one before the last reload; not taken: " + config + PROBLEM);
        expectService();

        HeldServe.signal("TERM", serve.podslice(1));
        serve.podslice(2);
        serve.awaitLines("podslice serves with the last one that was good", 1);
        expectStatus("the last good one; not taken: " + config + PROBLEM);
        expectService();

        serve.config(serve.socket, "bounds: {exclusivePercent: 50}\nnri: {name: other}");
        HeldServe.signal("HUP", serve.podslice(2));
        serve.awaitLines("changed at once: bounds.exclusivePercent; after a restart: nri.name", 1);
        expectStatus(config + "; changes after a restart: nri.name");
        expectService();
        assertThat(serve.linesThatBegin("ended ")).containsOnly("ended 0").hasSize(1);
    }

    @Test
    void atAnUpgradeByAKeyThatHasNotChanged() throws Exception {
        Files.createDirectories(lastGood().getParent());
        // What a version that knew the key has left.
        Files.copy(serve.config(serve.socket, "knownToAnother: 1"), lastGood());
        start("knownToAnother: 1");
        expectService();
        serve.awaitLines("tolerated, since it has not changed", 1);
        assertThat(serve.awaitStatus(".*with defaults for keys that are wrong.*"))
                .startsWith(config + ", with defaults for keys that are wrong: " + config + ":9:1: knownToAnother: ");

        serve.config(serve.socket, "knownToAnother: 1\nbounds: {exclusivePercent: 50}");
        HeldServe.signal("HUP", serve.podslice(1));
        serve.awaitLines("changed at once: bounds.exclusivePercent", 1);

        serve.config(serve.socket, "knownToAnother: 2\nbounds: {exclusivePercent: 50}");
        HeldServe.signal("HUP", serve.podslice(1));
        serve.awaitLines("podslice goes on with the configuration that it has", 1);
        expectService();
        assertThat(serve.linesThatBegin("ended ")).isEmpty();
    }

    @Test
    void withoutALastGoodOneCallsPassUntilTheFileIsMended() throws Exception {
        start(WRONG);
        expectService();
        serve.awaitLines("there is none that was good: nothing is enforced", 1);
        expectStatus("none, so nothing is enforced; not taken: " + config + PROBLEM);

        serve.config(serve.socket, "");
        HeldServe.signal("HUP", serve.podslice(1));
        serve.podslice(2);
        expectStatus(config.toString());
        expectService();
        assertThat(serve.linesThatBegin("ended ")).containsOnly("ended 0").hasSize(1);
    }

    @Test
    void byASocketOnWhichTheServiceManagerDoesNotListen() throws Exception {
        start("");
        expectStatus(config.toString());
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(lastGood()).exists());
        String elsewhere =
                "elsewhere.sock: the service manager has handed down a socket that listens on " + serve.socket;
        serve.config(serve.folder.resolve("elsewhere.sock"), "");

        HeldServe.signal("HUP", serve.podslice(1));
        serve.awaitLines(elsewhere, 1);
        HeldServe.signal("TERM", serve.podslice(1));
        serve.podslice(2);
        assertThat(serve.awaitStatus("the last good one; not taken: .*")).contains(elsewhere);
        expectService();
        assertThat(serve.linesThatBegin("ended ")).containsOnly("ended 0").hasSize(1);
    }
}
