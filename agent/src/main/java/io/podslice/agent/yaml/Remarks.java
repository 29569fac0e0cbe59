package io.podslice.agent.yaml;

import io.podslice.managers.pod.Spelling;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Collects what there is to say about one document, and the fields that it could have had. */
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

    /** Whether anything is wrong so far, unknown keys not counted. */
    public boolean hasErrors() {
        return !errors.isEmpty();
    }

    static String join(String section, String key) {
        return section.isEmpty() ? key : section + "." + key;
    }

    /** Something is wrong. */
    public void error(Mark mark, String field, String message) {
        errors.add(new Remark(mark, field, message));
    }

    /** Notes that the text is not of its language from a place on. */
    void broken(Mark mark, String message) {
        isBroken = true;
        error(mark, "", message);
    }

    /** Tells if the text is not of its language, so that there is no tree, or half of one. */
    boolean isBroken() {
        return isBroken;
    }

    /** Adds the errors that another reading of the text found. */
    void addAll(Remarks reading) {
        errors.addAll(reading.errors);
        isBroken |= reading.isBroken;
    }

    /** Something is right, but worth a word. */
    public void note(Mark mark, String field, String message) {
        notes.add(new Remark(mark, field, message));
    }

    /** A key that nobody asked for, and what to call it. */
    void unknown(Mark mark, String section, String key, String what) {
        unknown.add(new Unknown(mark, section, key, what));
    }

    /** A field that the file may have. */
    public void field(String path) {
        fields.add(path);
    }

    /** Every error in the file's order; complete once every field has been asked for. */
    public List<Remark> allErrors() {
        List<Remark> all = new ArrayList<>(errors);
        for (Unknown each : unknown) {
            all.add(new Remark(each.mark, each.field(), each.what() + hint(each)));
        }
        return inOrder(all);
    }

    /** Every note in the file's order. */
    public List<Remark> allNotes() {
        return inOrder(notes);
    }

    /** Every field that the file may have, sorted. */
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

    /** The field that was most likely meant: of this name elsewhere, else nearly of this name here. */
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
