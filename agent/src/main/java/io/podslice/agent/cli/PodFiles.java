package io.podslice.agent.cli;

import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.manifest.Pod;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.agent.yaml.Remark;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The pods of manifests that a command line names.
 *
 * @param pods in the order in which they come
 * @param beforeLast the number of those that are not from the last file
 */
record PodFiles(List<Pod> pods, int beforeLast) {
    private static final int MOST_MEBIBYTES = 64;

    PodFiles {
        pods = List.copyOf(pods);
    }

    /**
     * Reads the pods of all files, in their order.
     *
     * @param files at least one file; {@value InputFile#STANDARD_INPUT} for standard input
     * @param err gets notes about what is right but deserves attention
     * @throws DocumentException if a file cannot be used, or two manifests describe one pod
     */
    static PodFiles read(List<String> files, PrintWriter err) throws DocumentException {
        List<Pod> all = new ArrayList<>();
        Map<String, String> names = new HashMap<>();
        int beforeLast = 0;
        for (String given : files) {
            beforeLast = all.size();
            String file = InputFile.name(given);
            Manifests manifests = Manifests.read(file, InputFile.text(given, MOST_MEBIBYTES, "a manifest"), all.size());
            for (Remark note : manifests.notes()) {
                err.println("note: " + note.text(file));
            }
            for (Pod pod : manifests.pods()) {
                String place = file + ":" + pod.mark().line();
                String first = names.putIfAbsent(pod.fullName(), place);
                String sameUid = names.putIfAbsent(pod.uid(), place);
                if (first != null) {
                    throw new DocumentException(place + ": pods \"" + pod.name() + "\" already exists, from " + first
                            + "; with generateName in place of name one manifest makes many");
                }
                if (sameUid != null) {
                    throw new DocumentException(
                            place + ": metadata.uid \"" + pod.uid() + "\": is that of the pod from " + sameUid);
                }
                all.add(pod);
            }
        }
        return new PodFiles(all, beforeLast);
    }
}
