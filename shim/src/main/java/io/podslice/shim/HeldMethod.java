package io.podslice.shim;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.Node;
import io.podslice.node.NodeRequest;
import io.podslice.node.Verdict.Proceed;
import io.podslice.node.Verdict.Refuse;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.shim.runtime.CriRecords;
import io.podslice.shim.tap.Decision;
import io.podslice.shim.tap.Held;
import io.podslice.shim.tap.HeldCall;
import io.podslice.shim.tap.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A CRI method that the brain decides on before the runtime sees it: its messages translated, and nothing else.
 *
 * @param node decides
 * @param budget how long it may take, from the moment at which podslice can decide
 * @param parser reads the request message
 * @param request translates it for the brain
 * @param resources the part that a verdict may replace; empty where the method has none
 * @param id finds the sandbox's or container's id in the reply
 */
record HeldMethod<M extends MessageLite>(
        Node node,
        Duration budget,
        Parser<M> parser,
        Function<M, NodeRequest> request,
        Optional<Resources<M>> resources,
        IdInReply<M> id)
        implements Held {

    /** Reads a message. */
    interface Parser<M> {
        M parse(ByteBuffer message) throws InvalidProtocolBufferException;
    }

    /** Finds the sandbox's or container's id. */
    interface IdInReply<M> {
        String find(M request, ByteBuffer reply) throws InvalidProtocolBufferException;
    }

    /**
     * The place of {@code linux.resources} in a request.
     *
     * @param of reads them
     * @param path field numbers from the message down to them
     */
    record Resources<M>(Function<M, LinuxContainerResources> of, List<Integer> path) {
        public Resources {
            path = List.copyOf(path);
        }

        private ByteBuffer spliced(ByteBuffer message, LinuxContainerResources rewritten) throws IOException {
            int[] fields = path.stream().mapToInt(Integer::intValue).toArray();
            return Splice.replace(message, rewritten.toByteString(), fields);
        }
    }

    @Override
    public boolean needsContentType() {
        return true;
    }

    @Override
    public void decide(HeldCall call, Consumer<Decision> answer) {
        M message;
        try {
            message = parser.parse(call.message());
        } catch (InvalidProtocolBufferException e) {
            answer.accept(Refusals.unreadable(call.message(), e));
            return;
        }
        node.decide(
                request.apply(message),
                CallLimit.of(budget, call.patience()),
                verdict -> answer.accept(
                        switch (verdict) {
                            case Refuse(var refusal) -> Refusals.reply(refusal);
                            case Proceed proceed -> proceed(message, call, proceed);
                        }));
    }

    /** Tells the brain of the call's end, with the id that the runtime's reply names. */
    private record Told<M>(Completion completion, IdInReply<M> id, M request) implements Outcome {

        @Override
        public void succeeded(ByteBuffer reply) throws Exception {
            String found;
            try {
                found = id.find(request, reply);
            } catch (InvalidProtocolBufferException e) {
                completion.failed();
                throw e;
            }
            completion.succeeded(found);
        }

        @Override
        public void failed() {
            completion.failed();
        }
    }

    private Decision proceed(M message, HeldCall call, Proceed proceed) {
        // Without one the reply passes as it comes, unread.
        Outcome outcome = proceed.completion().equals(Completion.NONE)
                ? Outcome.NONE
                : new Told<>(proceed.completion(), id, message);
        LinuxResources decided = proceed.resources();
        if (decided == null || resources.isEmpty()) {
            return new Decision.Forward(outcome);
        }
        LinuxContainerResources original = resources.get().of().apply(message);
        if (decided.equals(CriRecords.resources(original))) {
            return new Decision.Forward(outcome);
        }
        LinuxContainerResources rewritten = CriRecords.rewritten(original, decided);
        try {
            return new Decision.Replace(resources.get().spliced(call.message(), rewritten), outcome);
        } catch (IOException e) {
            // The message was parsed before, so its fields are where they must be.
            throw new UncheckedIOException(e);
        }
    }
}
