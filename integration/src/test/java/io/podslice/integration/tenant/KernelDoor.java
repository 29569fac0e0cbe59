package io.podslice.integration.tenant;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.integration.tenant.RemoteCgroups.Call;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;

/** Lets a process of its own use the cgroup tree of this one, as {@link RemoteCgroups}. */
final class KernelDoor implements AutoCloseable {
    private final CgroupFiles kernel;
    private final ServerSocketChannel server;

    KernelDoor(CgroupFiles kernel, Path socket) throws IOException {
        this.kernel = kernel;
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofPlatform().daemon().name("kernel-door").start(this::accept);
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                Thread.ofPlatform().daemon().name("kernel-client").start(() -> serve(client));
            } catch (ClosedChannelException e) {
                return; // the test is over
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(client)));
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(client)));
            while (true) {
                Call call = Call.valueOf(in.readUTF());
                answer(call, new CgroupPath(in.readUTF()), in.readUTF(), in.readUTF(), out);
                out.flush();
            }
        } catch (EOFException e) {
            // The process has ended, or was killed.
            return;
        } catch (IOException e) {
            return; // killed in the middle of an answer
        }
    }

    private void answer(Call call, CgroupPath dir, String file, String value, DataOutputStream out) throws IOException {
        List<String> lines;
        try {
            lines = result(call, dir, file, value);
        } catch (CgroupException e) {
            out.writeBoolean(false);
            out.writeUTF(e.errno().name());
            out.writeUTF(e.path());
            out.writeUTF(String.valueOf(e.getMessage()));
            return;
        }
        out.writeBoolean(true);
        out.writeInt(lines.size());
        for (String line : lines) {
            out.writeUTF(line);
        }
    }

    private List<String> result(Call call, CgroupPath dir, String file, String value) {
        return switch (call) {
            case READ -> List.of(kernel.read(dir, file));
            case EXISTS -> kernel.exists(dir) ? List.of("yes") : List.of();
            case HAS_FILE -> kernel.hasFile(dir, file) ? List.of("yes") : List.of();
            case CHILDREN -> kernel.children(dir);
            case WRITE -> {
                kernel.write(dir, file, value);
                yield List.of();
            }
            case CREATE -> {
                kernel.create(dir);
                yield List.of();
            }
            case REMOVE -> {
                kernel.remove(dir);
                yield List.of();
            }
        };
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
