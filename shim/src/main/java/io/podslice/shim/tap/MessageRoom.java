package io.podslice.shim.tap;

import io.podslice.grpc.GrpcStatus;
import io.podslice.shim.tap.HeldBytes.Claim;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one held message, and the wait for it: as long as there is none the client is granted no window, and at its
 * deadline the call ends. Guarded by the connection's lock.
 */
final class MessageRoom {
    private final Connection connection;
    private final Call call;
    private final Deadline deadline;
    private final Runnable granted;
    private final Runnable expired;
    private @Nullable Claim claim;
    private boolean asked;
    private boolean waits;
    private boolean slows;
    private boolean released;
    private long loose;

    /**
     * @param call collects the message
     * @param timeout the time that the client waits from now on; null: for ever
     * @param granted run without the lock, once a message that {@link #waits} need not
     * @param expired run without the lock, once the client waits no longer for a call whose message is not at hand
     */
    MessageRoom(Call call, @Nullable Duration timeout, Runnable granted, Runnable expired) {
        this.call = call;
        this.connection = call.connection;
        this.deadline = new Deadline(timeout);
        this.granted = granted;
        this.expired = expired;
    }

    /**
     * Finds memory for bytes that have come, and for the whole message once its length is known.
     *
     * @return the status of a call for which there is none; null if there is, or will be
     */
    @Nullable
    GrpcStatus take(int bytes) {
        long length = call.requestLength();
        if (length >= 0 && !asked) {
            asked = true;
            if (length > connection.options.maxMessageBytes()) {
                return Message.tooLarge(length, connection.options.maxMessageBytes());
            }
            claim(Message.framedLength(length));
        }
        if (claim != null && !waits) {
            return null;
        }
        if (!connection.held.takeLoose(bytes)) {
            return HeldBytes.exhausted();
        }
        loose += bytes;
        return null;
    }

    private void claim(long framed) {
        if (!connection.held.isSmall(framed)) {
            claim = connection.held.claim(framed, granted);
            waits = true;
            if (!look() && call.requestLacks() > 0) {
                slows = true;
                connection.brake.waits(1);
            }
        }
    }

    /** Sees whether there is memory for the message; true if there is. */
    boolean look() {
        if (waits && claim != null && connection.held.isGranted(claim)) {
            waits = false;
            releaseLoose();
            call.makeRoomForRequest();
            slowsNoLonger();
        }
        return !waits;
    }

    /** Tells whether the message waits for memory. */
    boolean waits() {
        return waits;
    }

    /** Notes that the message is not at hand yet: the client's deadline counts. */
    void isAwaited() {
        deadline.start(connection.spare(), expired);
    }

    /** Notes that the message is at hand, or awaited no longer. */
    void isAtHand() {
        deadline.cancel();
        slowsNoLonger();
    }

    /** Notes that nothing more of the message is to come, so that the client need not be slowed down for it. */
    void slowsNoLonger() {
        if (slows) {
            slows = false;
            connection.brake.waits(-1);
        }
    }

    /** Gives the memory back; a second time does nothing. */
    void release() {
        if (released) {
            return;
        }
        released = true;
        waits = false;
        isAtHand();
        releaseLoose();
        call.forgetRequest();
        if (claim != null) {
            connection.held.release(claim);
        }
    }

    private void releaseLoose() {
        connection.held.releaseLoose(loose);
        loose = 0;
    }
}
