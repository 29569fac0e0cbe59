package io.podslice.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import io.podslice.proto.v1.NodeProto;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The node API's names and numbers: within version 1 they stay as they are, and fields may be added. */
class NodeContractTest {
    private static final String CONTRACT = """
            PodReference.namespace 1
            PodReference.name 2
            PodReference.uid 3
            GetPodRequest.pod 1
            GetPodResponse.pod 1
            GetPodResponse.revision 2
            ListPodsRequest.namespace 1
            ListPodsResponse.pods 1
            ListPodsResponse.revision 2
            WatchPodsRequest.revision 1
            WatchPodsRequest.namespace 2
            WatchPodsResponse.revision 1
            WatchPodsResponse.relist 2
            WatchPodsResponse.pods 3
            WatchPodsResponse.removed 4
            Pod.namespace 1
            Pod.name 2
            Pod.uid 3
            Pod.sandbox_id 4
            Pod.cgroup 5
            Pod.phase 6
            Pod.revision 7
            Pod.inferred 8
            Pod.desired 9
            Pod.allocated 10
            Pod.actual 11
            Pod.cpus 12
            Pod.shared_pool 13
            Pod.numa_nodes 14
            Pod.memory_protection 15
            Pod.containers 16
            Pod.conditions 17
            Pod.overhead 18
            Pod.gone_cpus 19
            PodPhase.POD_PHASE_UNSPECIFIED 0
            PodPhase.POD_PHASE_STARTING 1
            PodPhase.POD_PHASE_RUNNING 2
            PodPhase.POD_PHASE_STOPPED 3
            Container.name 1
            Container.id 2
            Container.kind 3
            Container.isolation 4
            Container.cpus 5
            Container.desired 6
            Container.allocated 7
            Container.actual 8
            Container.memory_protection 9
            Resources.requests 1
            Resources.limits 2
            MemoryProtection.memory_min 1
            MemoryProtection.memory_low 2
            MemoryProtection.memory_high 3
            MemoryProtection.memory_max 4
            Condition.type 1
            Condition.reason 2
            Condition.message 3
            Condition.since 4
            ResizePodRequest.pod 1
            ResizePodRequest.resources 2
            ResizePodRequest.containers 3
            ResizePodRequest.priority 4
            ResizePodResponse.outcome 1
            ResizePodResponse.message 2
            ResizePodResponse.writes 3
            ResizePodResponse.restarts 4
            ResizePodResponse.pod 5
            ResizeOutcome.RESIZE_OUTCOME_UNSPECIFIED 0
            ResizeOutcome.RESIZE_OUTCOME_DONE 1
            ResizeOutcome.RESIZE_OUTCOME_DEFERRED 2
            ResizeOutcome.RESIZE_OUTCOME_INFEASIBLE 3
            ResizeOutcome.RESIZE_OUTCOME_NEEDS_RESTART 4
            PlanPodRequest.resize 1
            PlanPodResponse.outcome 1
            PlanPodResponse.message 2
            PlanPodResponse.writes 3
            PlanPodResponse.restarts 4
            StatusResponse.version 1
            StatusResponse.condition 2
            StatusResponse.message 3
            StatusResponse.revision 4
            StatusResponse.cpus 5
            StatusResponse.reserved_cpus 6
            StatusResponse.shared_pool 7
            StatusResponse.exclusive_cpus 8
            StatusResponse.pods 9
            StatusResponse.pending_resizes 10
            StatusResponse.topology 16
            Topology.cpus 1
            Topology.numa_nodes 2
            Topology.offline_cpus 3
            Topology.isolated_cpus 4
            Topology.barred_cpus 5
            NodeCondition.NODE_CONDITION_UNSPECIFIED 0
            NodeCondition.NODE_CONDITION_READY 1
            NodeCondition.NODE_CONDITION_OPENING 2
            NodeCondition.NODE_CONDITION_UNMANAGED 3
            """;

    @Test
    void every_name_and_number_is_still_there() {
        FileDescriptorProto file = NodeProto.getDescriptor().toProto();
        List<String> present = new ArrayList<>();
        for (DescriptorProto message : file.getMessageTypeList()) {
            for (FieldDescriptorProto field : message.getFieldList()) {
                present.add(message.getName() + "." + field.getName() + " " + field.getNumber());
            }
        }
        for (EnumDescriptorProto type : file.getEnumTypeList()) {
            type.getValueList()
                    .forEach(value -> present.add(type.getName() + "." + value.getName() + " " + value.getNumber()));
        }
        assertThat(present).containsAll(CONTRACT.lines().toList());
    }

    @Test
    void the_methods_are_still_there() {
        assertThat(NodeProto.getDescriptor().toProto().getService(0).getMethodList())
                .extracting(MethodDescriptorProto::getName)
                .contains("GetPod", "ListPods", "WatchPods", "ResizePod", "PlanPod", "Status");
    }
}
