package io.podslice.shim.tap;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A held method whose decisions a test makes, one after the other, and whose outcomes it sees. */
final class Deciding implements Held {
    static final String PATH = "/s/Held";

    /** Calls that wait for a decision. */
    final LinkedBlockingQueue<HeldCall> calls = new LinkedBlockingQueue<>();

    /** Outcomes, as text. */
    final LinkedBlockingQueue<String> outcomes = new LinkedBlockingQueue<>();

    private final LinkedBlockingQueue<Decision> decisions = new LinkedBlockingQueue<>();

    void decideNext(Decision decision) {
        decisions.add(decision);
    }

    Outcome outcome() {
        return new Outcome() {
            @Override
            public void succeeded(ByteBuffer reply) {
                outcomes.add("succeeded " + StandardCharsets.UTF_8.decode(reply.duplicate()));
            }

            @Override
            public void failed() {
                outcomes.add("failed");
            }
        };
    }

    /** The next outcome; {@code none} if there is none for a while. */
    String nextOutcome() throws InterruptedException {
        String outcome = outcomes.poll(20, TimeUnit.SECONDS);
        return outcome == null ? "none" : outcome;
    }

    HeldCall nextCall() throws InterruptedException {
        HeldCall call = calls.poll(20, TimeUnit.SECONDS);
        if (call == null) {
            throw new AssertionError("no call was held");
        }
        return call;
    }

    @Override
    public void decide(HeldCall call, Consumer<Decision> answer) throws InterruptedException {
        calls.add(call);
        answer.accept(decisions.take());
    }
}
