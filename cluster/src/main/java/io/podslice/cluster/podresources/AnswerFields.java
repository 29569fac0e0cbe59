package io.podslice.cluster.podresources;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.memory.MemoryBlock;
import io.podslice.proto.podresources.v1.ContainerMemory;
import io.podslice.proto.podresources.v1.NUMANode;
import io.podslice.proto.podresources.v1.TopologyInfo;
import java.io.IOException;
import java.util.List;

/**
 * CPUs and memory as fields {@code cpu_ids} and {@code memory} of a message.
 *
 * @param cpus written as packed numbers, ascending
 * @param memory a message for each block
 */
record AnswerFields(CpuSet cpus, List<MemoryBlock> memory) {

    /** Appends the CPUs, if there are any, as the field of that number. */
    void writeCpus(CodedOutputStream out, int field) throws IOException {
        if (cpus.isEmpty()) {
            return;
        }
        int bytes = 0;
        for (int cpu : cpus.toArray()) {
            bytes += CodedOutputStream.computeInt64SizeNoTag(cpu);
        }
        out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(bytes);
        for (int cpu : cpus.toArray()) {
            out.writeInt64NoTag(cpu);
        }
    }

    /** Appends the memory, block by block, as the field of that number. */
    void writeMemory(CodedOutputStream out, int field) throws IOException {
        for (MemoryBlock block : memory) {
            TopologyInfo.Builder nodes = TopologyInfo.newBuilder();
            block.nodes().forEach(node -> nodes.addNodes(NUMANode.newBuilder().setID(node)));
            out.writeMessage(
                    field,
                    ContainerMemory.newBuilder()
                            .setMemoryType(block.type().value())
                            .setSize(block.bytes())
                            .setTopology(nodes)
                            .build());
        }
    }
}
