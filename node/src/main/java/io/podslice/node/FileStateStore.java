package io.podslice.node;

import io.podslice.node.state.NodeState;
import io.podslice.node.state.StateFile;
import io.podslice.node.state.StateUpgrade;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The state as one versioned JSON file in a folder, replaced atomically and synced to disk. A file that cannot be used
 * is set aside under another name and the state begins empty: it is never a reason not to start.
 */
public final class FileStateStore implements StateStore {
    private static final Logger log = LoggerFactory.getLogger(FileStateStore.class);
    private static final String NAME = "state.json";

    private final Path folder;
    private final Path file;
    private final Clock clock;
    private final JsonMapper mapper = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .build();

    /**
     * Makes the folder where there is none.
     *
     * @param folder where the file is kept
     * @param clock names files that are set aside
     * @throws StateException if the folder cannot be made
     */
    public FileStateStore(Path folder, Clock clock) {
        this.folder = folder;
        this.file = folder.resolve(NAME);
        this.clock = clock;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new StateException(folder.toString(), "cannot make the folder: " + e, e);
        }
    }

    @Override
    public NodeState load() {
        String text;
        try {
            if (!Files.exists(file)) {
                return NodeState.EMPTY;
            }
            text = Files.readString(file);
        } catch (IOException e) {
            setAside("cannot be read: " + e);
            return NodeState.EMPTY;
        }
        try {
            JsonNode json = mapper.readTree(text);
            int version = json.path("version").asInt(0);
            if (StateUpgrade.canUpgrade(version)) {
                StateUpgrade.upgrade(json);
            } else if (version != StateFile.VERSION) {
                setAside("has version " + version + ", this podslice reads version " + StateFile.VERSION
                        + " and those before it");
                return NodeState.EMPTY;
            }
            return mapper.treeToValue(json, StateFile.class).toState();
        } catch (JacksonException e) {
            setAside("is damaged: " + e.getOriginalMessage());
        } catch (RuntimeException e) {
            setAside("is damaged: " + e.getMessage());
        }
        return NodeState.EMPTY;
    }

    private void setAside(String why) {
        Path aside = folder.resolve(NAME + ".unusable-" + clock.instant().toEpochMilli());
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            log.warn("state file {} {}: set aside as {}, starting without it", file, why, aside.getFileName());
        } catch (IOException e) {
            log.warn("state file {} {}: starting without it; it cannot be set aside: {}", file, why, e.toString());
        }
    }

    @Override
    public void save(NodeState state) {
        byte[] bytes = mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(StateFile.of(state));
        Path temporary = folder.resolve(NAME + ".new");
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new StateException(file.toString(), "cannot be written: " + e, e);
        }
    }
}
