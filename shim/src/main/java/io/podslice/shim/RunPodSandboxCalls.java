package io.podslice.shim;

import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.node.Completion;
import io.podslice.node.Node;
import io.podslice.node.Verdict.Proceed;
import io.podslice.node.Verdict.Refuse;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxResponse;
import io.podslice.shim.runtime.CriRecords;
import io.podslice.shim.tap.Decision;
import io.podslice.shim.tap.HeldCall;
import io.podslice.shim.tap.Outcome;
import java.nio.ByteBuffer;

/** RunPodSandbox: the pod is admitted, and its cgroup made, before the runtime sees the call. */
final class RunPodSandboxCalls extends CriCalls<RunPodSandboxRequest> {
    private final Node node;
    private final Claims claims;

    RunPodSandboxCalls(Node node, Claims claims) {
        this.node = node;
        this.claims = claims;
    }

    @Override
    RunPodSandboxRequest parse(ByteBuffer message) throws InvalidProtocolBufferException {
        return RunPodSandboxRequest.parseFrom(message);
    }

    @Override
    boolean isClaimed(RunPodSandboxRequest request) {
        return Claims.areIn(request.getConfig().getAnnotationsMap());
    }

    @Override
    Decision decide(RunPodSandboxRequest request, HeldCall call) {
        boolean claimed = isClaimed(request);
        return switch (node.runPodSandbox(CriRecords.sandbox(request.getConfig()))) {
            case Refuse(var refusal) -> Refusals.reply(refusal);
            case Proceed proceed -> new Decision.Forward(outcome(proceed.completion(), claimed));
        };
    }

    private Outcome outcome(Completion completion, boolean claimed) {
        return new CompletionOutcome(completion, reply -> {
            String id = RunPodSandboxResponse.parseFrom(reply).getPodSandboxId();
            if (claimed) {
                claims.addSandbox(id);
            }
            return id;
        });
    }
}
