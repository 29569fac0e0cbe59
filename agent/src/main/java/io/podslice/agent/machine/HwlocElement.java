package io.podslice.agent.machine;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.Printable;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * An element of hwloc's XML with its attributes.
 *
 * @param place its file and line, for messages
 */
record HwlocElement(String place, String name, Map<String, String> attributes) {
    private static final int LONGEST_VALUE = 60;

    HwlocElement {
        attributes = Map.copyOf(attributes);
    }

    boolean has(String attribute) {
        return attributes.containsKey(attribute);
    }

    String text(String attribute) {
        return attributes.getOrDefault(attribute, "");
    }

    /** Tells if this is an object of hwloc's topology with one of these types. */
    boolean isA(String... types) {
        for (String type : types) {
            if (name.equals("object") && text("type").equals(type)) {
                return true;
            }
        }
        return false;
    }

    /** Returns a number; empty where the attribute is not given. */
    Optional<Long> number(String attribute, long least, long most) throws DocumentException {
        return parsed(attribute, text -> {
            if (text.matches("[0-9]{1,18}")) {
                long number = Long.parseLong(text);
                if (number >= least && number <= most) {
                    return number;
                }
            }
            throw new IllegalArgumentException("must be a number, " + least + " to " + most);
        });
    }

    /** Returns the number that an attribute must have. */
    long required(String attribute, long least, long most) throws DocumentException {
        Optional<Long> number = number(attribute, least, most);
        if (number.isEmpty()) {
            throw wrong(attribute + ": is missing; must be a number, " + least + " to " + most);
        }
        return number.get();
    }

    /** Returns a set; empty where the attribute is not given. */
    Optional<CpuSet> set(String attribute) throws DocumentException {
        return parsed(attribute, HwlocBitmap::parse);
    }

    private <T> Optional<T> parsed(String attribute, Function<String, T> parse) throws DocumentException {
        if (!has(attribute)) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse.apply(text(attribute)));
        } catch (IllegalArgumentException e) {
            String value = Printable.of(text(attribute), LONGEST_VALUE);
            throw wrong(attribute + " \"" + value + "\": " + e.getMessage());
        }
    }

    /** Returns the exception that names this element and says what is wrong with it. */
    DocumentException wrong(String problem) {
        String type = has("type") ? " " + Printable.of(text("type"), LONGEST_VALUE) : "";
        return new DocumentException(place + ": " + Printable.of(name, LONGEST_VALUE) + type + ": " + problem);
    }
}
