package io.podslice.agent.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.podslice.agent.api.NodeApiClient;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Calls the node API for a command, and prints the problem where that fails. */
final class NodeCall {
    private NodeCall() {}

    /** The part of a command that needs the node API. */
    interface Use {
        int with(NodeApiClient client) throws DocumentException;
    }

    /** Runs a command's use of the API; returns the command's exit status. */
    static int run(String command, NodeSocketOptions options, PrintWriter err, Use use) {
        Path socket;
        try {
            socket = options.path();
        } catch (DocumentException e) {
            err.println(e.getMessage());
            return ExitCode.USAGE;
        }
        String problem = problem(socket);
        if (!problem.isEmpty()) {
            err.println("podslice " + command + ": " + problem);
            return ExitCode.FAILED;
        }
        try (NodeApiClient client = new NodeApiClient(socket)) {
            return use.with(client);
        } catch (DocumentException e) {
            err.println("podslice " + command + ": " + e.getMessage());
            return ExitCode.USAGE;
        } catch (StatusRuntimeException e) {
            return failed(command, socket, e.getStatus(), err);
        }
    }

    /**
     * Returns the reason for which the socket cannot be connected to, in the kernel's words, with advice; empty if it
     * can.
     */
    private static String problem(Path socket) {
        if (!Files.exists(socket)) {
            return socket + ": no such socket. Is podslice running (podslice serve), with this socket? Name its"
                    + " socket with --socket, or its configuration file with --config";
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return "";
        } catch (IOException e) {
            String why = String.valueOf(e.getMessage());
            String hint = why.contains("refused")
                    ? ". No process listens there: podslice has ended; start it with podslice serve"
                    : why.contains("ermission")
                            ? ". Only root and the users of api.allowedUids may connect, and the file's mode must"
                                    + " let them"
                            : "";
            return socket + ": " + why + hint;
        }
    }

    private static int failed(String command, Path socket, Status status, PrintWriter err) {
        String text = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        // A server that closes a connection before the first byte did not let this user in.
        String hint = status.getCode() == Status.Code.UNAVAILABLE && status.getCause() != null
                ? " (at " + socket + "; only root and the users of api.allowedUids may connect)"
                : "";
        err.println("podslice " + command + ": " + Printable.of(text) + hint);
        return switch (status.getCode()) {
            case INVALID_ARGUMENT -> ExitCode.USAGE;
            default -> ExitCode.FAILED;
        };
    }
}
