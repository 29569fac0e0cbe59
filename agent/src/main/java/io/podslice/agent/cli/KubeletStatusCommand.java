package io.podslice.agent.cli;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.host.HostFiles;
import io.podslice.agent.kubelet.Kubelet;
import io.podslice.agent.kubelet.KubeletKey;
import io.podslice.agent.kubelet.Setting;
import io.podslice.agent.text.Table;
import io.podslice.agent.yaml.DocumentException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code podslice kubelet status}. */
@Command(
        name = "status",
        description = {
            "Show the kubelet's runtime endpoint, where it is set, and if a restart would change it. Changes nothing.",
            "Exit status 0: the kubelet goes through podslice; 1: it does not, or there is none; 2: the command line or a"
                    + " file cannot be used."
        },
        mixinStandardHelpOptions = true)
final class KubeletStatusCommand implements Callable<Integer> {
    @Option(
            names = "--root",
            paramLabel = "DIR",
            defaultValue = "/",
            description = "the folder that is the node's root; default: /")
    private Path root = Path.of("/");

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
            Kubelet kubelet = Kubelet.read(new HostFiles(root));
            if (!kubelet.exists()) {
                err.println("podslice kubelet status: no kubelet runs, and there is no kubelet.service, k3s or RKE2");
                return ExitCode.FAILED;
            }
            Setting endpoint = kubelet.running(KubeletKey.ENDPOINT);
            Setting next = kubelet.next(KubeletKey.ENDPOINT);
            Table table = new Table("");
            table.row("unit", kubelet.unitName());
            table.row(
                    "process",
                    kubelet.process()
                            .map(process -> Integer.toString(process.pid()))
                            .orElse("none runs"));
            table.row("endpoint", endpoint.value());
            table.row("set by", endpoint.where());
            if (!next.equals(endpoint)) {
                table.row("after a restart", next.value() + ", " + next.where());
            }
            if (new HostFiles(root).isHere()) {
                KubeletOptions.here(configuration, out).kept().ifPresent(kept -> table.row("podslice", kept));
            }
            out.print(table.text());
            out.flush();
            String socket = "unix://" + configuration.shim().listen();
            return endpoint.value().equals(socket) ? ExitCode.OK : ExitCode.FAILED;
        } catch (IOException e) {
            err.println("podslice kubelet status: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }
}
