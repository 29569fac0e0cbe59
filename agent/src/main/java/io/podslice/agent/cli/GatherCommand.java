package io.podslice.agent.cli;

import io.grpc.StatusRuntimeException;
import io.podslice.agent.api.NodeApiClient;
import io.podslice.agent.doctor.LiveProbes;
import io.podslice.agent.doctor.NodeReader;
import io.podslice.agent.doctor.NodeRecord;
import io.podslice.agent.gather.Gather;
import io.podslice.agent.gather.JournalLog;
import io.podslice.agent.host.HostFiles;
import io.podslice.agent.status.StatusJson;
import io.podslice.proto.v1.ListPodsRequest;
import io.podslice.proto.v1.StatusRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code podslice gather}. */
@Command(
        name = "gather",
        description = {
            "Pack what a bug report needs into an archive of at most 16 MiB: the doctor's report, status, configuration, state,"
                    + " the end of the log, versions, the files that set up kubelet and containerd. Values whose names say that"
                    + " they are secrets are left out; look through it before you send it. Run it as root.",
            "Exit status 0: written; 1: it could not be written; 2: the command line cannot be used."
        },
        mixinStandardHelpOptions = true)
final class GatherCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Option(
            names = "--root",
            paramLabel = "DIR",
            defaultValue = "/",
            description = "the folder that is the node's root; default: /")
    private Path root = Path.of("/");

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "the configuration's path on the node; default: " + NodeReader.CONFIG
                    + ", or the default configuration where that is not there")
    private @Nullable String config;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "the archive, which must not exist; default: podslice-TIME.tar.gz in this folder")
    private @Nullable Path file;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        Instant now = Instant.now();
        String name = "podslice-"
                + DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
                        .withZone(ZoneOffset.UTC)
                        .format(now);
        if (config != null && !config.startsWith("/")) {
            err.println("podslice gather: --config " + config + ": must be an absolute path");
            return ExitCode.USAGE;
        }
        Path archive = file == null ? Path.of(name + ".tar.gz") : file;
        HostFiles files = new HostFiles(root);
        NodeRecord node = new NodeReader(files, new LiveProbes(), Version.number()).read(config);
        try {
            Files.createFile(
                    archive, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            err.println("podslice gather: " + archive + ": exists already");
            return ExitCode.USAGE;
        } catch (IOException e) {
            err.println("podslice gather: " + archive + ": " + e.getMessage());
            return ExitCode.FAILED;
        }
        try (OutputStream out = Files.newOutputStream(archive)) {
            List<String> names = new Gather(files, sources(files, node))
                    .write(node, versions(node), name, now.getEpochSecond(), out);
            spec.commandLine()
                    .getOut()
                    .println(archive + ": " + names.size() + " files; look through it before you send it");
            return ExitCode.OK;
        } catch (IOException e) {
            err.println("podslice gather: " + archive + ": " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private static String versions(NodeRecord node) {
        return String.join("\n", new Version().getVersion()) + "\nrunning: "
                + node.service().version() + "\nkernel: " + node.kernel() + "\nruntime: "
                + node.runtime().name() + " " + node.runtime().version() + "\n";
    }

    private static Gather.Sources sources(HostFiles files, NodeRecord node) {
        return new Gather.Sources() {
            @Override
            public String log() throws IOException {
                if (!files.isHere()) {
                    throw new IOException("a copy of a node's files has no journal that could be asked");
                }
                return JournalLog.read();
            }

            @Override
            public String status() throws IOException {
                if (!node.service().api().problem().isEmpty()) {
                    throw new IOException(node.service().api().path() + ": "
                            + node.service().api().problem());
                }
                Path socket = files.at(node.configuration().api().listen().toString());
                try (NodeApiClient client = new NodeApiClient(socket)) {
                    return StatusJson.list(
                            client.node(PATIENCE).status(StatusRequest.getDefaultInstance()),
                            client.node(PATIENCE)
                                    .listPods(ListPodsRequest.getDefaultInstance())
                                    .getPodsList());
                } catch (StatusRuntimeException e) {
                    throw new IOException(e.getStatus().toString(), e);
                }
            }
        };
    }
}
