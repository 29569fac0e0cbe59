package io.podslice.agent.install;

import io.podslice.agent.host.HostFiles;
import io.podslice.agent.text.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keeps an installation's record in {@code installed.json} beside the releases. */
final class InstallRecordStore {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final String VERSION = "1";

    private final HostFiles files;
    private final HostWriter writer;
    private final String path;

    InstallRecordStore(HostFiles files, HostWriter writer, InstallLayout layout) {
        this.files = files;
        this.writer = writer;
        this.path = layout.record();
    }

    /**
     * Reads the record; empty if podslice has installed nothing.
     *
     * @throws InstallException if the file is damaged, or of another version
     */
    Optional<InstallRecord> read() throws IOException, InstallException {
        Optional<String> text = files.text(path);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            JsonNode root = MAPPER.readTree(text.get());
            if (!root.path("version").asString("").equals(VERSION)) {
                throw new InstallException(path
                        + ": is damaged, or was written by another version of podslice: use that one, or remove the file"
                        + " and what is installed by hand");
            }
            Map<String, List<String>> digests = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> file : root.path("files").properties()) {
                List<String> each = new ArrayList<>();
                file.getValue().forEach(digest -> each.add(digest.asString("")));
                if (each.isEmpty()) {
                    throw new InstallException(path + ": is damaged: it has no digest of " + file.getKey());
                }
                digests.put(file.getKey(), each);
            }
            return Optional.of(new InstallRecord(
                    root.path("started").asString(""), root.path("notAttached").asString(""), digests));
        } catch (JacksonException e) {
            throw new InstallException(
                    path + ": is damaged: " + e.getOriginalMessage() + "; remove it and what is installed by hand", e);
        }
    }

    /** Keeps the record; it is on disk when the method returns. */
    void write(InstallRecord record) throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("version", VERSION);
        root.put("started", record.started());
        if (!record.notAttached().isEmpty()) {
            root.put("notAttached", record.notAttached());
        }
        root.put("files", record.files());
        writer.write(path, Json.text(root).getBytes(StandardCharsets.UTF_8), "rw-r--r--");
    }

    void delete() throws IOException {
        writer.delete(path);
    }
}
