package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the journal's lines of one event. A change of many pods becomes several lines, so that neither writing nor
 * reading it takes more memory than a line does.
 */
final class JournalWriter {
    /** The bytes of entries after which a line is ended. */
    static final int PART_BYTES = 256 << 10;

    private final JsonMapper mapper;
    private final long number;
    private final Lines lines;

    private final Entries undo = new Entries();
    private final Entries put = new Entries();
    private final Entries changed = new Entries();
    private final Entries removed = new Entries();

    /** Takes lines, each with its newline. */
    interface Lines {
        /**
         * Takes the next line.
         *
         * @param last true for the line that ends the event
         */
        void line(byte[] bytes, boolean last);
    }

    /** The entries of an array. */
    private static final class Entries {
        private final ByteArrayOutputStream json = new ByteArrayOutputStream();

        void add(byte[] entry) {
            if (json.size() > 0) {
                json.write(',');
            }
            json.writeBytes(entry);
        }
    }

    /** @param number the change's */
    JournalWriter(long number, JsonMapper mapper, Lines lines) {
        this.number = number;
        this.mapper = mapper;
        this.lines = lines;
    }

    /** Writes that a plan is about to be applied. */
    void begin(String occasion, Plan plan, StateChange change) {
        for (Step step : plan.steps()) {
            add(undo, json(step));
        }
        add(change);
        ByteArrayOutputStream text = opened("begin");
        occasion(text, occasion);
        array(text, "undo", undo);
        ended(text, change);
    }

    /** Writes that the state changes and no cgroup does. */
    void recorded(String occasion, StateChange change) {
        add(change);
        ByteArrayOutputStream text = opened("recorded");
        occasion(text, occasion);
        ended(text, change);
    }

    /** Writes that the plan that was begun is in force. */
    void done() {
        line(opened("done"), true);
    }

    /** Writes that the plan that was begun has been taken back. */
    void undone() {
        line(opened("undone"), true);
    }

    private void add(StateChange change) {
        for (StateChange.PodChange pod : change.put()) {
            Map<String, @Nullable Object> difference = pod.before()
                    .flatMap(before -> PodDifference.between(before, pod.after()))
                    .orElse(null);
            if (difference == null) {
                add(put, mapper.writeValueAsBytes(StateFile.pod(pod.after())));
            } else {
                add(changed, mapper.writeValueAsBytes(difference));
            }
        }
        for (String uid : change.removed()) {
            add(removed, mapper.writeValueAsBytes(uid));
        }
    }

    private void add(Entries to, byte[] entry) {
        to.add(entry);
        if (undo.json.size() + put.json.size() + changed.json.size() + removed.json.size() > PART_BYTES) {
            ByteArrayOutputStream text = opened("part");
            array(text, "undo", undo);
            changes(text);
            line(text, false);
            List.of(undo, put, changed, removed).forEach(entries -> entries.json.reset());
        }
    }

    private byte[] json(Step step) {
        ObjectNode entry = mapper.createObjectNode();
        switch (step) {
            case Step.CreateCgroup(CgroupPath path) -> entry.put("create", path.value());
            case Step.RemoveCgroup(CgroupPath path) -> entry.put("remove", path.value());
            case Step.EnableControllers(CgroupPath path, List<String> controllers) ->
                entry.put("enable", path.value()).put("controllers", String.join(" ", controllers));
            case Step.WriteFile(CgroupPath path, String file, String value, boolean _) ->
                entry.put("write", path.value()).put("file", file).put("value", value);
        }
        return mapper.writeValueAsBytes(entry);
    }

    // ---- Text

    private ByteArrayOutputStream opened(String event) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        write(text, "{\"number\":" + number + ",\"event\":\"" + event + "\"");
        return text;
    }

    private static void write(ByteArrayOutputStream text, String ascii) {
        text.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    private void occasion(ByteArrayOutputStream text, String occasion) {
        write(text, ",\"occasion\":");
        text.writeBytes(mapper.writeValueAsBytes(occasion));
    }

    private static void array(ByteArrayOutputStream text, String name, Entries entries) {
        write(text, ",\"" + name + "\":[");
        text.writeBytes(entries.json.toByteArray());
        text.write(']');
    }

    private void changes(ByteArrayOutputStream text) {
        array(text, "put", put);
        if (changed.json.size() > 0) {
            array(text, "changed", changed);
        }
        array(text, "removed", removed);
    }

    private void ended(ByteArrayOutputStream text, StateChange change) {
        changes(text);
        change.memoryQos().ifPresent(qos -> {
            write(text, ",\"memoryQos\":");
            text.writeBytes(mapper.writeValueAsBytes(ProtectionForm.of(qos)));
        });
        line(text, true);
    }

    private void line(ByteArrayOutputStream text, boolean last) {
        text.write('}');
        byte[] json = text.toByteArray();
        byte[] bytes = new byte[json.length + 10];
        System.arraycopy(JournalLine.sum(json, 0).getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, 8);
        bytes[8] = ' ';
        System.arraycopy(json, 0, bytes, 9, json.length);
        bytes[bytes.length - 1] = '\n';
        lines.line(bytes, last);
    }
}
