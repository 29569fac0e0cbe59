package io.podslice.integration.fuzz;

import io.podslice.grpc.Header;
import io.podslice.integration.fuzz.CallPlan.Reply;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The end of a connection that answers calls, as each call's plan says. */
final class RuntimeEnd extends Peer {

    private static final int NO_ERROR = 0;

    private final Ledger ledger;
    private int lastId;

    RuntimeEnd(
            SocketChannel channel,
            Random random,
            Manners manners,
            Mangler mangler,
            HuffmanCode huffman,
            Ledger ledger) {
        super(channel, random, manners, mangler, huffman);
        this.ledger = ledger;
        expectPreface();
        begin();
    }

    @Override
    StreamState opened(int id, List<Header> fields) {
        if (id % 2 == 0 || id <= lastId) {
            throw new Violation("stream %d opened after %d".formatted(id, lastId));
        }
        lastId = id;
        return add(id, ledger.plan(fields));
    }

    @Override
    boolean act(boolean idle) {
        StreamState stream = any();
        if (stream == null || stream.isOver()) {
            return false;
        }
        Reply reply = stream.plan.reply();
        if (!stream.maySend()) {
            if (reply.resetsAfterEarlyEnd() && random.nextInt(3) == 0) {
                reset(stream, NO_ERROR);
                return true;
            }
            return false;
        }
        if (!isDue(stream)) {
            return false;
        }
        if (stream.headersSent) {
            if (reply.reset() >= 0 && (stream.bodySent == stream.body.size() || random.nextInt(20) == 0)) {
                reset(stream, reply.reset());
                return true;
            }
            return sendMore(stream);
        }
        if (reply.reset() >= 0 && random.nextBoolean()) {
            reset(stream, reply.reset());
        } else if (reply.headers().isEmpty()) {
            sendHeaders(stream, reply.trailers(), true);
        } else {
            stream.body = reply.body();
            stream.trailers = reply.trailers();
            sendHeaders(stream, reply.headers(), false);
        }
        return true;
    }

    private static boolean isDue(StreamState stream) {
        return switch (stream.plan.reply().when()) {
            case AT_ONCE -> true;
            case MIDWAY ->
                stream.gotEnd || stream.gotBody.size() * 2 > stream.plan.body().size();
            case AT_THE_END -> stream.gotEnd;
            case NEVER -> false;
        };
    }

    @Override
    boolean isDone() {
        return streams.values().stream().allMatch(StreamState::isOver);
    }

    /** Returns the stream of a call; null where it has not come. */
    @Nullable
    StreamState stream(CallPlan plan) {
        return streams.values().stream()
                .filter(stream -> stream.plan.id() == plan.id())
                .findAny()
                .orElse(null);
    }
}
