package io.podslice.cluster.podresources;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.podslice.cluster.wire.Fields;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.managers.placement.PodPlacement;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Puts podslice's CPUs and memory into answers of the kubelet's PodResources API, in place of what the kubelet says of
 * them. All else stays as its bytes are, fields that podslice does not know included. Memory is that of the answer and
 * of the result. Pure.
 */
final class AnswerEditor {
    private static final int LONGEST_NAME = 317;

    private static final int PODS = 1;
    private static final int NAME = 1;
    private static final int NAMESPACE = 2;
    private static final int CONTAINERS = 3;
    private static final int CPUS_OF_POD = 4;
    private static final int MEMORY_OF_POD = 5;
    private static final int CPUS_OF_CONTAINER = 3;
    private static final int MEMORY_OF_CONTAINER = 4;
    private static final int CPUS_ALLOCATABLE = 2;
    private static final int MEMORY_ALLOCATABLE = 3;

    private final GivenResources given;

    AnswerEditor(GivenResources given) {
        this.given = given;
    }

    /**
     * Returns the answer to {@code List} or {@code Get} with the CPUs and memory of every pod that podslice has given some.
     *
     * @param only the pod that was asked for; null for all
     * @throws UnreadableException if the kubelet's answer cannot be read, or tells of another pod than the one asked for
     */
    byte[] pods(ByteBuffer answer, @Nullable PodName only) throws IOException {
        Message result = new Message(answer.remaining());
        boolean told = false;
        Fields fields = Fields.of(answer);
        while (fields.next()) {
            if (!isMessage(fields, PODS)) {
                result.keep(fields);
                continue;
            }
            PodName name = PodName.of(fields.message());
            if (only != null && (told || !name.equals(only))) {
                throw new UnreadableException(
                        "pod_resources", "the kubelet answered with another pod when asked for " + only);
            }
            told = true;
            PodPlacement placement = given.pod(name.namespace(), name.name());
            if (placement == null) {
                result.keep(fields);
            } else {
                result.message(PODS, pod(fields.message(), placement));
            }
        }
        if (only != null && !told) {
            throw new UnreadableException("pod_resources", "the kubelet answered with no pod when asked for " + only);
        }
        return result.bytes();
    }

    /** Returns the answer to {@code GetAllocatableResources} with what pods can have of podslice. */
    byte[] allocatable(ByteBuffer answer) throws IOException {
        Message result = new Message(answer.remaining());
        Fields fields = Fields.of(answer);
        while (fields.next()) {
            int number = WireFormat.getTagFieldNumber(fields.tag());
            boolean replaced = (number == CPUS_ALLOCATABLE && given.givesCpus())
                    || (number == MEMORY_ALLOCATABLE && given.givesMemory());
            if (!replaced) {
                result.keep(fields);
            }
        }
        AnswerFields all = given.allocatable();
        if (given.givesCpus()) {
            all.writeCpus(result.out, CPUS_ALLOCATABLE);
        }
        if (given.givesMemory()) {
            all.writeMemory(result.out, MEMORY_ALLOCATABLE);
        }
        return result.bytes();
    }

    private static byte[] pod(Fields pod, PodPlacement placement) throws IOException {
        Message result = new Message(256);
        while (pod.next()) {
            int number = WireFormat.getTagFieldNumber(pod.tag());
            if (isMessage(pod, CONTAINERS)) {
                container(pod, placement, result);
            } else if (number != CPUS_OF_POD && number != MEMORY_OF_POD) {
                result.keep(pod);
            }
        }
        AnswerFields whole = GivenResources.ofPod(placement);
        whole.writeCpus(result.out, CPUS_OF_POD);
        whole.writeMemory(result.out, MEMORY_OF_POD);
        return result.bytes();
    }

    private static void container(Fields container, PodPlacement placement, Message pod) throws IOException {
        String name = "";
        Fields fields = container.message();
        while (fields.next()) {
            if (isMessage(fields, NAME)) {
                name = fields.text("containers.name", LONGEST_NAME);
            }
        }
        AnswerFields own = GivenResources.container(placement, name).orElse(null);
        if (own == null) {
            pod.keep(container);
            return;
        }
        Message result = new Message(128);
        Fields again = container.message();
        while (again.next()) {
            int number = WireFormat.getTagFieldNumber(again.tag());
            if (number != CPUS_OF_CONTAINER && number != MEMORY_OF_CONTAINER) {
                result.keep(again);
            }
        }
        own.writeCpus(result.out, CPUS_OF_CONTAINER);
        own.writeMemory(result.out, MEMORY_OF_CONTAINER);
        pod.message(CONTAINERS, result.bytes());
    }

    private static boolean isMessage(Fields field, int number) {
        return field.tag() == (number << Fields.TYPE | Fields.BYTES);
    }

    /** A pod's namespace and name. */
    record PodName(String namespace, String name) {

        static PodName of(Fields pod) throws UnreadableException {
            String name = "";
            String namespace = "";
            while (pod.next()) {
                if (isMessage(pod, NAME)) {
                    name = pod.text("name", LONGEST_NAME);
                } else if (isMessage(pod, NAMESPACE)) {
                    namespace = pod.text("namespace", LONGEST_NAME);
                }
            }
            return new PodName(namespace, name);
        }

        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }

    /** A message that is being written. */
    private static final class Message {
        private final ByteArrayOutputStream bytes;
        private final CodedOutputStream out;

        Message(int size) {
            bytes = new ByteArrayOutputStream(size + 64);
            out = CodedOutputStream.newInstance(bytes, 128);
        }

        void keep(Fields field) throws IOException {
            out.writeRawBytes(field.whole());
        }

        void message(int number, byte[] content) throws IOException {
            out.writeByteArray(number, content);
        }

        byte[] bytes() throws IOException {
            out.flush();
            return bytes.toByteArray();
        }
    }
}
