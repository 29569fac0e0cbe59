package io.podslice.integration.tenant;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The cgroup tree of another process, over a Unix socket: a podslice that is killed leaves it as a kernel would. */
final class RemoteCgroups implements CgroupFiles, AutoCloseable {
    private final SocketChannel channel;
    private final DataInputStream in;
    private final DataOutputStream out;

    /** Connects to a {@link KernelDoor}. */
    RemoteCgroups(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)));
        out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
    }

    /** A question by its name on the wire. */
    enum Call {
        READ,
        WRITE,
        EXISTS,
        HAS_FILE,
        CREATE,
        REMOVE,
        CHILDREN
    }

    /** Sends a question and reads the answer's lines, or throws what the kernel said. */
    private synchronized List<String> ask(Call call, CgroupPath dir, String file, String value) {
        try {
            out.writeUTF(call.name());
            out.writeUTF(dir.value());
            out.writeUTF(file);
            out.writeUTF(value);
            out.flush();
            if (in.readBoolean()) {
                List<String> lines = new ArrayList<>();
                for (int i = in.readInt(); i > 0; i--) {
                    lines.add(in.readUTF());
                }
                return lines;
            }
            Errno errno = Errno.valueOf(in.readUTF());
            String path = in.readUTF();
            String detail = in.readUTF();
            throw new CgroupException(errno, path, call == Call.WRITE ? value : null, detail);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String read(CgroupPath dir, String file) {
        return ask(Call.READ, dir, file, "").getFirst();
    }

    @Override
    public void write(CgroupPath dir, String file, String value) {
        ask(Call.WRITE, dir, file, value);
    }

    @Override
    public boolean exists(CgroupPath dir) {
        return !ask(Call.EXISTS, dir, "", "").isEmpty();
    }

    @Override
    public boolean hasFile(CgroupPath dir, String file) {
        return !ask(Call.HAS_FILE, dir, file, "").isEmpty();
    }

    @Override
    public void create(CgroupPath dir) {
        ask(Call.CREATE, dir, "", "");
    }

    @Override
    public void remove(CgroupPath dir) {
        ask(Call.REMOVE, dir, "", "");
    }

    @Override
    public List<String> children(CgroupPath dir) {
        return ask(Call.CHILDREN, dir, "", "");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
