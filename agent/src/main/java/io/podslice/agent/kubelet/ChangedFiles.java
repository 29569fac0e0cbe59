package io.podslice.agent.kubelet;

import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes files of a node whole, each by a rename, and puts them back byte for byte. */
final class ChangedFiles {
    private static final String USUAL_MODE = "rw-r--r--";
    private static final String BESIDE = ".podslice-new";

    private final HostFiles files;

    ChangedFiles(HostFiles files) {
        this.files = files;
    }

    /** Returns an edit with the present permissions of its file. */
    Attachment.ChangedFile described(FileEdit edit) throws IOException {
        Path file = files.at(edit.path());
        return new Attachment.ChangedFile(
                edit,
                edit.before().isPresent() ? PosixFilePermissions.toString(Files.getPosixFilePermissions(file)) : "");
    }

    /** Returns the folders that have to be made before a file can be written, outermost first. */
    List<String> missingFolders(String path) {
        List<String> missing = new ArrayList<>();
        String folder = parent(path);
        while (!folder.isEmpty() && !files.exists(folder)) {
            missing.add(folder);
            folder = parent(folder);
        }
        return missing.reversed();
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    /** Gives a file its new text, with the permissions and owner that it has. */
    void apply(Attachment.ChangedFile file) throws IOException {
        Files.createDirectories(files.at(parent(file.edit().path())));
        write(file.edit().path(), file.edit().after(), file.mode());
    }

    /**
     * Puts a file back as it was. Of a file that has changed since, its endpoint alone is put back.
     *
     * @return a line about a file that is not as it was; empty if it is
     */
    Optional<String> restore(Attachment.ChangedFile file, Attachment attachment) throws IOException {
        FileEdit edit = file.edit();
        Optional<String> present = files.bytes(edit.path()).map(FileEdit::text);
        if (present.equals(edit.before())) {
            return Optional.empty();
        }
        if (present.isEmpty()) {
            return Optional.of(edit.path() + ": was removed since, and stays so");
        }
        if (present.get().equals(edit.after())) {
            if (edit.before().isEmpty()) {
                Files.delete(files.at(edit.path()));
            } else {
                write(edit.path(), edit.before().get(), file.mode());
            }
            return Optional.empty();
        }
        if (!present.get().contains(attachment.endpoint())) {
            return Optional.of(edit.path() + ": was changed since and names podslice no more; it stays as it is");
        }
        write(edit.path(), present.get().replace(attachment.endpoint(), attachment.before()), file.mode());
        return Optional.of(
                edit.path() + ": was changed since; its endpoint alone was put back to " + attachment.before());
    }

    /** Removes the folders that were made, if they are empty. */
    void removeFolders(List<String> made) throws IOException {
        for (String folder : made.reversed()) {
            try {
                Files.delete(files.at(folder));
            } catch (DirectoryNotEmptyException | NoSuchFileException kept) {
                // Another program uses it, or has removed it.
            }
        }
    }

    private void write(String path, String text, String mode) throws IOException {
        Path target = files.at(path);
        // A link is followed: the file that it names is written, and the link stays.
        Path real = Files.exists(target) ? target.toRealPath() : target;
        Path beside = real.resolveSibling(real.getFileName() + BESIDE);
        Files.write(beside, FileEdit.bytes(text));
        Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString(mode.isEmpty() ? USUAL_MODE : mode));
        if (Files.exists(real)) {
            PosixFileAttributes had = Files.readAttributes(real, PosixFileAttributes.class);
            own(beside, had.owner(), had.group());
        }
        Files.move(beside, real, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void own(Path file, UserPrincipal owner, GroupPrincipal group) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        PosixFileAttributes has = view.readAttributes();
        if (!has.owner().equals(owner)) {
            view.setOwner(owner);
        }
        if (!has.group().equals(group)) {
            view.setGroup(group);
        }
    }
}
