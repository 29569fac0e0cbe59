package io.podslice.agent.cli;

import io.podslice.agent.NodeRelease;
import io.podslice.agent.StartException;
import io.podslice.agent.config.Configuration;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.CgroupException;
import io.podslice.node.StateException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code podslice release}. */
@Command(
        name = "release",
        description = {
            "Give the cgroups of all pods back to kubelet and runtime, after podslice was stopped for good: CPU sets,"
                    + " partitions and memory protection are taken away, lifted quotas are the kubelet's again. Pods run on.",
            "Exit status 0: released; 1: podslice still runs, or the kernel or the disk refuses, and nothing was changed; 2:"
                    + " the command line or the configuration cannot be used."
        },
        mixinStandardHelpOptions = true)
final class ReleaseCommand implements Callable<Integer> {
    @Mixin
    private KubeletOptions options = new KubeletOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Configuration configuration;
        try {
            configuration = options.read();
        } catch (DocumentException e) {
            err.println(e.getMessage());
            return ExitCode.USAGE;
        }
        try {
            List<String> steps = NodeRelease.onThisNode(configuration);
            steps.forEach(step -> out.println("  " + step));
            out.println("released with " + steps.size() + (steps.size() == 1 ? " write" : " writes"));
            return ExitCode.OK;
        } catch (StartException e) {
            e.problems().forEach(problem -> err.println("podslice release: " + problem));
            return e.isMisconfigured() ? ExitCode.USAGE : ExitCode.FAILED;
        } catch (CgroupException | StateException e) {
            err.println("podslice release: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }
}
