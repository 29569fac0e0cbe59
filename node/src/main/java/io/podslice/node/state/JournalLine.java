package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.managers.pod.MemoryQos;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One line of the journal: a CRC-32C checksum in eight hexadecimal digits, a blank, and the event as JSON. A line that
 * does not fit its checksum was torn by a crash or damaged since, and does not count.
 */
public sealed interface JournalLine {

    /** Returns the number of the change that the line is about; each change has the number after the one before. */
    long number();

    /** A plan is about to be applied. */
    record Begin(long number, String occasion, Plan undo, StateChange change) implements JournalLine {}

    /** The plan that was begun is in force. */
    record Done(long number) implements JournalLine {}

    /** The plan that was begun has been taken back. */
    record Undone(long number) implements JournalLine {}

    /** The state changes and no cgroup does. */
    record Recorded(long number, String occasion, StateChange change) implements JournalLine {}

    /** Returns the event's name, as the file has it. */
    default String event() {
        return switch (this) {
            case Begin _ -> "begin";
            case Done _ -> "done";
            case Undone _ -> "undone";
            case Recorded _ -> "recorded";
        };
    }

    /** Returns the line's bytes, with its newline. */
    static byte[] write(JournalLine line, JsonMapper mapper) {
        ObjectNode json = mapper.createObjectNode();
        json.put("number", line.number()).put("event", line.event());
        switch (line) {
            case Begin(long _, String occasion, Plan undo, StateChange change) -> {
                json.put("occasion", occasion);
                writeUndo(undo, json.putArray("undo"));
                writeChange(change, json, mapper);
            }
            case Done _, Undone _ -> {}
            case Recorded(long _, String occasion, StateChange change) -> {
                json.put("occasion", occasion);
                writeChange(change, json, mapper);
            }
        }
        byte[] text = mapper.writeValueAsBytes(json);
        byte[] bytes = new byte[text.length + 10];
        System.arraycopy(sum(text, 0).getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, 8);
        bytes[8] = ' ';
        System.arraycopy(text, 0, bytes, 9, text.length);
        bytes[bytes.length - 1] = '\n';
        return bytes;
    }

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
            case "begin" ->
                new Begin(
                        number,
                        json.required("occasion").asString(),
                        readUndo(json.required("undo")),
                        readChange(json, mapper));
            case "done" -> new Done(number);
            case "undone" -> new Undone(number);
            case "recorded" -> new Recorded(number, json.required("occasion").asString(), readChange(json, mapper));
            default -> throw new IllegalArgumentException("event \"" + event + "\" is not known");
        };
    }

    private static String sum(byte[] bytes, int from) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, from, bytes.length - from);
        return HexFormat.of().toHexDigits((int) sum.getValue());
    }

    private static void writeChange(StateChange change, ObjectNode json, JsonMapper mapper) {
        ArrayNode put = json.putArray("put");
        for (PodState pod : change.put()) {
            put.add(mapper.<JsonNode>valueToTree(StateFile.pod(pod)));
        }
        ArrayNode removed = json.putArray("removed");
        change.removed().forEach(removed::add);
        change.memoryQos().ifPresent(qos -> json.set("memoryQos", mapper.valueToTree(ProtectionForm.of(qos))));
    }

    private static StateChange readChange(JsonNode json, JsonMapper mapper) {
        List<PodState> put = new ArrayList<>();
        for (JsonNode pod : json.required("put")) {
            put.add(StateFile.state(mapper.treeToValue(pod, StateFile.Pod.class)));
        }
        List<String> removed = new ArrayList<>();
        for (JsonNode uid : json.required("removed")) {
            removed.add(uid.asString());
        }
        Optional<MemoryQos> memoryQos = json.has("memoryQos")
                ? Optional.of(mapper.treeToValue(json.required("memoryQos"), ProtectionForm.class)
                        .toQos())
                : Optional.empty();
        return new StateChange(put, removed, memoryQos);
    }

    private static void writeUndo(Plan undo, ArrayNode json) {
        for (Step step : undo.steps()) {
            ObjectNode entry = json.addObject();
            switch (step) {
                case Step.CreateCgroup(CgroupPath path) -> entry.put("create", path.value());
                case Step.RemoveCgroup(CgroupPath path) -> entry.put("remove", path.value());
                case Step.EnableControllers(CgroupPath path, List<String> controllers) ->
                    entry.put("enable", path.value()).put("controllers", String.join(" ", controllers));
                case Step.WriteFile(CgroupPath path, String file, String value, boolean _) ->
                    entry.put("write", path.value()).put("file", file).put("value", value);
            }
        }
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
