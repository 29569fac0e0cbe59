/**
 * {@code podslice plan}: a dry run of the brain that {@code serve} runs. {@code DryNode} gives it a cgroup tree in memory
 * and plays kubelet and runtime; what the brain answers, shows and writes there is the plan. No rule of placement or of
 * cgroup values stands here.
 */
@NullMarked
package io.podslice.agent.plan;

import org.jspecify.annotations.NullMarked;
