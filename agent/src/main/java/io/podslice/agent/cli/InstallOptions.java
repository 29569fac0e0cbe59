package io.podslice.agent.cli;

import io.podslice.agent.host.HostFiles;
import io.podslice.agent.install.InstallException;
import io.podslice.agent.install.InstallLayout;
import io.podslice.cgroups.systemd.SystemdException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Option;

/** The options of the commands that put podslice on a node and take it off. */
final class InstallOptions {
    @Option(
            names = "--host",
            paramLabel = "DIR",
            defaultValue = "/",
            description = "the folder where the node's folders are mounted, its /run/systemd among them; default: /")
    private Path host = Path.of("/");

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            defaultValue = InstallLayout.USUAL_HOME,
            description = "the folder on the node for the program; default: " + InstallLayout.USUAL_HOME)
    private String folder = InstallLayout.USUAL_HOME;

    @Option(
            names = "--stay",
            description = "do not end once it is done, but with SIGTERM, as the pod of a DaemonSet must")
    private boolean stay;

    @Option(names = "--check", description = "change nothing; tell by the exit status if it is done")
    private boolean check;

    HostFiles files() {
        return new HostFiles(host);
    }

    /** @throws IllegalArgumentException if the folder can be none */
    InstallLayout layout() {
        return new InstallLayout(folder);
    }

    boolean isCheck() {
        return check;
    }

    /** The part of a command that looks at the node, or changes it. */
    interface Work {
        boolean done() throws InstallException, IOException;
    }

    /** Does the work; returns the command's exit status, or stays until SIGTERM. */
    int run(String command, PrintWriter err, Work work) {
        try {
            if (!Files.isDirectory(host)) {
                err.println("podslice " + command + ": " + host + ": is no folder");
                return ExitCode.USAGE;
            }
            layout();
            if (!work.done()) {
                return ExitCode.FAILED;
            }
        } catch (IllegalArgumentException e) {
            err.println("podslice " + command + ": --folder " + e.getMessage());
            return ExitCode.USAGE;
        } catch (InstallException | IOException e) {
            err.println("podslice " + command + ": " + e.getMessage());
            return ExitCode.FAILED;
        } catch (SystemdException e) {
            err.println("podslice " + command + ": systemd: " + e.getMessage());
            return ExitCode.FAILED;
        }
        if (stay && !check) {
            untilTold();
        }
        return ExitCode.OK;
    }

    /** Waits for SIGTERM or SIGINT, which end the process with status 0. */
    private static void untilTold() {
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform().unstarted(() -> Runtime.getRuntime().halt(ExitCode.OK)));
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
