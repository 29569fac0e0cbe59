package io.podslice.agent.install;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An installation's own account of a node: without it no file there is podslice's to replace or remove.
 *
 * @param started the release with which the service was last seen to start; empty before the first start
 * @param notAttached the release that the kubelet was attached to in vain and put back from; empty if it was not
 * @param files SHA-256 of what was written, by path; the last is the newest, and those before it are of a writing that was not
 *     finished
 */
record InstallRecord(String started, String notAttached, Map<String, List<String>> files) {
    /** Nothing was written yet. */
    static final InstallRecord NONE = new InstallRecord("", "", Map.of());

    InstallRecord {
        Map<String, List<String>> copy = new LinkedHashMap<>();
        files.forEach((path, digests) -> copy.put(path, List.copyOf(digests)));
        files = Collections.unmodifiableMap(copy);
    }

    /** Returns what podslice may have written at that path; empty if it has written nothing. */
    List<String> digests(String path) {
        return files.getOrDefault(path, List.of());
    }

    /** Tells if a writing was begun and what must follow it was not done. */
    boolean isUnfinished() {
        return files.values().stream().anyMatch(digests -> digests.size() > 1);
    }

    InstallRecord started(String release) {
        return new InstallRecord(release, notAttached, files);
    }

    InstallRecord notAttached(String release) {
        return new InstallRecord(started, release, files);
    }

    /** Before a file is written. The empty digest before it stands for no file. */
    InstallRecord writing(String path, String digest) {
        List<String> digests = new ArrayList<>(digests(path));
        if (digests.isEmpty()) {
            digests.add("");
        }
        digests.remove(digest);
        digests.add(digest);
        return with(path, digests);
    }

    /** A file that is the administrator's; what podslice would have written is known. */
    InstallRecord offered(String path, String digest) {
        return with(path, List.of(digest));
    }

    private InstallRecord with(String path, List<String> digests) {
        Map<String, List<String>> changed = new LinkedHashMap<>(files);
        changed.put(path, digests);
        return new InstallRecord(started, notAttached, changed);
    }

    /** After all files are written and systemd knows of them. */
    InstallRecord finished() {
        Map<String, List<String>> last = new LinkedHashMap<>();
        files.forEach((path, digests) -> last.put(path, List.of(digests.getLast())));
        return new InstallRecord(started, notAttached, last);
    }
}
