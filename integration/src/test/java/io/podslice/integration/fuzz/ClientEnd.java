package io.podslice.integration.fuzz;

import io.podslice.grpc.Header;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The end of a connection that makes calls. */
final class ClientEnd extends Peer {

    private static final int NO_ERROR = 0;
    private static final int CANCEL = 8;

    private final List<CallPlan> plans;
    private int opened;
    private int lastId = -1;

    ClientEnd(
            SocketChannel channel,
            Random random,
            Manners manners,
            Mangler mangler,
            HuffmanCode huffman,
            List<CallPlan> plans) {
        super(channel, random, manners, mangler, huffman);
        this.plans = plans;
        sendPreface();
        begin();
    }

    @Override
    StreamState opened(int stream, List<Header> fields) {
        throw new Violation("stream %d, which the client has not opened, with %s".formatted(stream, fields));
    }

    @Override
    boolean act(boolean idle) {
        if (opened < plans.size() && random.nextInt(4) == 0) {
            open(plans.get(opened++));
            return true;
        }
        StreamState stream = any();
        if (stream == null || stream.isOver()) {
            return false;
        }
        CallPlan plan = stream.plan;
        if (plan.cancelAfter() >= 0 && stream.bodySent >= plan.cancelAfter() && !stream.gotEnd && !stream.gotReset) {
            reset(stream, CANCEL);
            return true;
        }
        if (stream.maySend()) {
            if (stream.gotEnd && random.nextInt(3) == 0) {
                reset(stream, random.nextBoolean() ? NO_ERROR : CANCEL);
                return true;
            }
            return sendMore(stream);
        }
        if (plan.patience() >= 0 && stream.mayReceive() && stream.looks++ >= plan.patience()) {
            reset(stream, CANCEL);
            return true;
        }
        return false;
    }

    private void open(CallPlan plan) {
        // Ids may be skipped (section 5.1.1).
        lastId += 2 * (random.nextInt(10) == 0 ? 1 + random.nextInt(50) : 1);
        StreamState stream = add(lastId, plan);
        stream.body = plan.body();
        stream.trailers = plan.trailers();
        boolean end = plan.body().isEmpty() && plan.trailers().isEmpty() && random.nextBoolean();
        sendHeaders(stream, plan.headers(), end);
    }

    @Override
    boolean isDone() {
        return opened == plans.size() && streams.values().stream().allMatch(StreamState::isOver);
    }

    /** Tells if a held call was made whose message the client has not sent as announced. */
    boolean withheld(CallPlan plan) {
        StreamState stream = plan.kind() == CallPlan.Kind.HELD ? stream(plan) : null;
        return stream != null
                && (!plan.wholeMessage() || stream.bodySent < plan.body().size());
    }

    /** Returns the stream of a call; null where it was not made. */
    @Nullable
    StreamState stream(CallPlan plan) {
        return streams.values().stream()
                .filter(stream -> stream.plan.id() == plan.id())
                .findAny()
                .orElse(null);
    }
}
