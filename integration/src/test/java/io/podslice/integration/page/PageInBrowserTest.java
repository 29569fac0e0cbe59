package io.podslice.integration.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.cgroups.machine.Machine;
import io.podslice.simulator.kubelet.RunningPod;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What a browser draws of a simulated node is what the node's cgroup files say, before and after a resize. */
@Tag("host")
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PageInBrowserTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String DRAWN = "Object.fromEntries([...document.querySelectorAll('#map [data-cpu]')].map("
            + "each => [each.dataset.cpu, each.dataset.use + ' ' + (each.dataset.pod || '')]))";

    /** The place of each CPU's ground, one pixel within its upper left corner. */
    private static final String PLACES = "[...document.querySelectorAll('#map [data-cpu]')].map(each => {"
            + " const box = each.querySelector('rect').getBoundingClientRect();"
            + " return [each.dataset.use + ' ' + (each.dataset.pod || ''), Math.floor(box.left) + 4, Math.floor(box.top) + 3];})";

    private static Map<Integer, String> drawn(Browser browser) throws Exception {
        Map<Integer, String> uses = new TreeMap<>();
        browser.evaluate(DRAWN)
                .properties()
                .forEach(cpu ->
                        uses.put(Integer.valueOf(cpu.getKey()), cpu.getValue().asString()));
        return uses;
    }

    /** Asserts that on the picture exclusive CPUs of a pod have one colour, which no other use has. */
    private static void assertPainted(Browser browser) throws Exception {
        BufferedImage picture = ImageIO.read(new ByteArrayInputStream(browser.picture()));
        Map<String, Integer> colours = new HashMap<>();
        for (JsonNode place : browser.evaluate(PLACES)) {
            String use = place.get(0).asString();
            if (!use.startsWith("podShared")) {
                int colour = picture.getRGB(place.get(1).asInt(), place.get(2).asInt()) & 0xffffff;
                assertThat(colours.merge(use, colour, (first, other) -> first))
                        .as(use)
                        .isEqualTo(colour);
            }
        }
        Set<Integer> different = new HashSet<>(colours.values());
        assertThat(different).as("%s", colours).hasSize(colours.size());
        assertThat(colours).containsEntry("nodeShared ", 0xe4e4e4);
    }

    @Test
    void whatIsDrawnIsWhatTheCgroupFilesSay() throws Exception {
        try (PageNode node = new PageNode(Machine.regular(2, 1, 4, 2, 8L << 30));
                Browser browser = new Browser()) {
            RunningPod database = node.run("database", 4, 2);
            node.run("web", 3, 1);
            node.runShared("shared");
            browser.size(1400, 1200);
            browser.go(node.page());
            Map<Integer, String> before = drawn(browser);
            assertThat(before).hasSize(16).isEqualTo(node.files());
            assertPainted(browser);
            await().atMost(LONG)
                    .until(() -> browser.evaluate("document.getElementById('live').textContent")
                            .asString()
                            .equals("live"));
            browser.evaluate("document.querySelector('#pod-database-uid details').open = true");

            node.resize(database, 6, 4);
            Map<Integer, String> after = node.files();
            assertThat(after).isNotEqualTo(before);
            await().atMost(LONG).untilAsserted(() -> assertThat(drawn(browser)).isEqualTo(after));
            assertPainted(browser);
            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(browser.evaluate("document.querySelector('#pod-database-uid').textContent")
                                            .asString())
                                    .contains("6"));
            assertThat(browser.evaluate("document.querySelector('#pod-database-uid details').open")
                            .asBoolean())
                    .isTrue();

            node.run("late", 2, 1);
            await().atMost(LONG).untilAsserted(() -> assertThat(drawn(browser)).isEqualTo(node.files()));
            assertThat(browser.evaluate("!!document.querySelector('#pod-late-uid')")
                            .asBoolean())
                    .isTrue();
        }
    }

    @Test
    void itWorksWithoutScriptAndAnswersWhatIf() throws Exception {
        try (PageNode node = new PageNode(Machine.regular(2, 1, 4, 2, 8L << 30));
                Browser browser = new Browser()) {
            node.run("database", 6, 2);
            browser.scripts(false);
            browser.go(node.page());
            assertThat(drawn(browser)).isEqualTo(node.files());
            browser.scripts(true);
            browser.go(node.page());
            browser.evaluate("document.querySelector('form').submit()");
            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(browser.evaluate("document.body.textContent")
                                            .asString())
                                    .contains(
                                            "default/new-pod: admitted, Guaranteed: 6 CPUs of its own, 4-6,12-14, NUMA node 1"));
            browser.evaluate("document.querySelector('p a').click()");
            await().atMost(LONG).untilAsserted(() -> assertThat(drawn(browser)).isEqualTo(node.files()));
        }
    }

    /** With the system property podslice.docs.write the pictures of docs/page are taken anew. */
    @ParameterizedTest
    @CsvSource({"8, 1, 4, 2, 4", "128, 2, 32, 2, 60", "512, 2, 128, 2, 250"})
    void nodesOfAllSizes(int cpus, int sockets, int cores, int threads, int pods) throws Exception {
        try (PageNode node = new PageNode(Machine.regular(sockets, 1, cores, threads, 512L << 30));
                Browser browser = new Browser()) {
            int own = Math.min(pods / 2, cpus / 8);
            for (int i = 0; i < own; i++) {
                node.run("pod-" + i, 3 + i % 3, 1 + i % 2);
            }
            for (int i = own; i < pods; i++) {
                node.runShared("shared-" + i);
            }
            browser.size(1500, 1000);
            browser.go(node.page());
            assertThat(drawn(browser)).hasSize(cpus).isEqualTo(node.files());
            assertThat(browser.evaluate("document.querySelectorAll('#pods tbody[id]').length")
                            .asInt())
                    .isEqualTo(pods);
            byte[] picture = browser.picture(); // and so it has been painted
            if (Boolean.getBoolean("podslice.docs.write")) {
                Files.write(Path.of("../docs/page/page-" + cpus + ".png"), picture);
            }
            JsonNode paint = browser.evaluate("(performance.getEntriesByType('paint')"
                    + ".find(each => each.name === 'first-contentful-paint') || {}).startTime");
            JsonNode bytes = browser.evaluate("performance.getEntriesByType('navigation')[0].transferSize");
            browser.evaluate("window.sent = 0; window.pieces = 0;"
                    + " new EventSource('events?version=' + document.body.dataset.version)"
                    + ".addEventListener('piece', event => { window.sent += event.data.length; window.pieces++; })");
            RunningPod first = node.pods.getFirst();
            node.resize(first, first.manifest().name().equals("pod-0") ? 2 : 3, 1);
            await().atMost(LONG).untilAsserted(() -> assertThat(drawn(browser)).isEqualTo(node.files()));
            await().atMost(LONG).until(() -> browser.evaluate("window.pieces").asInt() > 2);
            System.out.printf(
                    "%d CPUs, %d pods: page %s bytes, first paint after %s ms; a resize sends %s characters in %s pieces%n",
                    cpus, pods, bytes, paint, browser.evaluate("window.sent"), browser.evaluate("window.pieces"));
        }
    }
}
