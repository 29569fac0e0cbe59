package io.podslice.agent;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.config.Judgement;
import io.podslice.agent.config.LastGood;
import io.podslice.agent.config.Standing;
import io.podslice.agent.config.StartChoice;
import io.podslice.agent.yaml.Remark;
import io.podslice.agent.yaml.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over a changed configuration file while podslice serves: keys that count at once are put in force, others are
 * named and count after a restart. A wrong file changes nothing. Pods that run are not judged anew. Where nothing is enforced
 * for want of a good file, a good one ends the process, so that its service manager starts it again with that file.
 */
public final class Reload {
    private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

    private final Path file;
    private final Running running;
    private final Configuration started;
    private final Consumer<Standing> standing;
    private final Runnable startAnew;
    private Configuration inForce;

    /** The podslice that serves. */
    public interface Running {
        /** Lists what a configuration asks for and this machine does not have, a line each. */
        List<String> misfits(Configuration configuration);

        /** Puts those keys in force that count at once. */
        void apply(Configuration configuration);

        /** Tells if nothing is enforced, since podslice has started without a good configuration. */
        boolean isMisconfigured();
    }

    /**
     * A reload of a file.
     *
     * @param started the configuration that podslice has started with
     * @param standing is told which configuration is in force, and what is wrong with the file
     * @param startAnew ends the process, so that its service manager starts it again
     */
    public Reload(Path file, Running running, Configuration started, Consumer<Standing> standing, Runnable startAnew) {
        this.file = file;
        this.running = running;
        this.started = started;
        this.inForce = started;
        this.standing = standing;
        this.startAnew = startAnew;
    }

    /** Reads the file, and takes it over if it is good. */
    public synchronized void run() {
        String text;
        try {
            text = TextFile.read(file, 1, "a configuration file");
        } catch (IOException e) {
            refuse(List.of(String.valueOf(e.getMessage())));
            return;
        }
        Optional<ConfigurationFile> good = LastGood.read(started.stateDir());
        ConfigurationFile read = ConfigurationFile.parse(text);
        Judgement judgement = Judgement.of(read, good);
        Configuration next = judgement.configuration();
        List<String> problems = new ArrayList<>(texts(judgement.refused()));
        if (problems.isEmpty()) {
            // A key that is unchanged may ask for what the machine has lost since.
            problems.addAll(running.misfits(next));
            problems.removeAll(running.misfits(inForce));
            problems.replaceAll(problem -> file + ": " + problem);
        }
        if (!problems.isEmpty()) {
            refuse(problems);
            return;
        }
        List<String> tolerated = texts(judgement.tolerated());
        tolerated.forEach(problem -> LOG.warn("{}; tolerated, since it has not changed: it has its default", problem));
        read.notes().forEach(note -> LOG.warn("{}", note.text(file.toString())));
        take(next, text, tolerated);
    }

    private void refuse(List<String> problems) {
        problems.forEach(problem -> LOG.error("{}", problem));
        LOG.error("{} is wrong: podslice goes on with the configuration that it has", file);
        boolean none = running.isMisconfigured();
        tell(
                none ? Standing.InForce.NONE : Standing.InForce.BEFORE_RELOAD,
                problems,
                (none ? "none, so nothing is enforced" : "the one before the last reload") + "; not taken: "
                        + StartChoice.summary(problems));
    }

    private void take(Configuration next, String text, List<String> tolerated) {
        if (running.isMisconfigured()) {
            LOG.info("{} is good now: podslice ends, to be started with it", file);
            tell(
                    Standing.InForce.NONE,
                    List.of(),
                    "none, so nothing is enforced; " + file + " is good, and counts after a restart");
            startAnew.run();
            return;
        }
        List<String> atOnce = Judgement.countAtOnce(inForce, next);
        List<String> later = Judgement.waitForRestart(started, next);
        running.apply(next);
        inForce = next;
        keep(started.stateDir(), text);
        LOG.info(
                "{} is reloaded; changed at once: {}; after a restart: {}",
                file,
                atOnce.isEmpty() ? "nothing" : String.join(", ", atOnce),
                later.isEmpty() ? "nothing" : String.join(", ", later));
        tell(
                Standing.InForce.FILE,
                tolerated,
                file + (later.isEmpty() ? "" : "; changes after a restart: " + String.join(", ", later)));
    }

    private void tell(Standing.InForce inForce, List<String> problems, String text) {
        standing.accept(new Standing(inForce, problems.size(), text));
    }

    /** Keeps the text of a good file for a start at which the file is wrong; the log says where that fails. */
    public static void keep(Path stateDir, String text) {
        try {
            LastGood.keep(stateDir, text);
        } catch (IOException e) {
            LOG.warn("state.dir {}: the last good configuration cannot be kept: {}", stateDir, e.toString());
        }
    }

    private List<String> texts(List<Remark> remarks) {
        return remarks.stream().map(remark -> remark.text(file.toString())).toList();
    }
}
