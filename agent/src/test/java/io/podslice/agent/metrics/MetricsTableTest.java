package io.podslice.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.api.ApiNode;
import io.podslice.agent.api.FakeNode;
import io.podslice.agent.config.Standing;
import io.podslice.agent.record.RecorderFigures;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Door;
import io.podslice.node.NodeRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * README's table of metrics is what podslice serves, no more and no less. With the system property {@code
 * podslice.docs.write} it is written anew instead.
 */
class MetricsTableTest {
    private static final Path README = Path.of("..", "README.md");
    private static final String HEADING = "| metric | |";
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"");

    @Test
    void readmeListsWhatIsServed() throws Exception {
        List<String> lines = Files.readAllLines(README);
        int first = lines.indexOf(HEADING) + 2;
        int end = first;
        while (lines.get(end).startsWith("|")) {
            end++;
        }
        List<String> served = rows(page());
        if (Boolean.getBoolean("podslice.docs.write")) {
            List<String> written = new ArrayList<>(lines.subList(0, first));
            written.addAll(served);
            written.addAll(lines.subList(end, lines.size()));
            Files.write(README, written);
            return;
        }
        assertThat(lines.subList(first, end)).isEqualTo(served);
    }

    private static String page() throws IOException, InterruptedException {
        try (MetricsDoor door = new MetricsDoor(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))) {
            NodeRequest request = new NodeRequest.UpdateContainer("id", Map.of(), LinuxResources.NONE);
            door.meter().held(Door.CRI, request, Duration.ofMillis(1));
            door.meter().decided(Door.CRI, request, Duration.ofMillis(1));
            FakeNode node = new FakeNode();
            node.hasSourcesSince(Instant.EPOCH);
            door.configuration(new Standing(Standing.InForce.FILE, 0, "f"));
            door.recording(() -> new RecorderFigures(0, 0, 0, 0));
            door.listen(() -> new ApiNode.Managed(node));
            return Scrape.get(door.port(), "/metrics", "").body();
        }
    }

    /** A row for each family: its name with its labels, and its help text. */
    private static List<String> rows(String page) {
        Map<String, String> help = new TreeMap<>();
        Map<String, Set<String>> labels = new TreeMap<>();
        String family = "";
        for (String line : (Iterable<String>) page.lines()::iterator) {
            if (line.startsWith("# HELP ")) {
                String[] words = line.split(" ", 4);
                family = words[2];
                help.put(family, words[3]);
            } else if (!line.startsWith("#")) {
                Matcher label = LABEL.matcher(line);
                while (label.find()) {
                    labels.computeIfAbsent(family, of -> new LinkedHashSet<>()).add(label.group(1));
                }
            }
        }
        List<String> rows = new ArrayList<>();
        help.forEach((name, text) -> {
            Set<String> of = labels.getOrDefault(name, new LinkedHashSet<>());
            of.remove("le");
            rows.add("| `" + name + (of.isEmpty() ? "" : "{" + String.join(", ", of) + "}") + "` | "
                    + text.replaceFirst("\\.$", "") + " |");
        });
        return rows;
    }
}
