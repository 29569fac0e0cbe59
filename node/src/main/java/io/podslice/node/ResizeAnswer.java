package io.podslice.node;

import java.util.List;

/** What became of a {@link ResizeRequest}. */
public sealed interface ResizeAnswer {

    /**
     * The pod has what was asked.
     *
     * @param writes what was changed, one line for each write, in order; none where the pod had it already
     */
    record Done(List<String> writes) implements ResizeAnswer {
        public Done {
            writes = List.copyOf(writes);
        }
    }

    /**
     * The pod could have it now; nothing has changed.
     *
     * @param plan what would be written, one line for each write, in order
     */
    record DryRun(List<String> plan) implements ResizeAnswer {
        public DryRun {
            plan = List.copyOf(plan);
        }
    }

    /**
     * The resizePolicy of these containers says that they have to be started anew to have it, which only who created
     * them can do; nothing has changed, in any container.
     *
     * @param containers their names, in the spec's order
     */
    record NeedsRestart(List<String> containers) implements ResizeAnswer {
        public NeedsRestart {
            containers = List.copyOf(containers);
        }
    }

    /**
     * The pod cannot have it now. It is kept, and tried again when something frees, unless it was a dry run.
     *
     * @param refusal why, with the numbers
     */
    record Deferred(Refusal refusal) implements ResizeAnswer {}

    /**
     * The pod can never have it on this node.
     *
     * @param refusal why, with the numbers
     */
    record Infeasible(Refusal refusal) implements ResizeAnswer {}

    /** No such pod runs here, or none that podslice has a hand in. */
    record UnknownPod(String namespace, String name) implements ResizeAnswer {}

    /**
     * It cannot be asked like that: in the API server's words where it has any.
     *
     * @param refusal which field, its value, and what is wrong
     */
    record Invalid(Refusal refusal) implements ResizeAnswer {}

    /**
     * podslice or the kernel failed; everything is as it was.
     *
     * @param refusal what failed
     */
    record Failed(Refusal refusal) implements ResizeAnswer {}
}
