package io.podslice.shim.tap;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The PINGs of one peer, and which of them the tap answers in the other peer's place. Guarded by the connection's lock.
 *
 * <p>A gRPC server counts a strike for each PING that follows another without HEADERS or DATA of the server's own in
 * between (grpc-go: unless its MinTime, 5 minutes by default, has passed; 2 hours on a connection without a stream), and
 * ends the connection with GOAWAY, too_many_pings, at the third. A gRPC client measures bandwidth by a PING after DATA,
 * and counts on that. Frames that the tap sends, its own or held ones, provoke such PINGs, but reset no strike at a
 * server that did not send them; so the PING after them is answered here. Later ones of the same run (PINGs with no
 * frame between them) reach the server only as far as it cannot have counted more strikes than it would have without a
 * tap, where each frame resets them; the others are answered here too. A run that goes on soon reaches the server again,
 * so a peer that watches by PINGs whether the other one lives still finds out.
 *
 * <p>Acknowledgements keep the order of their PINGs: one of the tap's waits until the other peer has given those before
 * it.
 */
final class PingLedger {
    /** Strikes after which gRPC's servers end a connection at the next one, by default. */
    private static final int MOST_SPENT = 2;

    /** PINGs without an acknowledgement that are remembered; in a flood of more, PINGs pass as they come. */
    private static final int MOST_REMEMBERED = 64;

    /** A PING that is not acknowledged. */
    private record Asked(long opaque, boolean here) {}

    private final ArrayDeque<Asked> unanswered = new ArrayDeque<>();
    /** PINGs that passed while too many were remembered, and are not acknowledged. */
    private int forgotten;
    /** Of the remembered PINGs those that passed. */
    private int outstanding;
    /** True if since the peer's last PING a frame of the tap's has gone to it, and after that none of the other peer. */
    private boolean own;
    /** True once any frame of the tap's has gone to the peer. */
    private boolean used;
    /** PINGs since the last frame of either kind, up to {@link #MOST_SPENT}; not counted is the one that own provoked. */
    private int run;
    /** PINGs that passed since the other peer's last frame, up to {@link #MOST_SPENT}. */
    private int spent;
    /** True once every PING must pass. */
    private boolean off;

    /** Notes HEADERS or DATA that the tap sends to the peer in a moment of its own choosing. */
    void sendsOwn() {
        own = true;
        used = true;
        run = 0;
    }

    /** Notes HEADERS or DATA of the other peer that go to the peer in their turn: that one can answer for them. */
    void otherPasses() {
        own = false;
    }

    /**
     * Notes HEADERS or DATA of the other peer, passed on or kept waiting. While a PING is on its way to that peer, the frame
     * may have been sent before the PING came, and resets nothing after it.
     */
    void otherSends() {
        run = 0;
        if (outstanding == 0 && forgotten == 0) {
            spent = 0;
        }
    }

    /** Lets every PING pass from now on. */
    void passAll() {
        off = true;
    }

    /** Tells whether a PING with these bytes has passed, or may have, and is not acknowledged. */
    boolean awaits(long opaque) {
        if (forgotten > 0) {
            return true;
        }
        for (Asked asked : unanswered) {
            if (!asked.here() && asked.opaque() == opaque) {
                return true;
            }
        }
        return false;
    }

    /**
     * Tells whether the peer's next PING is answered here.
     *
     * @param alone true while the peer has a stream open that the other peer knows nothing of any more
     */
    boolean answersNext(boolean alone) {
        boolean room = forgotten == 0 && unanswered.size() < MOST_REMEMBERED;
        return !off && room && (alone || own || (used && spent > run));
    }

    /**
     * Notes a PING that is answered here.
     *
     * @return true if its acknowledgement can be sent at once; false if {@link #acknowledged} returns it later
     */
    boolean answered(long opaque) {
        used = true;
        count();
        if (unanswered.isEmpty()) {
            return true;
        }
        unanswered.add(new Asked(opaque, true));
        return false;
    }

    /** Notes a PING that passes. */
    void passed(long opaque) {
        count();
        spent = Math.min(spent + 1, MOST_SPENT);
        if (unanswered.size() < MOST_REMEMBERED && forgotten == 0) {
            unanswered.add(new Asked(opaque, false));
            outstanding++;
        } else {
            forgotten++;
        }
    }

    private void count() {
        if (own) {
            own = false;
        } else {
            run = Math.min(run + 1, MOST_SPENT);
        }
    }

    /**
     * Notes an acknowledgement of the other peer, of the oldest PING with these bytes that has passed.
     *
     * @return the bytes of the acknowledgements of the tap's own that follow it, in order
     */
    List<Long> acknowledged(long opaque) {
        if (!removePassed(opaque)) {
            forgotten = Math.max(0, forgotten - 1);
            return List.of();
        }
        if (unanswered.isEmpty() || !unanswered.peek().here()) {
            return List.of();
        }
        List<Long> following = new ArrayList<>();
        for (Asked next = unanswered.peek(); next != null && next.here(); next = unanswered.peek()) {
            following.add(next.opaque());
            unanswered.poll();
        }
        return following;
    }

    private boolean removePassed(long opaque) {
        for (Iterator<Asked> each = unanswered.iterator(); each.hasNext(); ) {
            Asked asked = each.next();
            if (!asked.here() && asked.opaque() == opaque) {
                each.remove();
                outstanding--;
                return true;
            }
        }
        return false;
    }
}
