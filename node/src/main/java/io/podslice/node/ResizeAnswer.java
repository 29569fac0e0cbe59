package io.podslice.node;

import java.util.List;

/** The outcome of a {@link ResizeRequest}. */
public sealed interface ResizeAnswer {

    /**
     * The pod has the requested amounts.
     *
     * @param writes the changes, one line for each write, in order; none if the pod had the amounts already
     */
    record Done(List<String> writes) implements ResizeAnswer {
        public Done {
            writes = List.copyOf(writes);
        }
    }

    /**
     * The requested amounts fit now; nothing has changed.
     *
     * @param plan the writes that a real request would make, one line for each, in order
     */
    record DryRun(List<String> plan) implements ResizeAnswer {
        public DryRun {
            plan = List.copyOf(plan);
        }
    }

    /**
     * By their resizePolicy some containers must be restarted to get the requested amounts, which only the client that
     * created them can do; nothing has changed in any container.
     *
     * @param containers names of the containers to restart, in the spec's order
     */
    record NeedsRestart(List<String> containers) implements ResizeAnswer {
        public NeedsRestart {
            containers = List.copyOf(containers);
        }
    }

    /**
     * The requested amounts do not fit now. The resize is kept and tried again when resources become free, unless it
     * was a dry run.
     *
     * @param refusal the reason, with the numbers
     */
    record Deferred(Refusal refusal) implements ResizeAnswer {}

    /**
     * The requested amounts can never fit on this node.
     *
     * @param refusal the reason, with the numbers
     */
    record Infeasible(Refusal refusal) implements ResizeAnswer {}

    /** No pod of that name runs on this node, or podslice does not manage it. */
    record UnknownPod(String namespace, String name) implements ResizeAnswer {}

    /**
     * The request is not valid.
     *
     * @param refusal the field, its value and the fault, in the API server's text where it has one
     */
    record Invalid(Refusal refusal) implements ResizeAnswer {}

    /**
     * podslice or the kernel failed; nothing has changed.
     *
     * @param refusal the failure
     */
    record Failed(Refusal refusal) implements ResizeAnswer {}
}
