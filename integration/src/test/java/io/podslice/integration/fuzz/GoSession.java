package io.podslice.integration.fuzz;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One connection between a client and a runtime with grpc-go's habits, driven by one thread. */
final class GoSession {

    /** The time without any progress after which a session counts as hung; no ordinary delay is near it. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private static final int MOST_AT_ONCE = 6;
    private static final int IDLE_STEPS = 30;
    private static final List<Long> MIN_TIMES = List.of(10_000L, 300_000L);

    private final Random random;
    private final List<String> paths;
    private final long keepalive;
    private final GoClient client;
    private final GoServer server;
    private long now = 1;
    private long lastProgress = System.nanoTime();

    /** @param paths the methods that the client calls */
    GoSession(Wires.Wire clients, Wires.Wire servers, Random random, List<String> paths) {
        this.random = random;
        this.paths = paths;
        long minTime = MIN_TIMES.get(random.nextInt(MIN_TIMES.size()));
        // A client that keeps to the server's policy; the server sees no PING sooner than the client sends it.
        this.keepalive = minTime + random.nextInt(10);
        this.client = new GoClient(clients.peer(), random, keepalive);
        this.server = new GoServer(servers.peer(), random, minTime, random.nextBoolean());
    }

    /**
     * Makes calls to their ends.
     *
     * @return the strikes that the runtime has counted
     */
    int run(int calls) throws IOException {
        try {
            int made = 0;
            while (client.ended < calls || !client.isQuiet() || !server.isQuiet()) {
                boolean calling = made < calls && client.streams.size() < MOST_AT_ONCE && random.nextInt(3) == 0;
                if (calling) {
                    int bytes = random.nextInt(30) == 0 ? 150_000 : random.nextInt(3_000);
                    client.call(paths.get(random.nextInt(paths.size())), bytes);
                    made++;
                }
                step(calling);
                pass();
            }
            return server.strikes;
        } catch (RuntimeException e) {
            throw new Violation(e.getMessage() + "\n" + client + "\n" + server, e);
        } finally {
            client.close();
            server.close();
        }
    }

    private void step(boolean calling) throws IOException {
        boolean progress = calling;
        progress |= client.act();
        progress |= server.act();
        progress |= client.exchange();
        progress |= server.exchange();
        long time = System.nanoTime();
        if (progress) {
            lastProgress = time;
            now += random.nextInt(3);
        } else if (time - lastProgress > PATIENCE_NANOS) {
            throw new Violation("nothing has happened for 20 s");
        } else if (random.nextInt(IDLE_STEPS) == 0) {
            LockSupport.parkNanos(20_000);
        }
    }

    /** Lets time pass while calls are under way and no PING is: the client then sends a keepalive. */
    private void pass() {
        if (!client.streams.isEmpty() && client.isQuiet() && server.isQuiet() && random.nextInt(40) == 0) {
            now += keepalive;
        }
        client.now = now;
        server.now = now;
    }
}
