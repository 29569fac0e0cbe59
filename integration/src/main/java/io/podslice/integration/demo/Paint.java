package io.podslice.integration.demo;

/**
 * Colours for a terminal that has 256 of them, or none at all.
 *
 * @param on true to colour
 */
record Paint(boolean on) {
    /** Background and foreground of CPUs that a container has for itself, by pod. */
    private static final String[] OWN = {"48;5;25;38;5;231;1", "48;5;130;38;5;231;1", "48;5;29;38;5;231;1"};
    /** Background and foreground of CPUs of a pod's shared pool, by pod. */
    private static final String[] SHARED = {"48;5;153;38;5;16", "48;5;223;38;5;16", "48;5;151;38;5;16"};

    private static final String NOBODYS = "48;5;236;38;5;248";

    private String with(String codes, String text) {
        return on ? "\u001b[" + codes + "m" + text + "\u001b[0m" : text;
    }

    String own(int pod, String text) {
        return with(OWN[pod % OWN.length], text);
    }

    String shared(int pod, String text) {
        return with(SHARED[pod % SHARED.length], text);
    }

    String nobodys(String text) {
        return with(NOBODYS, text);
    }

    String bold(String text) {
        return with("1", text);
    }

    String dim(String text) {
        return with("2", text);
    }

    String good(String text) {
        return with("32;1", text);
    }

    String bad(String text) {
        return with("31;1", text);
    }
}
