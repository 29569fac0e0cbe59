package io.podslice.integration.bench;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.podslice.integration.bench.ProxyResult.Figure;
import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Measures what the page and the metrics cost: two podslices with equal pods, one of which has both and is looked at, while pods come
 * to each. A browser loads the page and follows it, and a Prometheus scrapes. Each runs in a process of its own, with the flags of
 * {@code serve}, on a simulated kernel.
 */
final class PageBench {
    static final double TARGET_MEBIBYTES = 12;
    static final double TARGET_TIMES = 1.05;

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int CALLS = 100;
    private static final double MEDIAN = 0.5;

    /**
     * @param pods those on each node when a browser begins to look; six of them have CPUs of their own
     * @param looking the time for which it looks
     * @param rest the time given to the JVM to return what it has freed
     */
    record Size(int pods, Duration looking, Duration rest) {}

    private final Programs without;
    private final Programs with;
    private final List<String> flags;
    private final Size size;
    private final Consumer<String> progress;
    private final SourcePods pods = new SourcePods(true);
    private int made;

    /**
     * @param folder has the programs' folders; its path is short
     * @param flags the JVM's flags of {@code serve}
     * @param progress hears of each step, for a person who waits
     */
    PageBench(Path folder, Path launcher, List<String> flags, Size size, Consumer<String> progress) throws IOException {
        this.without = new Programs(Files.createDirectory(folder.resolve("a")), launcher);
        this.with = new Programs(Files.createDirectory(folder.resolve("b")), launcher);
        this.flags = flags;
        this.size = size;
        this.progress = progress;
    }

    List<Figure> run() throws IOException {
        int page = freePort();
        int metrics = freePort();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (Peer _ = without.runtime();
                Peer _ = with.runtime();
                Peer plain = without.simulatedServe(sources(""), flags);
                Peer seen = with.simulatedServe(
                        sources("api: {page: \"127.0.0.1:%d\", metrics: \"127.0.0.1:%d\"}%n".formatted(page, metrics)),
                        flags);
                CriClient toPlain = new CriClient(plain.socket(), PATIENCE);
                CriClient toSeen = new CriClient(seen.socket(), PATIENCE);
                Door plainDoor = Door.open("without", plain.socket(), loops);
                Door seenDoor = Door.open("with", seen.socket(), loops)) {
            progress.accept(size.pods() + " pods");
            for (int i = 0; i < size.pods(); i++) {
                come(toPlain, toSeen);
            }
            Load call = new Load(Work.unary(), 1);
            // Both get warm before anything counts.
            times(call, plainDoor, seenDoor, 20);
            rest();
            List<Figure> figures = new ArrayList<>();
            double before = plain.mebibytes("VmRSS");
            figures.add(new Figure("resident without", before, "MiB", null));
            double idle = seen.mebibytes("VmRSS") - before;
            figures.add(new Figure("more with page and metrics, no browser yet", idle, "MiB", TARGET_MEBIBYTES));

            progress.accept("a browser looks");
            double most;
            double times;
            try (Look look = new Look(page, metrics)) {
                most = watched(plain, seen, toPlain, toSeen);
                times = times(call, plainDoor, seenDoor, 20);
                figures.add(new Figure("most more while a browser looks", most, "MiB", TARGET_MEBIBYTES));
                figures.add(new Figure("a call that passes meanwhile, times that without", times, "", TARGET_TIMES));
                figures.add(new Figure("sent to the browser", look.bytes() / 1024.0, "KiB", null));
            }
            progress.accept("a minute later");
            LockSupport.parkNanos(Duration.ofMinutes(1).toNanos());
            figures.add(new Figure(
                    "more, a minute later",
                    seen.mebibytes("VmRSS") - plain.mebibytes("VmRSS"),
                    "MiB",
                    TARGET_MEBIBYTES));
            return figures;
        } finally {
            loops.close();
        }
    }

    private static String sources(String more) {
        return more + "podSpecs: {source: annotation}\npodResources: \"\"";
    }

    /** Lets a pod come each second; returns the most that one has resident more than the other. */
    private double watched(Peer plain, Peer seen, CriClient toPlain, CriClient toSeen) {
        double most = Double.NEGATIVE_INFINITY;
        long end = System.nanoTime() + size.looking().toNanos();
        while (System.nanoTime() < end) {
            come(toPlain, toSeen);
            LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
            most = Math.max(most, seen.mebibytes("VmRSS") - plain.mebibytes("VmRSS"));
        }
        return most;
    }

    private void come(CriClient... nodes) {
        String name = "pod-" + made;
        boolean hasCpus = made < 6;
        made++;
        for (CriClient node : nodes) {
            var _ = node.runtime().runPodSandbox(SourcesMemory.request(pods.sandbox(name, hasCpus)));
        }
    }

    /** Returns the median of the rounds' ratios of a call's median; the two take turns. */
    private static double times(Load call, Door plain, Door seen, int rounds) {
        double[] ratios = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            boolean isPlainFirst = i % 2 == 0;
            double first = call.first(isPlainFirst ? plain : seen, CALLS).micros(MEDIAN);
            double second = call.first(isPlainFirst ? seen : plain, CALLS).micros(MEDIAN);
            ratios[i] = isPlainFirst ? second / first : first / second;
        }
        Arrays.sort(ratios);
        return ratios[rounds / 2];
    }

    private void rest() {
        LockSupport.parkNanos(size.rest().toNanos());
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        }
    }

    /** A browser that follows the page, and a Prometheus that scrapes every 5 s. */
    private static final class Look implements AutoCloseable {
        private final HttpClient client = HttpClient.newHttpClient();
        private final AtomicLong bytes = new AtomicLong();
        private final Thread browser;
        private final Thread prometheus;

        Look(int page, int metrics) {
            URI node = URI.create("http://localhost:" + page + "/");
            browser = Thread.ofVirtual().start(() -> follow(node));
            prometheus = Thread.ofVirtual().start(() -> scrape(URI.create("http://localhost:" + metrics + "/metrics")));
        }

        long bytes() {
            return bytes.get();
        }

        private void follow(URI node) {
            read(node);
            read(node.resolve("events"));
        }

        private void scrape(URI metrics) {
            while (!Thread.currentThread().isInterrupted()) {
                read(metrics);
                LockSupport.parkNanos(Duration.ofSeconds(5).toNanos());
            }
        }

        private void read(URI from) {
            try (InputStream in = client.send(
                            HttpRequest.newBuilder(from).build(), HttpResponse.BodyHandlers.ofInputStream())
                    .body()) {
                byte[] buffer = new byte[8192];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    if (!from.getPath().equals("/metrics")) {
                        bytes.addAndGet(read);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                if (!Thread.currentThread().isInterrupted()) {
                    throw new UncheckedIOException(from.toString(), e);
                }
            }
        }

        @Override
        public void close() {
            browser.interrupt();
            prometheus.interrupt();
            client.shutdownNow();
        }
    }
}
