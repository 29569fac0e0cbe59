package io.podslice.integration.bench;

import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.apiserver.ApiServerDouble;
import io.podslice.simulator.cluster.NodeCredentials;
import io.podslice.simulator.cluster.SimulatedFleet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a large cluster with {@code podslice fleet}, by one process and by several that share it, and checks that each object is
 * seen by exactly one. The API server is a double in this process; each reader is a process of its own, one after the other.
 */
final class FleetBench {
    private static final JsonMapper JSON = new JsonMapper();
    private static final long LOOK_NANOS = 2_000_000;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double KIBIBYTES_PER_MEBIBYTE = 1024;

    private final Path folder;
    private final int nodes;
    private final int pods;
    private final Consumer<String> progress;

    /**
     * The readers of a cluster.
     *
     * @param command the subcommand of {@code podslice fleet}
     * @param readers the number of readers
     * @param knowsShards true if the server sends each reader its shard alone
     * @param seconds the time of each reader, the start of its process included
     * @param mebibytes the most that each had resident
     * @param sent the objects that the server sent to all readers together
     */
    record Row(
            String command, int readers, boolean knowsShards, List<Double> seconds, List<Double> mebibytes, long sent) {
        Row {
            seconds = List.copyOf(seconds);
            mebibytes = List.copyOf(mebibytes);
        }
    }

    /** @param progress hears of each step, for a person who waits */
    FleetBench(Path folder, int nodes, int pods, Consumer<String> progress) {
        this.folder = folder;
        this.nodes = nodes;
        this.pods = pods;
        this.progress = progress;
    }

    List<Row> run(List<Integer> readers) throws IOException {
        List<Row> rows = new ArrayList<>();
        try (ApiServerDouble server = new ApiServerDouble(true, ApiOptions.DEFAULT)) {
            server.start();
            NodeCredentials credentials = new NodeCredentials(folder, "reader", server);
            credentials.writeServiceAccount("token");
            progress.accept("filling the API server with " + nodes + " nodes and " + pods + " pods");
            SimulatedFleet.fill(server, nodes, pods, 1);
            List<String> access = List.of(
                    "--service-account",
                    credentials.serviceAccount().toString(),
                    "--server",
                    server.uri().toString());
            var _ = new Reader("status", access, "0/1").run(); // the server's own code is compiled now
            for (int count : readers) {
                for (boolean knowsShards : new boolean[] {true, false}) {
                    server.become(knowsShards ? ApiOptions.DEFAULT.withShards() : ApiOptions.DEFAULT);
                    for (String command : List.of("status", "pods")) {
                        rows.add(row(command, count, knowsShards, access));
                    }
                }
            }
        }
        return rows;
    }

    private Row row(String command, int readers, boolean knowsShards, List<String> access) throws IOException {
        progress.accept("fleet " + command + ", readers: " + readers + ", shards: " + knowsShards);
        List<Double> seconds = new ArrayList<>();
        List<Double> mebibytes = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        long objects = 0;
        long sent = 0;
        for (int reader = 0; reader < readers; reader++) {
            Reader one = new Reader(command, access, reader + "/" + readers);
            JsonNode answer = one.run();
            seconds.add(one.nanos / NANOS_PER_SECOND);
            mebibytes.add(one.resident / KIBIBYTES_PER_MEBIBYTE);
            objects += take(command, answer, seen);
            sent += sent(answer, knowsShards);
        }
        int expected = command.equals("pods") ? pods : nodes;
        if (objects != expected || seen.size() != expected) {
            throw new BenchException(
                    "of " + expected + " objects " + seen.size() + " were seen, " + objects + " times");
        }
        return new Row(command, readers, knowsShards, seconds, mebibytes, sent);
    }

    /** Notes the objects of an answer; returns their number. */
    private static int take(String command, JsonNode answer, Set<String> seen) {
        int objects = 0;
        for (JsonNode object : answer.path(command.equals("pods") ? "pods" : "nodes")) {
            // A node of which there are only pods in the shard has no zones: its object is in another one.
            if (command.equals("pods") || object.has("zones")) {
                seen.add(object.path(command.equals("pods") ? "uid" : "name").asString(""));
                objects++;
            }
        }
        return objects;
    }

    private static long sent(JsonNode answer, boolean knowsShards) {
        long sent = 0;
        for (JsonNode count :
                List.of(answer.path("nodeResourceTopologies"), answer.path("pods"), answer.path("read"))) {
            String chosenBy = count.path("chosenBy").asString("");
            if (!chosenBy.isEmpty() && !chosenBy.equals(knowsShards ? "server" : "client")) {
                throw new BenchException("the objects were chosen by the " + chosenBy);
            }
            sent += count.path("objects").asLong(0) + count.path("others").asLong(0);
        }
        return sent;
    }

    /** One process. */
    private final class Reader {
        private final List<String> command;
        private long nanos;
        private long resident;

        Reader(String command, List<String> access, String shard) {
            this.command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:-UsePerfData",
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx256m",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "io.podslice.agent.cli.Main",
                    "fleet",
                    command,
                    "--output",
                    "json",
                    "--shard",
                    shard));
            this.command.addAll(access);
            if (command.equals("pods")) {
                this.command.add("--all");
            }
        }

        /** Runs it; returns its answer. */
        JsonNode run() throws IOException {
            Path out = folder.resolve("out");
            Path err = folder.resolve("err");
            long begin = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            while (process.isAlive()) {
                resident = Math.max(resident, highWater(process.pid()));
                LockSupport.parkNanos(LOOK_NANOS);
            }
            nanos = System.nanoTime() - begin;
            if (process.exitValue() != 0) {
                throw new BenchException(String.join(" ", command) + ": " + Files.readString(err));
            }
            return JSON.readTree(out);
        }

        /** Returns the most that a process has had resident so far, in KiB; 0 once it has ended. */
        private static long highWater(long pid) {
            try {
                return Files.readString(Path.of("/proc", Long.toString(pid), "status"))
                        .lines()
                        .filter(line -> line.startsWith("VmHWM:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElse(0);
            } catch (IOException e) {
                return 0;
            }
        }
    }
}
