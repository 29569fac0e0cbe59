package io.podslice.node.brain;

import io.podslice.node.Completion;
import io.podslice.node.Door;
import io.podslice.node.Node;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.RuntimeContents;
import io.podslice.node.SynchronizeReport;
import io.podslice.node.TimeLimit;
import io.podslice.node.Verdict;
import io.podslice.node.brain.Timely.TooLateException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps podslice's one promise to its doors: a pod that asks nothing of podslice passes, and one that asks is answered
 * in time, whatever is wrong with podslice. Between a door and the {@link Brain} it owns everything about that: a brain
 * that is still opening, that takes too long, that fails, or whose verdict comes late.
 *
 * <p>A verdict in time goes to the door. A late one never reaches the runtime: its completion is told {@code failed},
 * or {@code succeeded} if the runtime has acted exactly as decided. A request about a sandbox or container that the
 * runtime has made already (Confirm...) is completed here, within its budget, so that its door has nothing to remember.
 */
public final class Promise {
    private static final Logger log = LoggerFactory.getLogger(Promise.class);

    private static final Duration REFUSAL_REPEATS = Duration.ofMinutes(5);

    private final CompletableFuture<Brain> opened = new CompletableFuture<>();
    private final DecisionThreads threads = new DecisionThreads();
    private final DecisionTimer timer = new DecisionTimer();
    private final RefusalLog refusals = new RefusalLog(REFUSAL_REPEATS);
    private final NodeMeter meter;

    /** Tells if decisions wait for something that has not answered for a while. */
    private volatile BooleanSupplier heldUp = () -> false;

    /** @param meter counts each request */
    public Promise(NodeMeter meter) {
        this.meter = meter;
    }

    /** Returns a promise about a brain that is open already, without a meter. */
    public static Promise about(Brain brain) {
        Promise promise = new Promise(NodeMeter.NONE);
        promise.open(brain);
        return promise;
    }

    /**
     * Returns the brain's verdict on a request, decided on the calling thread without a limit of time. If the brain
     * fails, a pod that asks is refused, and any other passes.
     */
    public static Verdict answer(Brain brain, NodeRequest request) {
        return Faults.answered(brain, request);
    }

    /** Takes the brain once it is open; requests that wait for it go on. */
    public void open(Brain brain) {
        opened.complete(brain);
    }

    /**
     * Takes the brain once it is open.
     *
     * @param heldUp tells if the brain waits for something that has not answered for a while, such as systemd: pods that ask
     *     nothing then pass within about a second. Never waits for a lock
     */
    public void open(Brain brain, BooleanSupplier heldUp) {
        this.heldUp = heldUp;
        opened.complete(brain);
    }

    /** Returns the node as a door sees it. */
    public Node door(Door door) {
        return new Promised(door);
    }

    private final class Promised implements Node {
        private final Door door;

        Promised(Door door) {
            this.door = door;
        }

        @Override
        public Verdict decide(NodeRequest request, TimeLimit limit) {
            long begun = System.nanoTime();
            Verdict verdict = new Held(door, request, limit, begun).verdict();
            long now = System.nanoTime();
            meter.held(door, request, Duration.ofNanos(now - begun));
            if (verdict instanceof Verdict.Refuse(Refusal refusal)) {
                tellRefused(door, request, refusal);
            }
            return verdict;
        }

        @Override
        public void decide(NodeRequest request, TimeLimit limit, Consumer<Verdict> answer) {
            long begun = System.nanoTime();
            new Held(door, request, limit, begun).verdict(verdict -> {
                meter.held(door, request, Duration.ofNanos(System.nanoTime() - begun));
                if (verdict instanceof Verdict.Refuse(Refusal refusal)) {
                    tellRefused(door, request, refusal);
                }
                answer.accept(verdict);
            });
        }

        @Override
        public void happened(NodeEvent event, Duration budget) {
            Timely<Boolean> noted = new Timely<>();
            boolean begun = threads.begin(() -> noted.run(() -> note(event), late -> {}));
            if (!begun) {
                // An event must not be lost: the next sweep finds what it would have told.
                log.error("{}: {}; the next sweep finds out", event, tooManyBegun());
                return;
            }
            try {
                long end = System.nanoTime() + budget.toNanos();
                noted.await(() -> Duration.ofNanos(end - System.nanoTime()), heldUp);
            } catch (TooLateException e) {
                log.warn("{}: {}; continues in the background", event, e.getMessage());
            }
        }

        @Override
        public void happened(NodeEvent event, Duration budget, Runnable noted) {
            if (!threads.enter()) {
                log.error("{}: {}; the next sweep finds out", event, tooManyBegun());
                noted.run();
                return;
            }
            AtomicBoolean told = new AtomicBoolean();
            long last = System.nanoTime() + budget.toNanos();
            Supplier<Duration> left = () -> Duration.ofNanos(last - System.nanoTime());
            DecisionTimer.End end = timer.after(left, () -> told.get() || heldUp.getAsBoolean(), () -> {
                if (told.compareAndSet(false, true)) {
                    log.warn("{}: not noted within {} ms; continues in the background", event, budget.toMillis());
                    noted.run();
                }
            });
            try {
                note(event);
            } finally {
                threads.leave();
            }
            if (told.compareAndSet(false, true)) {
                end.callOff();
                noted.run();
            }
        }

        @Override
        public SynchronizeReport synchronize(RuntimeContents.Source runtime) throws IOException {
            return opened.join().synchronize(runtime);
        }
    }

    private boolean note(NodeEvent event) {
        try {
            opened.join().happened(event);
        } catch (RuntimeException e) {
            log.error("{}: {}", event, e.getMessage(), e);
        }
        return true;
    }

    private void tellRefused(Door door, NodeRequest request, Refusal refusal) {
        meter.count(NodeCounter.REFUSALS, refusal.reason());
        meter.note(new NodeIncident.Refused(door, request, refusal));
        refusals.refused(door, request, refusal, System.nanoTime());
    }

    /** One request on its way through the brain. */
    private final class Held {
        private final Door door;
        private final NodeRequest request;
        /** True for a call that came before the brain was open. */
        private final boolean waits;

        private final TimeLeft time;

        Held(Door door, NodeRequest request, TimeLimit limit, long begun) {
            this.door = door;
            this.request = request;
            this.waits = !opened.isDone();
            this.time = new TimeLeft(limit, !waits, begun);
        }

        Verdict verdict() {
            Optional<Brain> open = open();
            if (open.isEmpty()) {
                return undecided(request.asks(), time.stillOpening());
            }
            Brain brain = open.get();
            Timely<Verdict> decision = new Timely<>();
            if (!threads.begin(() -> decision.run(() -> decide(brain), verdict -> late(brain, verdict)))) {
                return undecided(brain.asks(request), tooManyBegun());
            }
            try {
                return decision.await(time::left, () -> passes(brain));
            } catch (TooLateException e) {
                return undecided(brain.asks(request), time.undecided());
            }
        }

        /** Decides on the calling thread; the answer gets the verdict, or what stands in for it at the end of the limit. */
        void verdict(Consumer<Verdict> answer) {
            Optional<Brain> open = open();
            if (open.isEmpty()) {
                answer.accept(undecided(request.asks(), time.stillOpening()));
                return;
            }
            Brain brain = open.get();
            AtomicBoolean answered = new AtomicBoolean();
            DecisionTimer.End end = timer.after(time::left, () -> answered.get() || passes(brain), () -> {
                if (answered.compareAndSet(false, true)) {
                    answer.accept(undecided(brain.asks(request), time.undecided()));
                }
            });
            Verdict verdict;
            if (!threads.enter()) {
                verdict = undecided(brain.asks(request), tooManyBegun());
            } else {
                try {
                    verdict = decide(brain);
                } finally {
                    threads.leave();
                }
            }
            if (answered.compareAndSet(false, true)) {
                end.callOff();
                answer.accept(verdict);
            } else {
                late(brain, verdict);
            }
        }

        /** Tells if the request passes before its time is over: it asks nothing, and the brain is held up. */
        private boolean passes(Brain brain) {
            return heldUp.getAsBoolean() && !brain.asks(request);
        }

        private Optional<Brain> open() {
            if (!waits) {
                return Optional.of(opened.join());
            }
            try {
                Brain brain = opened.get(time.left().toNanos(), TimeUnit.NANOSECONDS);
                time.canDecide();
                return Optional.of(brain);
            } catch (TimeoutException e) {
                return Optional.empty();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }

        /** Runs on a thread for decisions. */
        private Verdict decide(Brain brain) {
            long start = System.nanoTime();
            Verdict verdict = Faults.answered(brain, request);
            meter.decided(door, request, Duration.ofNanos(System.nanoTime() - start));
            if (!(verdict instanceof Verdict.Proceed proceed)) {
                return verdict;
            }
            return runtimeHasIt() ? settled(proceed) : bounded(brain, proceed);
        }

        private boolean runtimeHasIt() {
            return request instanceof NodeRequest.ConfirmPodSandbox || request instanceof NodeRequest.ConfirmContainer;
        }

        private String id() {
            return switch (request) {
                case NodeRequest.RunPodSandbox run -> "";
                case NodeRequest.CreateContainer create -> "";
                case NodeRequest.ConfirmPodSandbox confirm -> confirm.sandboxId();
                case NodeRequest.ConfirmContainer confirm -> confirm.containerId();
                case NodeRequest.UpdateContainer update -> update.containerId();
                case NodeRequest.UpdatePodSandbox update -> update.sandboxId();
            };
        }

        /** Completes a request about something that the runtime has made: its id is known. */
        private Verdict settled(Verdict.Proceed proceed) {
            if (isOver()) {
                return proceed; // late: completed where late verdicts are
            }
            try {
                proceed.completion().succeeded(id());
                return new Verdict.Proceed(proceed.resources(), Completion.NONE);
            } catch (RefusedException e) {
                return new Verdict.Refuse(e.refusal());
            } catch (RuntimeException e) {
                return Faults.verdict(request, asksNow(), e);
            }
        }

        private boolean isOver() {
            return time.left().isNegative();
        }

        private boolean asksNow() {
            return opened.join().asks(request);
        }

        private Verdict bounded(Brain brain, Verdict.Proceed proceed) {
            return proceed.completion().equals(Completion.NONE)
                    ? proceed
                    : new Verdict.Proceed(proceed.resources(), new Bounded(proceed.completion(), brain));
        }

        /**
         * Completes a verdict that comes after the door has answered: as failed, unless the runtime acts exactly as
         * decided.
         */
        private void late(Brain brain, Verdict verdict) {
            log.warn("{}: decided too late, after the runtime was answered", request.describe());
            if (!(verdict instanceof Verdict.Proceed proceed)) {
                return;
            }
            Completion completion =
                    proceed.completion() instanceof Bounded bounded ? bounded.completion : proceed.completion();
            try {
                if (id().isEmpty() || brain.asks(request) || proceed.resources() != null) {
                    completion.failed();
                } else {
                    completion.succeeded(id());
                }
            } catch (RefusedException e) {
                tellRefused(door, request, e.refusal());
            } catch (RuntimeException e) {
                log.error("{}: {}", request.describe(), e.getMessage(), e);
            }
        }

        private Verdict undecided(boolean asks, String why) {
            if (asks) {
                return new Verdict.Refuse(Faults.undecided(why));
            }
            log.error("{}: passes without a decision: {}", request.describe(), why);
            return new Verdict.Proceed(null, Completion.NONE);
        }

        /** A completion for which the door waits no longer than its budget. */
        private final class Bounded implements Completion {
            private final Completion completion;
            private final Brain brain;

            Bounded(Completion completion, Brain brain) {
                this.completion = completion;
                this.brain = brain;
            }

            @Override
            public void succeeded(String id) throws RefusedException {
                Timely<Optional<Refusal>> outcome = new Timely<>();
                boolean started = threads.begin(() -> outcome.run(
                        () -> succeed(id), late -> late.ifPresent(refused -> tellRefused(door, request, refused))));
                Optional<Refusal> refusal;
                try {
                    refusal = started ? outcome.await(time.ofDecision()) : succeed(id);
                } catch (TooLateException e) {
                    refusal = brain.asks(request)
                            ? Optional.of(Faults.undecided(
                                    "not written within " + time.ofDecision().toMillis() + " ms"))
                            : Optional.empty();
                }
                if (refusal.isPresent()) {
                    tellRefused(door, request, refusal.get());
                    throw new RefusedException(refusal.get());
                }
            }

            private Optional<Refusal> succeed(String id) {
                try {
                    completion.succeeded(id);
                    return Optional.empty();
                } catch (RefusedException e) {
                    return Optional.of(e.refusal());
                } catch (RuntimeException e) {
                    log.error("{}: {}", request.describe(), e.getMessage(), e);
                    return brain.asks(request) ? Optional.of(Faults.of(e)) : Optional.empty();
                }
            }

            @Override
            public void failed() {
                Timely<Boolean> told = new Timely<>();
                if (!threads.begin(() -> told.run(this::fail, late -> {}))) {
                    fail();
                    return;
                }
                try {
                    told.await(time.ofDecision());
                } catch (TooLateException e) {
                    log.warn("{}: {}; continues in the background", request.describe(), e.getMessage());
                }
            }

            private boolean fail() {
                try {
                    completion.failed();
                } catch (RuntimeException e) {
                    log.error("{}: {}", request.describe(), e.getMessage(), e);
                }
                return true;
            }
        }
    }

    private static String tooManyBegun() {
        return DecisionThreads.MOST_BEGUN + " decisions are still under way";
    }
}
