package io.podslice.agent.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodPhase;
import io.podslice.proto.v1.Resources;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What people see of one pod. */
final class StatusTableTest {
    @Test
    void aPodsOverheadIsShownByItselfAndNotAmongItsAmounts() {
        Resources two = Resources.newBuilder()
                .putRequests("cpu", "2")
                .putLimits("cpu", "2")
                .build();
        Pod pod = Pod.newBuilder()
                .setNamespace("default")
                .setName("kata")
                .setUid("uid-kata")
                .setCgroup("/kubepods/podkata")
                .setPhase(PodPhase.POD_PHASE_RUNNING)
                .setDesired(two)
                .setAllocated(two)
                .setActual(two)
                .putOverhead("memory", "64Mi")
                .putOverhead("cpu", "250m")
                .build();

        assertThat(new StatusTable(Instant.EPOCH).pod(pod, false)).isEqualTo("""
                default/kata: running
                  uid              uid-kata
                  spec from        nothing but CRI
                  cgroup           /kubepods/podkata
                  NUMA nodes       -
                  pod's CPUs       -
                  pod shared pool  -
                  overhead         cpu 250m, memory 64Mi, on top of the amounts below
                            desired  allocated  actual
                  pod  cpu  2        2          2
                """);
        assertThat(StatusJson.pod(pod))
                .contains("\"overhead\": {\n    \"cpu\": \"250m\",\n    \"memory\": \"64Mi\"\n  }");
    }
}
