package io.podslice.integration.restart;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A program that does what systemd does for a socket unit: listens on a Unix socket, and runs another program with that
 * socket as its standard input, again whenever it has ended, until this one is ended.
 */
@SuppressWarnings("restricted") // calls the C library, in a process of its own
public final class SocketHolder {
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCKADDR_UN_BYTES = 110;
    private static final int BACKLOG = 4096;

    private SocketHolder() {}

    /**
     * Runs the program.
     *
     * @param args the socket's path, and the command
     */
    public static void main(String[] args) throws Throwable {
        listenAsStandardInput(args[0]);
        List<String> command = Arrays.asList(args).subList(1, args.length);
        while (true) {
            Process child = run(command);
            Thread killer = new Thread(child::destroyForcibly);
            Runtime.getRuntime().addShutdownHook(killer);
            int status = child.waitFor();
            Runtime.getRuntime().removeShutdownHook(killer);
            System.out.println("ended " + status);
        }
    }

    private static Process run(List<String> command) throws IOException {
        Process child = new ProcessBuilder(command).inheritIO().start();
        System.out.println("started " + child.pid());
        return child;
    }

    /** The JDK tells no descriptor of its channels, so the C library is called. */
    private static void listenAsStandardInput(String path) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            int socket = call("socket", AF_UNIX, SOCK_STREAM, 0);
            MemorySegment address = arena.allocate(SOCKADDR_UN_BYTES);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            address.setString(Short.BYTES, path, StandardCharsets.UTF_8);
            Linker linker = Linker.nativeLinker();
            int bound = (int) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("bind"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_INT))
                    .invokeExact(socket, address, SOCKADDR_UN_BYTES);
            if (bound != 0) {
                throw new IOException(path + ": bind failed");
            }
            call("listen", socket, BACKLOG, 0);
            call("dup2", socket, 0, 0);
        }
    }

    /** Calls a function that takes up to three numbers; those that take fewer do not look at the others. */
    private static int call(String function, int first, int second, int third) throws Throwable {
        Linker linker = Linker.nativeLinker();
        int result = (int) linker.downcallHandle(
                        linker.defaultLookup().findOrThrow(function),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                .invokeExact(first, second, third);
        if (result < 0) {
            throw new IOException(function + " failed");
        }
        return result;
    }
}
