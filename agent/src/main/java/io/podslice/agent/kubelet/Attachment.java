package io.podslice.agent.kubelet;

import java.util.List;

/**
 * The changes that attach has made on a node, for detach to put back.
 *
 * @param before the endpoint that the kubelet had
 * @param endpoint the endpoint that it was given
 * @param unit the kubelet's unit
 * @param isConfirmed true once the node was seen to be sound with the new endpoint
 * @param files the files that were changed, in the order of the changes
 * @param folders the folders that were made, outermost first
 */
record Attachment(
        String before,
        String endpoint,
        String unit,
        boolean isConfirmed,
        List<ChangedFile> files,
        List<String> folders) {
    Attachment {
        files = List.copyOf(files);
        folders = List.copyOf(folders);
    }

    /**
     * A file as it was.
     *
     * @param edit its texts
     * @param mode its permissions as {@code rw-r--r--}; empty if it did not exist
     */
    record ChangedFile(FileEdit edit, String mode) {}

    Attachment confirmed() {
        return new Attachment(before, endpoint, unit, true, files, folders);
    }
}
