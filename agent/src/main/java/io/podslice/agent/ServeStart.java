package io.podslice.agent;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.config.LastGood;
import io.podslice.agent.config.StartChoice;
import io.podslice.agent.yaml.TextFile;
import io.podslice.shim.socket.ListenException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the agent with the configuration that there is: below a service manager, a mistake in a file must not cost the
 * node its runtime.
 *
 * @param agent clients can connect
 * @param choice the configuration that it has
 */
public record ServeStart(Agent agent, StartChoice choice) {
    private static final Logger LOG = LoggerFactory.getLogger(ServeStart.class);

    /**
     * Starts.
     *
     * @param file the configuration file; empty for the default configuration
     * @param launch the runtime's connection, if it has started this process as a plugin
     * @param managed true if a service manager or the runtime has started this process: it then serves with the last good
     *     configuration where the file is wrong, and without any enforces nothing
     * @param startAnew ends the process, so that its service manager starts it again; run at most once
     * @throws StartException if the state cannot be kept or the machine not be read, or if the configuration is wrong and
     *     the process not managed
     * @throws ListenException if it cannot listen
     */
    public static ServeStart run(
            Optional<Path> file, @Nullable RuntimeLaunch launch, boolean managed, Runnable startAnew) {
        StartChoice choice = file.map(path -> choose(path, managed))
                .orElseGet(() -> new StartChoice.File(Configuration.DEFAULT, List.of(), "", Optional.empty()));
        if (!managed && !(choice instanceof StartChoice.File)) {
            throw StartException.misconfigured(choice.problems());
        }
        return start(choice, launch, managed, startAnew);
    }

    /** Starts with a choice; with the next one, if the process is managed, where that cannot be for a mistake in the choice. */
    private static ServeStart start(
            StartChoice first, @Nullable RuntimeLaunch launch, boolean managed, Runnable startAnew) {
        RuntimeException failed = null;
        for (Optional<StartChoice> choice = Optional.of(first); choice.isPresent(); ) {
            StartChoice tried = choice.get();
            say(tried);
            try {
                return new ServeStart(agent(tried, launch, managed, startAnew), tried);
            } catch (ListenException e) {
                failed = failed == null ? e : failed;
                choice = managed
                        ? tried.onAnotherSocket(String.valueOf(e.getMessage()), InheritedSocket.isThere())
                        : Optional.empty();
            } catch (StartException e) {
                failed = failed == null ? e : failed;
                choice = managed && e.isMisconfigured() ? tried.enforcingLess(e.problems()) : Optional.empty();
            }
        }
        throw Objects.requireNonNull(failed);
    }

    private static StartChoice choose(Path file, boolean managed) {
        String text = "";
        Optional<String> unreadable = Optional.empty();
        try {
            text = TextFile.read(file, 1, "a configuration file");
        } catch (IOException e) {
            unreadable = Optional.of(String.valueOf(e.getMessage()));
        }
        ConfigurationFile read = ConfigurationFile.parse(text);
        read.notes().forEach(note -> LOG.warn("{}", note.text(file.toString())));
        Optional<ConfigurationFile> good = managed ? lastGood(read) : Optional.empty();
        return StartChoice.of(file.toString(), read, text, unreadable, good);
    }

    /** Reads the last good file from the state's folder, which a file with mistakes may name too; else from the usual folder. */
    private static Optional<ConfigurationFile> lastGood(ConfigurationFile file) {
        Optional<ConfigurationFile> good = LastGood.read(file.configuration().stateDir());
        return good.isPresent() || file.isWhole() ? good : LastGood.read(Configuration.DEFAULT.stateDir());
    }

    private static void say(StartChoice choice) {
        switch (choice) {
            case StartChoice.File(var _, List<String> tolerated, var _, var _) ->
                tolerated.forEach(problem ->
                        LOG.warn("{}; tolerated, since it has not changed: the key has its default", problem));
            case StartChoice.Good(var _, List<String> problems) -> {
                problems.forEach(problem -> LOG.error("{}", problem));
                LOG.error("the configuration is wrong: podslice serves with the last one that was good");
            }
            case StartChoice.Nothing(var _, List<String> problems) -> {
                problems.forEach(problem -> LOG.error("{}", problem));
                LOG.error(
                        "the configuration is wrong, and there is none that was good: nothing is enforced, pods that ask"
                                + " something of podslice are refused, others pass");
            }
        }
    }

    private static Agent agent(
            StartChoice choice, @Nullable RuntimeLaunch launch, boolean managed, Runnable startAnew) {
        return switch (choice) {
            case StartChoice.File(Configuration wanted, var _, var _, Optional<Configuration> good) ->
                Agent.onThisNode(wanted, launch, startAnew, new StartMode(managed, good));
            case StartChoice.Good(Configuration good, var _) ->
                Agent.onThisNode(good, launch, startAnew, new StartMode(true, Optional.empty()));
            case StartChoice.Nothing(Configuration sockets, List<String> problems) ->
                Agent.enforcingNothing(sockets, launch, problems);
        };
    }
}
