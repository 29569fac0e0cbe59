package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One line of the journal: a CRC-32C checksum in eight hexadecimal digits, a blank, and the event as JSON. A line that
 * does not fit its checksum was torn by a crash or damaged since, and does not count. {@link JournalWriter} writes lines.
 */
public sealed interface JournalLine {
    /** The most bytes of a line: a part of a change, and a pod. */
    int MOST_BYTES = JournalWriter.PART_BYTES + StateFileReader.MOST_POD_BYTES;

    /** Returns the number of the change that the line is about; each change has the number after the one before. */
    long number();

    /** A part of a change, in a line of its own because all of it would be a long one; the line that ends it follows. */
    record Part(long number, Plan undo, JsonNode change) implements JournalLine {}

    /** A plan is about to be applied. */
    record Begin(long number, String occasion, Plan undo, JsonNode change) implements JournalLine {}

    /** The plan that was begun is in force. */
    record Done(long number) implements JournalLine {}

    /** The plan that was begun has been taken back. */
    record Undone(long number) implements JournalLine {}

    /** The state changes and no cgroup does. */
    record Recorded(long number, String occasion, JsonNode change) implements JournalLine {}

    /**
     * Reads a line without its newline; null if it is torn or damaged.
     *
     * @throws RuntimeException if its checksum is right and its content is not a journal line's
     */
    static @Nullable JournalLine read(byte[] line, JsonMapper mapper) {
        if (line.length < 10 || !sum(line, 9).equals(new String(line, 0, 8, StandardCharsets.ISO_8859_1))) {
            return null;
        }
        JsonNode json = mapper.readTree(line, 9, line.length - 9);
        long number = json.required("number").asLong();
        String event = json.required("event").asString();
        return switch (event) {
            case "part" -> new Part(number, readUndo(json.required("undo")), json);
            case "begin" ->
                new Begin(number, json.required("occasion").asString(), readUndo(json.required("undo")), json);
            case "done" -> new Done(number);
            case "undone" -> new Undone(number);
            case "recorded" -> new Recorded(number, json.required("occasion").asString(), json);
            default -> throw new IllegalArgumentException("event \"" + event + "\" is not known");
        };
    }

    /** Returns the checksum of the bytes from that index on. */
    static String sum(byte[] bytes, int from) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, from, bytes.length - from);
        return HexFormat.of().toHexDigits((int) sum.getValue());
    }

    /**
     * Returns the state after a change, or after a part of one.
     *
     * @param change a line's JSON
     * @throws RuntimeException if it is no change of that state
     */
    static NodeState applied(NodeState before, JsonNode change, JsonMapper mapper) {
        NodeState after = before;
        if (change.has("memoryQos")) {
            after = after.withMemoryQos(mapper.treeToValue(change.required("memoryQos"), ProtectionForm.class)
                    .toQos());
        }
        for (JsonNode pod : change.required("put")) {
            after = after.with(StateFile.state(pod, mapper));
        }
        for (JsonNode difference : change.path("changed")) {
            after = after.with(PodDifference.applied(after, difference, mapper));
        }
        for (JsonNode uid : change.required("removed")) {
            after = after.without(uid.asString());
        }
        return after;
    }

    /** Reads the steps of an undo. Their cgroups may have gone meanwhile. */
    private static Plan readUndo(JsonNode json) {
        List<Step> steps = new ArrayList<>();
        for (JsonNode entry : json) {
            if (entry.has("create")) {
                steps.add(new Step.CreateCgroup(path(entry, "create")));
            } else if (entry.has("remove")) {
                steps.add(new Step.RemoveCgroup(path(entry, "remove")));
            } else if (entry.has("enable")) {
                steps.add(new Step.EnableControllers(
                        path(entry, "enable"),
                        List.of(entry.required("controllers").asString().split(" ", -1))));
            } else {
                steps.add(new Step.WriteFile(
                        path(entry, "write"),
                        entry.required("file").asString(),
                        entry.required("value").asString(),
                        true));
            }
        }
        return new Plan(steps);
    }

    private static CgroupPath path(JsonNode entry, String key) {
        return new CgroupPath(entry.required(key).asString());
    }
}
