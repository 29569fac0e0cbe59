package io.podslice.agent.yaml;

import io.podslice.managers.pod.Spelling;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Collects the errors and notes of one document, and the fields that it may have. */
public final class Remarks {
    private final List<Remark> errors = new ArrayList<>();
    private final List<Remark> notes = new ArrayList<>();
    private final List<Unknown> unknown = new ArrayList<>();
    private final Set<String> fields = new TreeSet<>();
    private boolean isBroken;

    private record Unknown(Mark mark, String section, String key, String what) {
        String field() {
            return join(section, key);
        }
    }

    /** Tells if there are errors so far; unknown keys do not count. */
    public boolean hasErrors() {
        return !errors.isEmpty();
    }

    static String join(String section, String key) {
        return section.isEmpty() ? key : section + "." + key;
    }

    /** Adds an error. */
    public void error(Mark mark, String field, String message) {
        errors.add(new Remark(mark, field, message));
    }

    /** Adds the error that the text is not valid YAML or JSON from a place on. */
    void broken(Mark mark, String message) {
        isBroken = true;
        error(mark, "", message);
    }

    /** Tells if the text is not valid YAML or JSON, so that its tree is missing or incomplete. */
    boolean isBroken() {
        return isBroken;
    }

    /** Adds the errors of another attempt to read the text. */
    void addAll(Remarks reading) {
        errors.addAll(reading.errors);
        isBroken |= reading.isBroken;
    }

    /** Adds a note, about something that is right but deserves attention. */
    public void note(Mark mark, String field, String message) {
        notes.add(new Remark(mark, field, message));
    }

    /**
     * Adds a key that was never read.
     *
     * @param what the message about it
     */
    void unknown(Mark mark, String section, String key, String what) {
        unknown.add(new Unknown(mark, section, key, what));
    }

    /** Adds a field that the file may have. */
    public void field(String path) {
        fields.add(path);
    }

    /** Returns every error in the file's order; complete once every field has been read. */
    public List<Remark> allErrors() {
        List<Remark> all = new ArrayList<>(errors);
        for (Unknown each : unknown) {
            all.add(new Remark(each.mark, each.field(), each.what() + hint(each)));
        }
        return inOrder(all);
    }

    /** Returns every note in the file's order. */
    public List<Remark> allNotes() {
        return inOrder(notes);
    }

    /** Returns every field that the file may have, sorted. */
    public Set<String> fields() {
        return fields;
    }

    private static List<Remark> inOrder(List<Remark> remarks) {
        return remarks.stream().sorted(Comparator.comparing(Remark::mark)).toList();
    }

    private String hint(Unknown unknown) {
        String best = closest(unknown);
        if (best != null) {
            return "; did you mean " + best + "?";
        }
        List<String> here = fields.stream()
                .filter(field -> parent(field).equals(unknown.section))
                .map(Remarks::name)
                .toList();
        if (here.isEmpty()) {
            return "; this version has no keys here";
        }
        return "; the keys here are " + String.join(", ", here);
    }

    /**
     * Finds the field that was most likely meant: one with this name elsewhere, or one with nearly this name in this
     * mapping.
     */
    private @Nullable String closest(Unknown unknown) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String field : fields) {
            boolean here = parent(field).equals(unknown.section);
            int distance = Spelling.distance(unknown.key, name(field));
            int allowed = here ? Math.max(unknown.key.length(), name(field).length()) / 3 : 0;
            String meant = here ? name(field) : field;
            if (distance <= allowed && distance < bestDistance) {
                best = meant;
                bestDistance = distance;
            } else if (distance == 0 && bestDistance == 0) {
                best += " or " + meant;
            }
        }
        return best;
    }

    private static String parent(String field) {
        return field.substring(0, Math.max(field.lastIndexOf('.'), 0));
    }

    private static String name(String field) {
        return field.substring(field.lastIndexOf('.') + 1);
    }
}
