/**
 * The brain's face: requests and verdicts of the doors, views for the node API, and the parts that a program must
 * supply. Values and interfaces only. Other modules use this package and {@code node.brain}; the packages below are the
 * brain's own, and a test keeps it so.
 *
 * <p>Five rules hold everywhere below:
 *
 * <ul>
 *   <li>A pod that asks nothing of podslice by its annotations is never refused, whatever is wrong with podslice. A pod
 *       that asks is admitted whole, or refused with the kubelet's reason and the numbers.
 *   <li>One lock ({@code state.Guard}) serialises decisions, changes and views. What may take long (reclaiming memory,
 *       asking the runtime) happens outside of it.
 *   <li>Decisions are {@code managers}', pure; what the cgroups must say follows from the state alone ({@code
 *       cpuset.Cpusets}, {@code memory.Protections}, {@code change.PodCgroup}).
 *   <li>Only {@code change.Changes} writes to cgroups, and only a plan that is verified and in the journal.
 *   <li>A verdict that lets a call proceed may carry a {@link io.podslice.node.Completion}: the runtime's answer
 *       decides if what was granted stays or is given back, so exactly one of its methods must be called.
 * </ul>
 *
 * <p>The packages, lowest first: {@code state} and {@code drift}; {@code cpuset} and {@code memory}; {@code change};
 * {@code pods}; {@code resize}; {@code sync}; {@code brain}. docs/architecture.md has the picture, docs/glossary.md the
 * words.
 */
@NullMarked
package io.podslice.node;

import org.jspecify.annotations.NullMarked;
