package io.podslice.integration.fuzz;

import io.podslice.integration.fuzz.CallPlan.Kind;
import io.podslice.shim.tap.Tap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * One connection through the tap from its first byte to its last: two peers, driven by one thread, make and answer
 * calls; then all that came through is compared with all that was sent.
 */
final class Session {

    /** The time without any progress after which a session counts as hung; no ordinary delay is near it. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private static final int IDLE_STEPS = 30;
    private static final int MOST_IDLE_STEPS = 60;
    private static final int MOST_STEPS = 2_000;
    private static final int MOST_CALLS = 8;

    private final Random random;
    private final boolean damaged;
    private final boolean tight;
    private final Tap tap;
    private final Ledger ledger;
    private final ClientEnd client;
    private final RuntimeEnd runtime;
    private final Future<?> joined;
    private final List<CallPlan> plans = new ArrayList<>();
    private final List<Ledger.Entry> entries = new ArrayList<>();
    private long lastProgress = System.nanoTime();

    /**
     * @param kinds the kinds of calls it makes
     * @param hasty true if handlers may take longer than the tap waits
     * @param tight true if the tap has so little memory that messages wait for it
     * @param damaged true if the peers' bytes are damaged on their way
     */
    Session(
            long seed,
            Tap tap,
            Ledger ledger,
            Wires wires,
            ExecutorService threads,
            HuffmanCode huffman,
            List<Kind> kinds,
            boolean hasty,
            boolean tight,
            boolean damaged)
            throws IOException {
        this.random = new Random(seed);
        this.tap = tap;
        this.ledger = ledger;
        Planner planner = new Planner(random, hasty);
        int calls = random.nextInt(MOST_CALLS + 1);
        for (int i = 0; i < calls; i++) {
            CallPlan plan = planner.plan(kinds.get(random.nextInt(kinds.size())));
            plans.add(plan);
            entries.add(ledger.add(plan));
        }
        Wires.Wire clients = wires.pair();
        Wires.Wire runtimes = wires.pair();
        int which = damaged ? 1 + random.nextInt(3) : 0;
        this.client = new ClientEnd(clients.peer(), random, Manners.of(random), mangler(which & 1), huffman, plans);
        this.runtime = new RuntimeEnd(runtimes.peer(), random, Manners.of(random), mangler(which & 2), huffman, ledger);
        this.damaged = damaged;
        this.tight = tight;
        this.joined = threads.submit(() -> this.tap.join(clients.tap(), runtimes.tap()));
    }

    /** Runs the session; throws a {@link Violation} with the details of a failure. */
    void run() {
        try {
            boolean complete = !damaged && random.nextInt(8) > 0;
            if (damaged) {
                suffer();
            } else if (complete) {
                talk();
                part();
            } else {
                breakOff();
            }
            awaitOutcomes();
            if (!damaged) {
                verify(complete);
            }
        } catch (RuntimeException e) {
            throw new Violation(
                    e.getMessage() + "\n" + client.describe() + "\n" + runtime.describe() + "\n" + entries, e);
        } finally {
            client.close();
            runtime.close();
            plans.forEach(ledger::retire);
        }
        awaitJoin();
    }

    private Mangler mangler(int mangles) {
        return new Mangler(random, mangles == 0 ? 0 : 1 + random.nextInt(8));
    }

    private boolean inTime(boolean reached, String what) {
        if (!reached && (client.sawEnd() || runtime.sawEnd() || client.isBroken() || runtime.isBroken())) {
            throw new Violation("the connection was ended before " + what);
        }
        return reached;
    }

    /** Makes all calls to their ends, then waits until everything sent has arrived and all credit is back. */
    private void talk() {
        drive("the calls are over", () -> inTime(client.isDone() && runtime.isDone(), "the calls were over"));
        client.ping();
        runtime.ping();
        drive("everything is answered", () -> {
            client.settle();
            runtime.settle();
            return inTime(client.isQuiet() && runtime.isQuiet(), "everything was answered");
        });
        drive("the credit is back", () -> isClientsCreditBack() && runtime.sendWindow() == client.granted());
    }

    /**
     * Tells if the client's credit is back. Credit that the tap granted for the rest of a message that then did not
     * come cannot be taken back.
     */
    private boolean isClientsCreditBack() {
        long surplus = client.sendWindow() - runtime.granted();
        return surplus == 0 || (surplus > 0 && plans.stream().anyMatch(client::withheld));
    }

    /** Ends the connection in an orderly way: one end after the other, or both. */
    private void part() {
        Peer first = random.nextBoolean() ? client : runtime;
        Peer second = first == client ? runtime : client;
        first.endOutput();
        drive("the end has arrived", second::sawEnd);
        second.endOutput();
        drive("the other end has arrived", first::sawEnd);
    }

    /** Ends the connection in the middle of an exchange. */
    private void breakOff() {
        int steps = random.nextInt(400);
        while (steps > 0 && !(client.isDone() && runtime.isDone())) {
            client.step(false);
            runtime.step(false);
            steps--;
        }
        Peer first = random.nextBoolean() ? client : runtime;
        Peer second = first == client ? runtime : client;
        first.close();
        drive("the break has arrived", () -> second.sawEnd() || second.isBroken());
        // As gRPC's peers do; one that only ended its half might still be answered.
        second.close();
    }

    /** Exchanges damaged bytes until nothing more comes of it; then both ends close the connection. */
    private void suffer() {
        int idle = 0;
        for (int steps = 0; steps < MOST_STEPS && idle < MOST_IDLE_STEPS; steps++) {
            try {
                boolean moved = client.step(idle > IDLE_STEPS);
                moved |= runtime.step(idle > IDLE_STEPS);
                idle = moved ? 0 : idle + 1;
            } catch (RuntimeException damage) {
                // A peer that finds damage ends the connection; its finding is not checked.
                break;
            }
            if (idle > 0) {
                LockSupport.parkNanos(idle * 1_000L);
            }
        }
        client.close();
        runtime.close();
    }

    private void drive(String until, BooleanSupplier reached) {
        int idle = 0;
        lastProgress = System.nanoTime();
        long begun = lastProgress;
        while (!reached.getAsBoolean()) {
            boolean clientFirst = random.nextBoolean();
            boolean moved = (clientFirst ? client : runtime).step(idle > IDLE_STEPS);
            moved |= (clientFirst ? runtime : client).step(idle > IDLE_STEPS);
            if (moved) {
                idle = 0;
                lastProgress = System.nanoTime();
                if (lastProgress - begun > PATIENCE_NANOS) {
                    throw new Violation("much moves, but not towards: " + until);
                }
            } else {
                pause(++idle, until);
            }
        }
    }

    private void pause(int idle, String until) {
        if (System.nanoTime() - lastProgress > PATIENCE_NANOS) {
            throw new Violation("nothing has moved for a long time before " + until);
        }
        if (idle > IDLE_STEPS) {
            LockSupport.parkNanos(Math.min(1_000_000, idle * 1_000L));
        } else {
            Thread.onSpinWait();
        }
    }

    /** Waits until every decision that let a call go on has been told the call's end, once. */
    private void awaitOutcomes() {
        lastProgress = System.nanoTime();
        for (Ledger.Entry entry : entries) {
            int idle = 0;
            while (entry.succeeded.get() + entry.failed.get() < entry.letGo.get()) {
                pause(++idle, "the outcome of " + entry);
            }
        }
    }

    private void awaitJoin() {
        try {
            joined.get(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
        } catch (Exception e) {
            throw new Violation("join() has not ended well: " + e, e);
        }
    }

    private void verify(boolean complete) {
        Verifier verifier = new Verifier(client, runtime, complete, tight);
        verifier.wires(plans);
        entries.forEach(verifier::call);
    }
}
