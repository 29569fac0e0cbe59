package io.podslice.agent;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that only one podslice decides on a node: a second one, such as one that the runtime starts as a plugin
 * beside a service, would assign CPUs that the first has assigned already. The kernel releases the lock when the
 * process ends.
 */
final class StateHold implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateHold.class);

    private static final String NAME = "lock";

    private @Nullable FileChannel channel;

    /**
     * Locks the folder until closed; a folder that cannot be written stays unlocked, and the log says so.
     *
     * @throws StartException if another podslice holds the lock
     */
    void acquire(Path folder) {
        try {
            FileChannel opened = FileChannel.open(
                    folder.resolve(NAME),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            channel = opened;
            if (opened.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException held) {
            // This process holds the lock: refused below.
        } catch (IOException e) {
            // podslice starts on a disk that cannot be written: no other podslice can write there either.
            LOG.error(
                    "state.dir {}: cannot be locked, so a second podslice would not be noticed: {}",
                    folder,
                    e.toString());
            return;
        }
        throw StartException.failed(
                "state.dir " + folder + ": another podslice runs with it", new IllegalStateException("locked"));
    }

    @Override
    public void close() {
        FileChannel opened = channel;
        if (opened != null) {
            try {
                opened.close();
            } catch (IOException e) {
                LOG.debug("{}", e.getMessage());
            }
        }
    }
}
