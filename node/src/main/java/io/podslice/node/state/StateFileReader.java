package io.podslice.node.state;

import io.podslice.managers.pod.MemoryQos;
import io.podslice.node.StateDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a state file in bounded memory, whatever it holds: a line for each pod, of which one that cannot be used costs that
 * pod alone. Files of earlier versions are one JSON text without such lines, and are read as a whole.
 */
final class StateFileReader {
    /** The most bytes of a pod: five times what the longest annotation and its spec take. */
    static final int MOST_POD_BYTES = 1 << 20;

    /** The most bytes of all pods that are used: three times the characters that {@link StateRoom} has room for. */
    static final int MOST_BYTES = 3 * StateRoom.MOST_CHARACTERS;

    /** The most pods that are used; a kubelet runs at most some hundreds. */
    static final int MOST_PODS = 4096;

    /** The most bytes of a file of an earlier version. */
    private static final int MOST_WHOLE_BYTES = 4 << 20;

    private static final int MOST_TOKENS = 300_000;
    private static final int MOST_NESTED = 64;
    private static final byte[] END = "]}".getBytes(StandardCharsets.US_ASCII);

    private final JsonMapper mapper;

    /**
     * A state file's content.
     *
     * @param faults a text about the pods that could not be used, for the log; empty for none
     */
    record Content(NodeState state, long generation, String bootId, String faults) {
        static final Content NONE = new Content(NodeState.EMPTY, 0, "", "");
    }

    /** The faults of a file: the first of them, and the number of the others. */
    private static final class Faults {
        private static final int MOST = 5;
        /** A file with more faults holds anything, and the rest of it is not worth the time. */
        private static final int TOO_MANY = 100;

        private final StringJoiner first = new StringJoiner("; ");
        private int count;

        void add(String fault) {
            if (count++ < MOST) {
                first.add(fault);
            }
        }

        boolean isTooMany() {
            return count >= TOO_MANY;
        }

        String text() {
            return count > MOST ? first + "; and " + (count - MOST) + " more" : first.toString();
        }
    }

    /** Nothing of the file can be used; the message says why. */
    static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableException(String message) {
            super(message);
        }
    }

    StateFileReader(JsonMapper mapper) {
        this.mapper = mapper;
    }

    /** Returns a factory of parsers that take no more than a bounded text apart. */
    static JsonFactory bounded() {
        return JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxTokenCount(MOST_TOKENS)
                        .maxNestingDepth(MOST_NESTED)
                        .maxStringLength(MOST_POD_BYTES)
                        .maxNumberLength(100)
                        .build())
                .build();
    }

    /**
     * Reads the file.
     *
     * @throws IOException if the disk fails, or it is no regular file
     */
    Content read(StateDisk disk, String name) throws IOException, UnusableException {
        try (InputStream in = disk.read(name).orElse(null)) {
            if (in == null) {
                return Content.NONE;
            }
            BoundedLines lines = new BoundedLines(in, MOST_POD_BYTES, 2L * MOST_BYTES);
            if (lines.next() && StateFileWriter.isHead(lines.text())) {
                return lines(head(lines.text()), lines);
            }
        }
        try (InputStream in = disk.read(name).orElse(InputStream.nullInputStream())) {
            return whole(in);
        }
    }

    private StateFile.Head head(byte[] line) throws UnusableException {
        ByteArrayOutputStream closed = new ByteArrayOutputStream();
        closed.writeBytes(line);
        closed.writeBytes(END);
        try {
            return mapper.readValue(closed.toByteArray(), StateFile.Head.class);
        } catch (JacksonException e) {
            throw new UnusableException("is damaged: " + e.getOriginalMessage());
        }
    }

    private Content lines(StateFile.Head head, BoundedLines lines) throws IOException, UnusableException {
        MemoryQos qos;
        try {
            qos = head.memoryQos().toQos();
        } catch (RuntimeException e) {
            throw new UnusableException("is damaged: " + e.getMessage());
        }
        List<PodState> pods = new ArrayList<>();
        Faults faults = new Faults();
        long bytes = 0;
        boolean ended = false;
        while (!ended && !faults.isTooMany() && lines.next()) {
            byte[] text = lines.text();
            bytes += text.length;
            ended = Arrays.equals(text, END);
            if (lines.isTooLong()) {
                faults.add("line " + lines.number() + " is longer than " + MOST_POD_BYTES + " bytes");
            } else if (pods.size() == MOST_PODS || bytes > MOST_BYTES) {
                faults.add("from line " + lines.number() + " on it holds more than " + MOST_PODS + " pods, or "
                        + MOST_BYTES + " bytes of them");
                ended = true;
            } else if (!ended) {
                pod(text, lines.number(), pods, faults);
            }
        }
        if (!ended) {
            faults.add("ends after line " + (lines.number() - 1) + ", in the middle");
        }
        return new Content(NodeState.of(pods).withMemoryQos(qos), head.generation(), head.bootId(), faults.text());
    }

    private void pod(byte[] line, int number, List<PodState> pods, Faults faults) {
        int length = line.length > 0 && line[line.length - 1] == ',' ? line.length - 1 : line.length;
        try {
            pods.add(StateFile.state(mapper.readTree(line, 0, length), mapper));
        } catch (JacksonException e) {
            faults.add("line " + number + " is damaged: " + e.getOriginalMessage());
        } catch (RuntimeException e) {
            faults.add("line " + number + " is damaged: " + e.getMessage());
        }
    }

    private Content whole(InputStream in) throws IOException, UnusableException {
        byte[] bytes = in.readNBytes(MOST_WHOLE_BYTES + 1);
        if (bytes.length > MOST_WHOLE_BYTES) {
            throw new UnusableException("is no file of this version, and longer than " + MOST_WHOLE_BYTES + " bytes");
        }
        try {
            JsonNode json = mapper.readTree(bytes);
            int version = json.path("version").asInt(0);
            if (StateUpgrade.canUpgrade(version)) {
                StateUpgrade.upgrade(json);
            } else if (version != StateFile.VERSION) {
                throw new UnusableException("has version " + version + ", this podslice reads version "
                        + StateFile.VERSION + " and those before it");
            }
            json.path("pods").forEach(StateFile::withDescription);
            StateFile file = mapper.treeToValue(json, StateFile.class);
            return new Content(file.toState(), file.generation(), file.bootId(), "");
        } catch (JacksonException e) {
            throw new UnusableException("is damaged: " + e.getOriginalMessage());
        } catch (RuntimeException e) {
            throw new UnusableException("is damaged: " + e.getMessage());
        }
    }
}
