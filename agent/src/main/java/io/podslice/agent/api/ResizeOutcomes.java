package io.podslice.agent.api;

import io.grpc.Status;
import io.podslice.managers.pod.Printable;
import io.podslice.node.ResizeAnswer;
import io.podslice.proto.v1.PlanPodResponse;
import io.podslice.proto.v1.ResizeOutcome;
import io.podslice.proto.v1.ResizePodResponse;

/** Translates the outcome of a resize to a message; throws the outcomes that are errors. */
final class ResizeOutcomes {
    private ResizeOutcomes() {}

    static ResizePodResponse.Builder response(ResizeAnswer answer) {
        PlanPodResponse plan = plan(answer);
        return ResizePodResponse.newBuilder()
                .setOutcome(plan.getOutcome())
                .setMessage(plan.getMessage())
                .addAllWrites(plan.getWritesList())
                .addAllRestarts(plan.getRestartsList());
    }

    static PlanPodResponse plan(ResizeAnswer answer) {
        PlanPodResponse.Builder plan = PlanPodResponse.newBuilder();
        switch (answer) {
            case ResizeAnswer.Done done ->
                plan.setOutcome(ResizeOutcome.RESIZE_OUTCOME_DONE).addAllWrites(done.writes());
            case ResizeAnswer.DryRun run ->
                plan.setOutcome(ResizeOutcome.RESIZE_OUTCOME_DONE).addAllWrites(run.plan());
            case ResizeAnswer.NeedsRestart restart ->
                plan.setOutcome(ResizeOutcome.RESIZE_OUTCOME_NEEDS_RESTART).addAllRestarts(restart.containers());
            case ResizeAnswer.Deferred deferred ->
                plan.setOutcome(ResizeOutcome.RESIZE_OUTCOME_DEFERRED)
                        .setMessage(deferred.refusal().message());
            case ResizeAnswer.Infeasible infeasible ->
                plan.setOutcome(ResizeOutcome.RESIZE_OUTCOME_INFEASIBLE)
                        .setMessage(infeasible.refusal().message());
            case ResizeAnswer.UnknownPod(String namespace, String name) ->
                throw Status.NOT_FOUND
                        .withDescription(
                                "pod " + Printable.of(namespace + "/" + name) + ": does not run on this node any more")
                        .asRuntimeException();
            case ResizeAnswer.Invalid invalid -> throw Statuses.failed(Status.INVALID_ARGUMENT, invalid.refusal());
            case ResizeAnswer.Failed failed -> throw Statuses.failed(Status.INTERNAL, failed.refusal());
        }
        return plan.build();
    }
}
