package io.podslice.agent.kubelet;

import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keeps what attach has changed, in {@code state.dir/kubelet.json}, so that another process can put it back. */
final class AttachmentStore {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final String VERSION = "1";

    private final HostFiles files;
    private final String path;

    /** @param stateDir podslice's {@code state.dir} on the node */
    AttachmentStore(HostFiles files, String stateDir) {
        this.files = files;
        this.path = stateDir + "/kubelet.json";
    }

    /** Returns the path of the file on the node. */
    String path() {
        return path;
    }

    /**
     * Reads what is kept; empty if nothing is.
     *
     * @throws IOException if the file cannot be read, or was not written by this class
     */
    Optional<Attachment> read() throws IOException {
        Optional<String> text = files.text(path);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            JsonNode root = MAPPER.readTree(text.get());
            if (!root.path("version").asString("").equals(VERSION)) {
                throw new IOException(path + ": was written by another version of podslice");
            }
            List<Attachment.ChangedFile> changed = new ArrayList<>();
            for (JsonNode file : root.path("files")) {
                JsonNode before = file.path("before");
                changed.add(new Attachment.ChangedFile(
                        new FileEdit(
                                required(file, "path"),
                                before.isMissingNode() ? Optional.empty() : Optional.of(decoded(file, "before")),
                                decoded(file, "after")),
                        file.path("mode").asString("")));
            }
            List<String> folders = new ArrayList<>();
            for (JsonNode folder : root.path("folders")) {
                folders.add(folder.asString(""));
            }
            return Optional.of(new Attachment(
                    required(root, "before"),
                    required(root, "endpoint"),
                    required(root, "unit"),
                    root.path("confirmed").asBoolean(false),
                    changed,
                    folders));
        } catch (JacksonException | IllegalArgumentException e) {
            throw new IOException(path + ": is damaged: " + e.getMessage(), e);
        }
    }

    private String required(JsonNode node, String name) throws IOException {
        String value = node.path(name).asString("");
        if (value.isEmpty()) {
            throw new IOException(path + ": is damaged: it has no " + name);
        }
        return value;
    }

    private static String decoded(JsonNode node, String name) {
        return FileEdit.text(Base64.getDecoder().decode(node.path(name).asString("")));
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(FileEdit.bytes(text));
    }

    /** Keeps it; it is on disk when the method returns. */
    void write(Attachment attachment) throws IOException {
        List<Map<String, String>> changed = new ArrayList<>();
        for (Attachment.ChangedFile file : attachment.files()) {
            Map<String, String> one = new LinkedHashMap<>();
            one.put("path", file.edit().path());
            file.edit().before().ifPresent(text -> one.put("before", encoded(text)));
            one.put("after", encoded(file.edit().after()));
            one.put("mode", file.mode());
            changed.add(one);
        }
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("version", VERSION);
        root.put("before", attachment.before());
        root.put("endpoint", attachment.endpoint());
        root.put("unit", attachment.unit());
        root.put("confirmed", attachment.isConfirmed());
        root.put("files", changed);
        root.put("folders", attachment.folders());
        Path target = files.at(path);
        Path folder = target.resolveSibling("");
        Files.createDirectories(folder);
        Path beside = target.resolveSibling("kubelet.json.new");
        Files.deleteIfExists(beside);
        Files.createFile(beside, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(beside, MAPPER.writeValueAsBytes(root));
        try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
    }

    void delete() throws IOException {
        Files.deleteIfExists(files.at(path));
    }
}
