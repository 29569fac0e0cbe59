package io.podslice.agent.cli;

import io.podslice.agent.Agent;
import io.podslice.agent.Hangup;
import io.podslice.agent.InheritedSocket;
import io.podslice.agent.Reload;
import io.podslice.agent.RuntimeLaunch;
import io.podslice.agent.ServeStart;
import io.podslice.agent.ServiceNotice;
import io.podslice.agent.StartException;
import io.podslice.agent.Watchdog;
import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.Standing;
import io.podslice.agent.config.StartChoice;
import io.podslice.shim.socket.ListenException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code podslice serve}: runs the agent until the process is told to end. */
final class Serve {
    private static final Logger LOG = LoggerFactory.getLogger(Serve.class);

    /** The most time that calls have to end once podslice is told to; podslice.service waits longer. */
    private static final Duration DRAIN = Duration.ofSeconds(3);

    private final PrintWriter err;

    /**
     * Makes a run that has not started yet.
     *
     * @param err receives the problem that keeps it from starting
     */
    public Serve(PrintWriter err) {
        this.err = err;
    }

    /**
     * Runs until SIGTERM or SIGINT, which end the process with status 0 once the calls under way have ended, or, if a
     * runtime has started this process, until that runtime closes the connection. SIGHUP reloads the file. Returns the exit
     * status: OK after the runtime's end, otherwise that of a failed start.
     *
     * @param file the configuration file; null for the default configuration
     */
    public int run(@Nullable Path file) {
        CountDownLatch ended = new CountDownLatch(1);
        ServeStart started;
        boolean launched;
        Runnable startAnew;
        try {
            RuntimeLaunch launch =
                    RuntimeLaunch.of(System.getenv(), ended::countDown).orElse(null);
            launched = launch != null;
            boolean managed = launched || ServiceNotice.isWanted(System.getenv()) || InheritedSocket.isThere();
            // A runtime does not start its plugin again: such a podslice stays, and its log says what to set.
            startAnew = launched ? () -> {} : ended::countDown;
            started = ServeStart.run(Optional.ofNullable(file), launch, managed, startAnew);
        } catch (StartException e) {
            e.problems().forEach(problem -> err.println("podslice serve: " + problem));
            return e.isMisconfigured() ? ExitCode.USAGE : ExitCode.FAILED;
        } catch (ListenException e) {
            err.println("podslice serve: " + e.getMessage());
            return ExitCode.FAILED;
        }
        Agent agent = started.agent();
        Configuration configuration = started.choice().configuration();
        if (launched) {
            LOG.info("started by the runtime, as its plugin");
        } else {
            LOG.info(
                    "listening on {} in front of {}",
                    configuration.shim().listen(),
                    configuration.shim().runtime());
        }
        endWhenTold(agent);
        Optional<ServiceNotice> notice = ServiceNotice.open(System.getenv());
        notice.ifPresent(service -> tell(service, agent));
        if (file != null) {
            follow(file, started, notice, startAnew);
        }
        HeapRest.start();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ExitCode.OK;
    }

    /** Tells the service manager that clients can connect, and from then on that podslice lives. */
    private static void tell(ServiceNotice service, Agent agent) {
        service.ready();
        ServiceNotice.watchdog(System.getenv())
                .ifPresent(period -> Watchdog.start(agent.parts(), period, service::alive));
    }

    /** Says where an administrator looks which configuration is in force, and takes over changes of the file. */
    private static void follow(Path file, ServeStart started, Optional<ServiceNotice> notice, Runnable startAnew) {
        Agent agent = started.agent();
        Configuration configuration = started.choice().configuration();
        if (started.choice() instanceof StartChoice.File good && agent.misfits().isEmpty()) {
            Reload.keep(configuration.stateDir(), good.text());
        }
        Consumer<Standing> tell = standing -> {
            agent.configuration(standing);
            notice.ifPresent(service -> service.status("configuration: " + standing.text()));
        };
        tell.accept(started.choice().standing(file.toString(), agent.misfits()));
        Hangup.handle(new Reload(file, agent, configuration, tell, startAnew)::run);
    }

    private static void endWhenTold(Agent agent) {
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> {
                    agent.drain(DRAIN);
                    agent.close();
                    LOG.info("stopped");
                    // A JVM that ends by a signal has status 128 + its number; a wanted end must have status 0.
                    Runtime.getRuntime().halt(ExitCode.OK);
                }));
    }
}
