package io.podslice.shim;

import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.node.Completion;
import io.podslice.node.Node;
import io.podslice.node.NodeRequest;
import io.podslice.node.RefusedException;
import io.podslice.node.Verdict.Proceed;
import io.podslice.node.Verdict.Refuse;
import io.podslice.proto.cri.v1.PodSandboxStatusRequest;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.podslice.shim.HeldMethod.Parser;
import io.podslice.shim.runtime.CriRecords;
import io.podslice.shim.runtime.RuntimeCall;
import io.podslice.shim.tap.Decision;
import io.podslice.shim.tap.Held;
import io.podslice.shim.tap.HeldCall;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * UpdatePodSandboxResources. The brain decides, then the runtime is asked by a call of podslice's own: the pod changes
 * only if the runtime agrees, and the client is told only then. Runtimes that do not know the call (containerd before
 * 2.2: Unimplemented) or do nothing (2.2: Unknown, "not implemented") do not stand in the way: the kubelet takes these
 * answers for agreement, too. A runtime that cannot say so by the call itself is asked for the pod's status, and NotFound is
 * passed on.
 */
final class UpdatePodSandboxMethod implements Held {
    private static final Parser<UpdatePodSandboxResourcesRequest> PARSER = Excerpt.parser(
            UpdatePodSandboxResourcesRequest::getDescriptor, UpdatePodSandboxResourcesRequest::parseFrom);

    private final Node node;
    private final Duration budget;
    private final Supplier<RuntimeCall> calls;
    private final String statusPath;

    /**
     * @param budget how long the brain may take
     * @param calls makes a new call to the runtime, at each request
     * @param statusPath the path of PodSandboxStatus, by which a runtime that does not know the call is asked for the pod
     */
    UpdatePodSandboxMethod(Node node, Duration budget, Supplier<RuntimeCall> calls, String statusPath) {
        this.node = node;
        this.budget = budget;
        this.calls = calls;
        this.statusPath = statusPath;
    }

    @Override
    public boolean needsContentType() {
        return true;
    }

    @Override
    public void decide(HeldCall call, Consumer<Decision> answer) {
        long begun = System.nanoTime();
        UpdatePodSandboxResourcesRequest request;
        try {
            request = PARSER.parse(call.message());
        } catch (InvalidProtocolBufferException e) {
            answer.accept(Refusals.unreadable(call.message(), e));
            return;
        }
        String id = request.getPodSandboxId();
        NodeRequest asked = new NodeRequest.UpdatePodSandbox(
                id,
                Map.of(),
                CriRecords.resources(request.getOverhead()),
                CriRecords.resources(request.getResources()));
        node.decide(
                asked,
                CallLimit.of(budget, call.patience()),
                verdict -> answer.accept(
                        switch (verdict) {
                            case Refuse(var refusal) -> Refusals.reply(refusal);
                            case Proceed proceed ->
                                new Decision.AnswerLater(new Update(id, call, proceed.completion(), begun));
                        }));
    }

    private final class Update implements Decision.LateReply {
        private final String sandbox;
        private final HeldCall call;
        private final Completion completion;
        private final long begun;

        Update(String sandbox, HeldCall call, Completion completion, long begun) {
            this.sandbox = sandbox;
            this.call = call;
            this.completion = completion;
            this.begun = begun;
        }

        @Override
        public void dropped() {
            completion.failed();
        }

        private RuntimeCall.Result ask(String path, ByteBuffer message) throws IOException {
            RuntimeCall asking = calls.get();
            call.onCancel(asking::cancel);
            return asking.repeat(path, call.headers(), message, call.patience(), begun);
        }

        private ByteBuffer statusRequest() {
            return PodSandboxStatusRequest.newBuilder()
                    .setPodSandboxId(sandbox)
                    .build()
                    .toByteString()
                    .asReadOnlyByteBuffer();
        }

        @Override
        public Decision.Reply get() {
            RuntimeCall.Result result;
            try {
                result = ask(call.path(), call.message());
                if (result.lacksMethod()) {
                    RuntimeCall.Result status = ask(statusPath, statusRequest());
                    if (status.isNotFound()) {
                        completion.failed();
                        return status.reply();
                    }
                }
            } catch (IOException e) {
                completion.failed();
                return Refusals.runtimeUnreachable(e);
            }
            if (!result.isOk() && !result.lacksMethod()) {
                completion.failed();
                return result.reply();
            }
            try {
                completion.succeeded(sandbox);
                return result.isOk() ? result.reply() : new Decision.Answer(ByteBuffer.allocate(0));
            } catch (RefusedException e) {
                return Refusals.reply(e.refusal());
            }
        }
    }
}
