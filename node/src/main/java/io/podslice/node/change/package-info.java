/**
 * The one way in which cgroups change. A change leads from one {@link io.podslice.node.state.NodeState} to the next, and
 * is drafted, verified, journaled and written, in that order, or has not happened.
 *
 * <ol>
 *   <li><b>Draft.</b> The plan is applied to a copy of the tree in memory. Steps that change nothing fall out; each step
 *       that is left has its inverse.
 *   <li><b>Verify.</b> {@link io.podslice.node.change.PlanVerifier} replays the steps and looks for an instant at which a CPU
 *       has two owners, a set comes to nothing, a container is above a pod that shrinks, or memory.min, low, high and max
 *       are out of order. Such a plan is a defect of podslice: it is logged, and not applied.
 *   <li><b>Journal.</b> The inverse of the whole plan and the pods as they will be go to disk with an fsync, before the
 *       first cgroup write.
 *   <li><b>Write.</b> Step by step, each read back. A step that fails undoes those before it.
 *   <li><b>Commit.</b> The next state is the state. Killed before that, podslice takes the plan back at its next start.
 * </ol>
 *
 * <p>{@code enforceOrThrow} refuses when a step fails. {@code enforceAnyway} is for what has happened and cannot be refused: it tries
 * again, and leaves the rest to the sweep. {@code putBack} and {@code takeBack} restore earlier values, unverified. docs/changes.md
 * has what each of them does, the journal's lines, and what a crash may leave.
 */
@NullMarked
package io.podslice.node.change;

import org.jspecify.annotations.NullMarked;
