package io.podslice.agent.config;

import io.podslice.agent.yaml.Remark;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The configuration that {@code serve} starts with. A node must not lose its runtime over a mistake in a file: where the
 * file is wrong, the last good one is taken; where there is none, nothing is enforced and pods that ask nothing pass.
 */
public sealed interface StartChoice {

    /** The configuration; where nothing is enforced, only its sockets count. */
    Configuration configuration();

    /** The mistakes of the file, a line each; where it is taken, those that are tolerated. */
    List<String> problems();

    /**
     * The file is taken.
     *
     * @param text its text, to be kept once podslice serves with it
     * @param good the last good one, if there is one
     */
    record File(Configuration configuration, List<String> problems, String text, Optional<Configuration> good)
            implements StartChoice {}

    /** The file is wrong, and the last good one is taken. */
    record Good(Configuration configuration, List<String> problems) implements StartChoice {}

    /** The file is wrong, and there is no good one. */
    record Nothing(Configuration configuration, List<String> problems) implements StartChoice {}

    /**
     * Chooses.
     *
     * @param name the file's name, for messages
     * @param file its content
     * @param text its text, empty where it cannot be read
     * @param unreadable the reason for which it cannot be read; empty where it can
     * @param good the last file that was good
     */
    static StartChoice of(
            String name,
            ConfigurationFile file,
            String text,
            Optional<String> unreadable,
            Optional<ConfigurationFile> good) {
        Judgement judgement = Judgement.of(file, good);
        List<String> problems = unreadable.map(List::of).orElseGet(() -> texts(name, judgement.refused()));
        if (problems.isEmpty()) {
            return new File(
                    judgement.configuration(),
                    texts(name, judgement.tolerated()),
                    text,
                    good.map(ConfigurationFile::configuration));
        }
        return good.<StartChoice>map(last -> new Good(last.configuration(), problems))
                .orElseGet(() -> new Nothing(sockets(file.configuration()), problems));
    }

    /** Returns the sockets of a wrong file; the default ones where the shim would have the runtime's place. */
    private static Configuration sockets(Configuration wrong) {
        return wrong.shim().listen().equals(wrong.shim().runtime()) ? Configuration.DEFAULT : wrong;
    }

    /**
     * Returns the choice after one on whose socket podslice cannot listen; empty where there is none on another one.
     *
     * @param held true if the service manager listens for podslice, which it may do on another path than the file names
     */
    default Optional<StartChoice> onAnotherSocket(String problem, boolean held) {
        Path tried = configuration().shim().listen();
        Optional<StartChoice> good = lastGood(List.of(problem))
                .filter(other -> !other.configuration().shim().listen().equals(tried));
        boolean differs = !Configuration.DEFAULT.shim().listen().equals(tried);
        return good.or(() -> held && differs
                ? Optional.of(new Nothing(Configuration.DEFAULT, wrong(List.of(problem))))
                : Optional.empty());
    }

    /** Returns the choice after one that the cgroup driver of this machine cannot have; empty where nothing is enforced. */
    default Optional<StartChoice> enforcingLess(List<String> problems) {
        return this instanceof Nothing
                ? Optional.empty()
                : lastGood(problems).or(() -> Optional.of(new Nothing(configuration(), wrong(problems))));
    }

    private Optional<StartChoice> lastGood(List<String> problems) {
        return this instanceof File file ? file.good().map(last -> new Good(last, problems)) : Optional.empty();
    }

    /** Returns the mistakes for which a choice is not taken: those of the file, and more. */
    private List<String> wrong(List<String> more) {
        return this instanceof File
                ? more
                : Stream.concat(problems().stream(), more.stream()).toList();
    }

    /**
     * Tells which configuration is in force.
     *
     * @param name the file's name
     * @param misfits what it asks for and the machine does not have
     */
    default Standing standing(String name, List<String> misfits) {
        String which = text(name);
        return new Standing(
                switch (this) {
                    case File file -> Standing.InForce.FILE;
                    case Good good -> Standing.InForce.LAST_GOOD;
                    case Nothing nothing -> Standing.InForce.NONE;
                },
                problems().size() + misfits.size(),
                misfits.isEmpty() ? which : which + "; does not fit this machine: " + summary(misfits));
    }

    private String text(String name) {
        return switch (this) {
            case File(var _, List<String> tolerated, var _, var _) ->
                tolerated.isEmpty() ? name : name + ", with defaults for keys that are wrong: " + summary(tolerated);
            case Good(var _, List<String> wrong) -> "the last good one; not taken: " + summary(wrong);
            case Nothing(var _, List<String> wrong) -> "none, so nothing is enforced; not taken: " + summary(wrong);
        };
    }

    /** Says in a few words what is wrong: the first problem, and the number of the others. */
    static String summary(List<String> problems) {
        return problems.getFirst() + (problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more)");
    }

    private static List<String> texts(String name, List<Remark> remarks) {
        return remarks.stream().map(remark -> remark.text(name)).toList();
    }
}
