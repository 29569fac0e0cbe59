package io.podslice.shim;

import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Node;
import io.podslice.node.Verdict.Proceed;
import io.podslice.node.Verdict.Refuse;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.shim.runtime.CriRecords;
import io.podslice.shim.tap.Decision;
import io.podslice.shim.tap.HeldCall;
import io.podslice.shim.tap.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;

/** UpdateContainerResources: nobody's update takes a container's CPUs away, or turns its quota on. */
final class UpdateContainerCalls extends CriCalls<UpdateContainerResourcesRequest> {
    private final Node node;
    private final Claims claims;

    UpdateContainerCalls(Node node, Claims claims) {
        this.node = node;
        this.claims = claims;
    }

    @Override
    UpdateContainerResourcesRequest parse(ByteBuffer message) throws InvalidProtocolBufferException {
        return UpdateContainerResourcesRequest.parseFrom(message);
    }

    @Override
    boolean isClaimed(UpdateContainerResourcesRequest request) {
        return claims.ofContainer(request.getContainerId());
    }

    @Override
    Decision decide(UpdateContainerResourcesRequest request, HeldCall call) throws IOException {
        String id = request.getContainerId();
        return switch (node.updateContainerResources(id, CriRecords.resources(request.getLinux()))) {
            case Refuse(var refusal) -> Refusals.reply(refusal);
            case Proceed proceed -> proceed(request, call, proceed);
        };
    }

    private static Decision proceed(UpdateContainerResourcesRequest request, HeldCall call, Proceed proceed)
            throws IOException {
        Outcome outcome = new CompletionOutcome(proceed.completion(), reply -> request.getContainerId());
        LinuxContainerResources original = request.getLinux();
        LinuxResources decided = proceed.resources();
        if (decided == null || decided.equals(CriRecords.resources(original))) {
            return new Decision.Forward(outcome);
        }
        LinuxContainerResources rewritten = CriRecords.rewritten(original, decided);
        return new Decision.Replace(
                Splice.replace(
                        call.message(), rewritten.toByteString(), UpdateContainerResourcesRequest.LINUX_FIELD_NUMBER),
                outcome);
    }
}
