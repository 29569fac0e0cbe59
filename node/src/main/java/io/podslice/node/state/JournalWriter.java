package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.databind.json.JsonMapper;

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

    /** Returns an undo entry; written by hand, since a plan has dozens of steps and waits for its line. */
    private static byte[] json(Step step) {
        ByteArrayOutputStream entry = new ByteArrayOutputStream();
        switch (step) {
            case Step.CreateCgroup(CgroupPath path) -> field(entry, "{\"create\":", path.value());
            case Step.RemoveCgroup(CgroupPath path) -> field(entry, "{\"remove\":", path.value());
            case Step.EnableControllers(CgroupPath path, List<String> controllers) -> {
                field(entry, "{\"enable\":", path.value());
                field(entry, ",\"controllers\":", String.join(" ", controllers));
            }
            case Step.WriteFile(CgroupPath path, String file, String value, boolean _) -> {
                field(entry, "{\"write\":", path.value());
                field(entry, ",\"file\":", file);
                field(entry, ",\"value\":", value);
            }
        }
        entry.write('}');
        return entry.toByteArray();
    }

    private static void field(ByteArrayOutputStream to, String name, String value) {
        write(to, name);
        quoted(to, value);
    }

    private static void quoted(ByteArrayOutputStream to, String value) {
        to.write('"');
        to.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(value));
        to.write('"');
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

    private static void occasion(ByteArrayOutputStream text, String occasion) {
        field(text, ",\"occasion\":", occasion);
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
