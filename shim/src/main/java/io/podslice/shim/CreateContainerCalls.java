package io.podslice.shim;

import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Node;
import io.podslice.node.Verdict.Proceed;
import io.podslice.node.Verdict.Refuse;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.CreateContainerResponse;
import io.podslice.proto.cri.v1.LinuxContainerConfig;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.shim.runtime.CriRecords;
import io.podslice.shim.tap.Decision;
import io.podslice.shim.tap.HeldCall;
import io.podslice.shim.tap.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;

/** CreateContainer: the container gets its CPUs, quota and limits in place of those in the request. */
final class CreateContainerCalls extends CriCalls<CreateContainerRequest> {
    private static final int[] RESOURCES = {
        CreateContainerRequest.CONFIG_FIELD_NUMBER,
        ContainerConfig.LINUX_FIELD_NUMBER,
        LinuxContainerConfig.RESOURCES_FIELD_NUMBER
    };

    private final Node node;
    private final Claims claims;

    CreateContainerCalls(Node node, Claims claims) {
        this.node = node;
        this.claims = claims;
    }

    @Override
    CreateContainerRequest parse(ByteBuffer message) throws InvalidProtocolBufferException {
        return CreateContainerRequest.parseFrom(message);
    }

    @Override
    boolean isClaimed(CreateContainerRequest request) {
        return claims.ofSandbox(request.getPodSandboxId())
                || Claims.areIn(request.getSandboxConfig().getAnnotationsMap());
    }

    @Override
    Decision decide(CreateContainerRequest request, HeldCall call) throws IOException {
        return switch (node.createContainer(CriRecords.container(request))) {
            case Refuse(var refusal) -> Refusals.reply(refusal);
            case Proceed proceed -> proceed(request, call, proceed);
        };
    }

    private Decision proceed(CreateContainerRequest request, HeldCall call, Proceed proceed) throws IOException {
        boolean claimed = isClaimed(request);
        Outcome outcome = new CompletionOutcome(proceed.completion(), reply -> {
            String id = CreateContainerResponse.parseFrom(reply).getContainerId();
            if (claimed) {
                claims.addContainer(id);
            }
            return id;
        });
        LinuxContainerResources original = request.getConfig().getLinux().getResources();
        LinuxResources decided = proceed.resources();
        if (decided == null || decided.equals(CriRecords.resources(original))) {
            return new Decision.Forward(outcome);
        }
        LinuxContainerResources rewritten = CriRecords.rewritten(original, decided);
        return new Decision.Replace(Splice.replace(call.message(), rewritten.toByteString(), RESOURCES), outcome);
    }
}
