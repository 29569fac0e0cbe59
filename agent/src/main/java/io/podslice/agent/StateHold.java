package io.podslice.agent;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that one podslice alone decides on a node: a second, such as one that the runtime starts as a plugin beside
 * a service, would give away the CPUs of the first. The kernel ends it with the process.
 */
final class StateHold implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateHold.class);

    private static final String NAME = "lock";

    private @Nullable FileChannel channel;

    /**
     * Holds the folder until closed; one that cannot be written is left alone.
     *
     * @throws StartException if another podslice does
     */
    void acquire(Path folder) {
        try {
            FileChannel opened =
                    FileChannel.open(folder.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel = opened;
            if (opened.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException held) {
            // By this process: said below.
        } catch (IOException e) {
            // A disk that cannot be written is no reason not to start: nobody else can write there either.
            LOG.error("state.dir {}: cannot be held: {}", folder, e.toString());
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
