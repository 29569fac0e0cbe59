package io.podslice.agent.config;

import io.podslice.agent.yaml.Remark;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A configuration file judged beside the last one that was good. A mistake in a key that is written as it was then is no
 * reason to refuse the file: another version of podslice has other rules, or knows other keys. Such a key has its default.
 *
 * @param configuration the file's content, of use where nothing is refused
 * @param refused the mistakes for which the file is refused, in its order
 * @param tolerated the mistakes in keys that have not changed
 */
public record Judgement(Configuration configuration, List<Remark> refused, List<Remark> tolerated) {

    /**
     * Judges a file.
     *
     * @param good the last file that was good; empty: every mistake counts
     */
    public static Judgement of(ConfigurationFile file, Optional<ConfigurationFile> good) {
        List<Remark> refused = new ArrayList<>();
        List<Remark> tolerated = new ArrayList<>();
        for (Remark error : file.errors()) {
            boolean old = good.isPresent() && isIn(good.get(), error, file);
            (old ? tolerated : refused).add(error);
        }
        return new Judgement(file.configuration(), List.copyOf(refused), List.copyOf(tolerated));
    }

    /**
     * Tells if the good file has the mistake too, by the rules of this version, in a key that is written alike. A mistake
     * of two keys that do not go together is new if either has changed.
     */
    private static boolean isIn(ConfigurationFile good, Remark error, ConfigurationFile file) {
        return !error.field().isEmpty()
                && file.raw().isUnchanged(error.field(), good.raw())
                && good.errors().stream()
                        .anyMatch(known -> known.field().equals(error.field())
                                && known.message().equals(error.message()));
    }

    /** Lists the keys whose values differ and that count only after a restart, in the table's order. */
    public static List<String> waitForRestart(Configuration inForce, Configuration next) {
        return differing(inForce, next, Rule.Change.RESTART);
    }

    /** Lists the keys whose values differ and that count at once, in the table's order. */
    public static List<String> countAtOnce(Configuration inForce, Configuration next) {
        return differing(inForce, next, Rule.Change.RELOAD);
    }

    private static List<String> differing(Configuration inForce, Configuration next, Rule.Change change) {
        return Rules.all().stream()
                .filter(rule -> rule.change() == change && rule.differs(inForce, next))
                .map(Rule::path)
                .distinct()
                .toList();
    }
}
