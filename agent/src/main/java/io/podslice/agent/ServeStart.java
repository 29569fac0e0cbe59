package io.podslice.agent;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.config.LastGood;
import io.podslice.agent.config.StartChoice;
import io.podslice.agent.yaml.TextFile;
import io.podslice.shim.socket.ListenException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
        StartChoice choice = file.map(ServeStart::choose)
                .orElseGet(() -> new StartChoice.File(Configuration.DEFAULT, List.of(), "", Optional.empty()));
        if (!managed && !(choice instanceof StartChoice.File)) {
            throw StartException.misconfigured(choice.problems());
        }
        return start(choice, launch, managed, startAnew);
    }

    /** Starts with a choice; where podslice cannot listen on its socket, with the next one. */
    private static ServeStart start(
            StartChoice first, @Nullable RuntimeLaunch launch, boolean managed, Runnable startAnew) {
        ListenException failed = null;
        for (Optional<StartChoice> choice = Optional.of(first); choice.isPresent(); ) {
            say(choice.get());
            try {
                return new ServeStart(agent(choice.get(), launch, managed, startAnew), choice.get());
            } catch (ListenException e) {
                failed = failed == null ? e : failed;
                choice = managed ? next(choice.get(), String.valueOf(e.getMessage())) : Optional.empty();
            }
        }
        throw Objects.requireNonNull(failed);
    }

    /**
     * Returns the choice after one on whose socket podslice cannot listen: a file, or the last good one, that names another
     * path than the one on which the service manager listens. Empty where there is none that differs.
     */
    private static Optional<StartChoice> next(StartChoice choice, String problem) {
        List<String> problems = new ArrayList<>();
        if (!(choice instanceof StartChoice.File)) {
            problems.addAll(choice.problems());
        }
        problems.add(problem);
        Path tried = choice.configuration().shim().listen();
        if (choice instanceof StartChoice.File file
                && file.good().isPresent()
                && !file.good().get().shim().listen().equals(tried)) {
            return Optional.of(new StartChoice.Good(file.good().get(), problems));
        }
        Configuration sockets = Configuration.DEFAULT;
        return InheritedSocket.isThere() && !sockets.shim().listen().equals(tried)
                ? Optional.of(new StartChoice.Nothing(sockets, problems))
                : Optional.empty();
    }

    private static StartChoice choose(Path file) {
        String text = "";
        Optional<String> unreadable = Optional.empty();
        try {
            text = TextFile.read(file, 1, "a configuration file");
        } catch (IOException e) {
            unreadable = Optional.of(String.valueOf(e.getMessage()));
        }
        ConfigurationFile read = ConfigurationFile.parse(text);
        read.notes().forEach(note -> LOG.warn("{}", note.text(file.toString())));
        // A file that is wrong may name the state's folder all the same.
        Path folder = read.configuration().stateDir();
        Optional<ConfigurationFile> good =
                LastGood.read(folder).or(() -> LastGood.read(Configuration.DEFAULT.stateDir()));
        return StartChoice.of(file.toString(), read, text, unreadable, good);
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
