/**
 * Decisions about CPUs, memory and NUMA nodes: pure functions, state in and decision out. Nothing here reads a file, a
 * clock or a random number, and nothing is remembered between two questions; a test keeps it so.
 *
 * <p>The brain asks {@link io.podslice.managers.placement.PodPlacer} only. Behind it an admission goes:
 *
 * <ol>
 *   <li>{@code pod}: what the spec comes to: QoS class, requests and limits, which containers qualify for exclusive CPUs;
 *   <li>{@code topology}: {@link io.podslice.managers.topology.TopologyManager} collects the hints of CPUs, memory and
 *       devices, and {@link io.podslice.managers.topology.HintMerger#merge} chooses the NUMA nodes by the policy;
 *   <li>{@code cpu} and {@code memory}: CPUs and memory are taken on these nodes, or the pod is rejected;
 *   <li>{@code admission}: the three together; a rejected pod leaves no trace, since only the state that is returned
 *       counts;
 *   <li>{@code placement}: the result as the brain keeps it, and what the kubelet does not offer: resizes of pods with
 *       exclusive CPUs, containers that come late, the smallest move that would make room.
 * </ol>
 *
 * <p>{@code resize} says what a resize of a spec may change, and in which order that is written.
 *
 * <p>Numbers, texts and reasons are the kubelet's, defects excepted: the kubelet's own test cases run here as vectors, and
 * docs/managers.md lists where podslice differs on purpose. Free CPUs and memory are never stored but follow from the
 * machine and from the placements, so they cannot disagree with them.
 */
@NullMarked
package io.podslice.managers;

import org.jspecify.annotations.NullMarked;
