package io.podslice.cgroups;

import java.util.List;

/**
 * A step that changed something.
 *
 * @param step the step of the plan
 * @param before the file's text before the write, in the kernel's form; empty for a step that writes no file
 * @param after the file's text read back after the write; empty for a step that writes no file
 * @param inverse the steps that undo this one, first to last
 */
public record AppliedStep(Step step, String before, String after, List<Step> inverse) {

    public AppliedStep {
        inverse = List.copyOf(inverse);
    }

    /** Returns one line, e.g. {@code write /kubepods/podx/cpu.max: max 100000 -> 800000 100000}. */
    public String describe() {
        return switch (step) {
            case Step.WriteFile write ->
                "write " + Step.fileOf(write.path(), write.file()) + ": " + shown(before) + " -> " + shown(after);
            case Step.EnableControllers enable -> "enable " + enable.path() + ": " + shown(before) + " -> " + after;
            case Step.CreateCgroup create -> create.describe();
            case Step.RemoveCgroup remove -> remove.describe();
        };
    }

    private static String shown(String text) {
        return text.isEmpty() ? "\"\"" : text;
    }
}
