package io.podslice.agent.manifest;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Mark;
import io.podslice.agent.yaml.Remark;
import io.podslice.agent.yaml.Remarks;
import io.podslice.agent.yaml.YamlNode;
import io.podslice.agent.yaml.YamlReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A file of Pod manifests: YAML with any number of documents, or JSON. A document is a Pod, or a List of Pods as {@code
 * kubectl get} writes it.
 *
 * @param pods in the file's order; at least one
 * @param notes fields that podslice does not know
 */
public record Manifests(List<Pod> pods, List<Remark> notes) {
    private static final Set<String> LISTS = Set.of("List", "PodList");

    public Manifests {
        pods = List.copyOf(pods);
        notes = List.copyOf(notes);
    }

    /**
     * Reads a file's text.
     *
     * @param file its name, for messages
     * @param before how many pods came before it, from other files
     * @throws DocumentException with line, field and value of what is wrong with each document
     */
    public static Manifests read(String file, String text, int before) throws DocumentException {
        Remarks syntax = new Remarks();
        List<YamlNode> documents = YamlReader.all(text, syntax);
        List<Remark> errors = new ArrayList<>(syntax.allErrors());
        List<Remark> notes = new ArrayList<>();
        List<Pod> pods = new ArrayList<>();
        for (YamlNode document : errors.isEmpty() ? documents : List.<YamlNode>of()) {
            Remarks remarks = new Remarks();
            new Reading(document, remarks, before, pods).object(new Fields(document, "", remarks), "");
            errors.addAll(remarks.allErrors());
            notes.addAll(remarks.allNotes());
        }
        if (!errors.isEmpty()) {
            throw new DocumentException(file, errors);
        }
        if (pods.isEmpty()) {
            throw new DocumentException(file + ": holds no pod");
        }
        return new Manifests(pods, notes);
    }

    /** The reading of one document. */
    private record Reading(YamlNode document, Remarks remarks, int before, List<Pod> pods) {

        void object(Fields top, String path) {
            boolean isObject = !top.keys().isEmpty();
            Mark mark = top.mark("kind");
            Mark versionMark = top.mark("apiVersion");
            boolean hasKind = top.has("kind");
            boolean hasVersion = top.has("apiVersion");
            String kind = top.value("kind", "", text -> text);
            String version = top.value("apiVersion", "", text -> text);
            if (!isObject) {
                if (!remarks.hasErrors()) {
                    remarks.error(mark, path, "is empty; must be a Pod");
                }
            } else if (!hasKind) {
                top.error(mark, "kind", "is missing; must be Pod");
            } else if (LISTS.contains(kind) && path.isEmpty()) {
                list(top);
            } else if (!kind.equals("Pod")) {
                top.error(
                        mark,
                        "kind",
                        "\"" + kind + "\": must be Pod, or List with Pods as items; of what makes pods, give its pod"
                                + " template as a Pod");
            } else if (!version.equals("v1")) {
                String given = hasVersion ? "\"" + version + "\": " : "is missing; ";
                top.error(versionMark, "apiVersion", given + "must be v1");
            } else {
                new PodReader(document, path, remarks)
                        .read(top, before + pods.size() + 1)
                        .ifPresent(pods::add);
            }
        }

        private void list(Fields top) {
            int index = 0;
            for (Fields item : top.sections("items")) {
                object(item, "items[" + index++ + "]");
            }
            top.section("metadata");
            KnownFields.OBJECT.check(top);
        }
    }
}
