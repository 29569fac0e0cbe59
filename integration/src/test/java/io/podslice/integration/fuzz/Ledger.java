package io.podslice.integration.fuzz;

import com.google.protobuf.ByteString;
import io.podslice.grpc.GrpcStatus;
import io.podslice.grpc.Header;
import io.podslice.integration.fuzz.CallPlan.Decide;
import io.podslice.shim.tap.Decision;
import io.podslice.shim.tap.Held;
import io.podslice.shim.tap.HeldCall;
import io.podslice.shim.tap.Interception;
import io.podslice.shim.tap.Observed;
import io.podslice.shim.tap.Outcome;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The decisions of the tap's handlers and the outcomes that the tap told them: one entry for each call, written by the
 * tap's threads.
 */
final class Ledger {

    private static final int ID_BYTES = 16;
    private static final int MOST_RETIRED = 2_000;

    private final Map<Long, Entry> entries = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<Long> retired = new LinkedBlockingQueue<>();

    /** The events of one call. */
    static final class Entry {
        final CallPlan plan;
        final AtomicInteger decided = new AtomicInteger();

        /** The number of decisions that wait for an outcome, and of outcomes told; late ones count too. */
        final AtomicInteger letGo = new AtomicInteger();

        final AtomicInteger succeeded = new AtomicInteger();
        final AtomicInteger failed = new AtomicInteger();
        final AtomicInteger observed = new AtomicInteger();
        final ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();

        Entry(CallPlan plan) {
            this.plan = plan;
        }

        void compare(String what, Object expected, Object actual) {
            if (!expected.equals(actual)) {
                complaints.add("%s of call %d is %s, not %s".formatted(what, plan.id(), actual, expected));
            }
        }

        @Override
        public String toString() {
            return "call %d: decided %s, let go %s, succeeded %s, failed %s, observed %s %s"
                    .formatted(plan.id(), decided, letGo, succeeded, failed, observed, complaints);
        }
    }

    /** The text of the exception that is thrown on purpose. */
    static final String PLANNED = new Planned().toString();

    /** An exception that is thrown on purpose. */
    private static final class Planned extends Exception {
        private static final long serialVersionUID = 1;

        @Override
        public Throwable fillInStackTrace() {
            return this; // its stack trace is never read, and would be made thousands of times
        }
    }

    Entry add(CallPlan plan) {
        Entry entry = new Entry(plan);
        entries.put(plan.id(), entry);
        return entry;
    }

    /** Marks the call as over; what the tap tells of it within a while still counts. */
    void retire(CallPlan plan) {
        retired.add(plan.id());
        if (retired.size() > MOST_RETIRED) {
            Long oldest = retired.poll();
            if (oldest != null) {
                entries.remove(oldest);
            }
        }
    }

    CallPlan plan(Iterable<Header> fields) {
        return entry(fields).plan;
    }

    private Entry entry(Iterable<Header> fields) {
        for (Header field : fields) {
            if (field.name().equals(CallPlan.ID_HEADER)) {
                return entry(CallPlan.id(field.value()));
            }
        }
        throw new Violation("no call id among " + fields);
    }

    private Entry entry(long id) {
        Entry entry = entries.get(id);
        if (entry == null) {
            throw new Violation("no plan makes a call " + id + " now");
        }
        return entry;
    }

    /** Returns a message that carries its call's id, for places where the tap hands over nothing else. */
    static ByteString signed(long id, ByteString message) {
        ByteBuffer prefix = ByteBuffer.allocate(ID_BYTES)
                .putLong(id)
                .putLong(CallPlan.seal(id))
                .flip();
        return ByteString.copyFrom(prefix).concat(message);
    }

    Map<String, Interception> interceptions() {
        Observed observed = this::observe;
        return Map.of(CallPlan.HELD, new Handler(), CallPlan.OBSERVED, observed);
    }

    private void observe(ByteBuffer request, ByteBuffer reply) {
        Entry entry = entry(CallPlan.id(request.getLong(request.position()), request.getLong(request.position() + 8)));
        entry.compare("observed request", entry.plan.message(), ByteString.copyFrom(request));
        entry.compare("observed reply", entry.plan.reply().message(), ByteString.copyFrom(reply));
        entry.observed.incrementAndGet();
    }

    private final class Handler implements Held {

        @Override
        public void decide(HeldCall call, Consumer<Decision> answer) throws Exception {
            answer.accept(decision(call));
        }

        private Decision decision(HeldCall call) throws Exception {
            Entry entry = entry(call.headers());
            entry.decided.incrementAndGet();
            entry.compare("path", entry.plan.path(), call.path());
            entry.compare("headers", entry.plan.headers(), call.headers());
            if (entry.plan.wholeMessage()) {
                entry.compare("message", entry.plan.message(), ByteString.copyFrom(call.message()));
            }
            return switch (entry.plan.decision()) {
                case Decide.Throw thrown -> throw new Planned();
                case Decide.Hang hang -> {
                    Thread.sleep(hang.millis());
                    yield decision(entry, hang.then());
                }
                case Decide other -> decision(entry, other);
            };
        }

        private Decision decision(Entry entry, Decide decide) {
            return switch (decide) {
                case Decide.Forward forward -> new Decision.Forward(outcome(entry));
                case Decide.Replace replace -> new Decision.Replace(buffer(replace.message()), outcome(entry));
                case Decide.Answer answer -> new Decision.Answer(buffer(answer.message()));
                case Decide.AnswerLater later -> new Decision.AnswerLater(later(entry, later));
                case Decide.Fail fail -> new Decision.Fail(new GrpcStatus(fail.code(), fail.text()));
                case Decide.Throw thrown -> throw new IllegalStateException("thrown twice");
                case Decide.Hang hang -> throw new IllegalStateException("hung twice");
            };
        }

        private Decision.LateReply later(Entry entry, Decide.AnswerLater later) {
            entry.letGo.incrementAndGet();
            return new Decision.LateReply() {
                @Override
                public Decision.Reply get() throws InterruptedException {
                    entry.succeeded.incrementAndGet();
                    Thread.sleep(1);
                    return new Decision.Answer(buffer(later.message()));
                }

                @Override
                public void dropped() {
                    entry.failed.incrementAndGet();
                }
            };
        }

        private ByteBuffer buffer(ByteString bytes) {
            return bytes.asReadOnlyByteBuffer();
        }

        private Outcome outcome(Entry entry) {
            entry.letGo.incrementAndGet();
            return new Outcome() {
                @Override
                public void succeeded(ByteBuffer reply) {
                    entry.compare("reply", entry.plan.reply().message(), ByteString.copyFrom(reply));
                    entry.succeeded.incrementAndGet();
                }

                @Override
                public void failed() {
                    entry.failed.incrementAndGet();
                }
            };
        }
    }
}
