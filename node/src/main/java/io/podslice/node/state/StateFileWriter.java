package io.podslice.node.state;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tools.jackson.databind.json.JsonMapper;

/** Writes a state file pod by pod: one JSON text, with a line for each pod. */
final class StateFileWriter {
    private static final byte[] HEAD = ("{\"version\":" + StateFile.VERSION + ",").getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PODS = ",\"pods\":[".getBytes(StandardCharsets.US_ASCII);

    private StateFileWriter() {}

    /** Tells if a file of this version may begin with that line. */
    static boolean isHead(byte[] line) {
        int pods = line.length - PODS.length;
        return pods > HEAD.length
                && Arrays.equals(line, 0, HEAD.length, HEAD, 0, HEAD.length)
                && Arrays.equals(line, pods, line.length, PODS, 0, PODS.length);
    }

    /** Writes the file, whose first line is all but the pods, and whose last one ends their list. */
    static void write(NodeState state, long generation, String bootId, JsonMapper mapper, OutputStream out)
            throws IOException {
        byte[] head = mapper.writeValueAsBytes(
                new StateFile.Head(StateFile.VERSION, generation, bootId, ProtectionForm.of(state.memoryQos())));
        out.write(head, 0, head.length - 1);
        out.write(PODS);
        boolean first = true;
        for (PodState pod : state.pods()) {
            if (!first) {
                out.write(',');
            }
            first = false;
            out.write('\n');
            out.write(mapper.writeValueAsBytes(StateFile.pod(pod)));
        }
        out.write("\n]}\n".getBytes(StandardCharsets.US_ASCII));
    }
}
