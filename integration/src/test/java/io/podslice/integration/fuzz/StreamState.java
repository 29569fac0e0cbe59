package io.podslice.integration.fuzz;

import com.google.protobuf.ByteString;
import io.podslice.grpc.Header;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** One stream as one end of the connection sees it. */
final class StreamState {

    final int id;
    final CallPlan plan;

    /** The body that this end sends; its own header fields are sent apart. */
    ByteString body = ByteString.EMPTY;

    List<Header> trailers = List.of();
    int bodySent;
    boolean headersSent;
    boolean sentEnd;
    boolean sentReset;
    final List<List<Header>> sentHeaders = new ArrayList<>();

    final List<List<Header>> gotHeaders = new ArrayList<>();
    final ByteArrayOutputStream gotBody = new ByteArrayOutputStream();
    boolean gotEnd;
    boolean gotReset;
    int gotResetCode;

    long sendWindow;
    long receiveWindow;
    int unreturned;

    /** The number of times that this end has looked at the stream without anything to do. */
    int looks;

    /** The number of empty DATA frames sent for want of a window. */
    int blanks;

    StreamState(int id, CallPlan plan, int sendWindow, int receiveWindow) {
        this.id = id;
        this.plan = plan;
        this.sendWindow = sendWindow;
        this.receiveWindow = receiveWindow;
    }

    boolean maySend() {
        return !sentEnd && !sentReset && !gotReset;
    }

    boolean mayReceive() {
        return !gotEnd && !sentReset && !gotReset;
    }

    boolean isOver() {
        return !maySend() && !mayReceive();
    }

    @Override
    public String toString() {
        return ("stream %d %s call %d: sent %d headers, %d of %d bytes%s%s; got %d headers, %d bytes%s%s;"
                        + " may send %d and receive %d; %s, reply %s %d%s")
                .formatted(
                        id,
                        plan.kind(),
                        plan.id(),
                        sentHeaders.size(),
                        bodySent,
                        body.size(),
                        sentEnd ? ", end" : "",
                        sentReset ? ", reset" : "",
                        gotHeaders.size(),
                        gotBody.size(),
                        gotEnd ? ", end" : "",
                        gotReset ? ", reset " + gotResetCode : "",
                        sendWindow,
                        receiveWindow,
                        plan.decision().getClass().getSimpleName(),
                        plan.reply().when(),
                        plan.reply().body().size(),
                        plan.reply().reset() >= 0 ? " reset" : "");
    }
}
