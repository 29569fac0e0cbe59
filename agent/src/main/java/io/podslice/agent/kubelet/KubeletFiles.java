package io.podslice.agent.kubelet;

import io.podslice.agent.host.HostFiles;
import io.podslice.agent.yaml.Remarks;
import io.podslice.agent.yaml.YamlNode;
import io.podslice.agent.yaml.YamlReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the YAML files that hold settings of a kubelet. A file that is no YAML has none: the kubelet would not start with it. */
final class KubeletFiles {
    private KubeletFiles() {}

    /** Returns the scalars at the top of a file by key; empty if there is no such file. */
    static Map<String, String> scalars(HostFiles files, String path) throws IOException {
        Map<String, String> found = new LinkedHashMap<>();
        if (tree(files, path) instanceof YamlNode.Mapping mapping) {
            for (YamlNode.Entry entry : mapping.entries()) {
                if (entry.value() instanceof YamlNode.Scalar scalar && !scalar.isEmpty()) {
                    found.put(entry.key(), scalar.text());
                }
            }
        }
        return found;
    }

    private static @Nullable YamlNode tree(HostFiles files, String path) throws IOException {
        return YamlReader.one(files.text(path).orElse(""), new Remarks());
    }

    /** Returns the paths of the drop-ins of {@code --config-dir}, in the order in which the kubelet merges them. */
    static List<String> dropIns(HostFiles files, String folder) throws IOException {
        List<String> paths = new ArrayList<>();
        for (String name : files.names(folder)) {
            if (name.endsWith(".conf")) {
                paths.add(folder + "/" + name);
            }
        }
        return paths;
    }

    /** Returns the flags that k3s or RKE2 gives its kubelet, from its configuration file and drop-ins, the weakest first. */
    static List<KubeletUnit.Word> distributionFlags(HostFiles files, Distribution distribution) throws IOException {
        List<String> paths = new ArrayList<>();
        paths.add(distribution.folder() + "/config.yaml");
        String folder = distribution.folder() + "/config.yaml.d";
        for (String name : files.names(folder)) {
            if (name.endsWith(".yaml") || name.endsWith(".yml")) {
                paths.add(folder + "/" + name);
            }
        }
        List<KubeletUnit.Word> words = new ArrayList<>();
        for (String path : paths) {
            if (!(tree(files, path) instanceof YamlNode.Mapping mapping)) {
                continue;
            }
            for (YamlNode.Entry entry : mapping.entries()) {
                switch (entry.key()) {
                    case "kubelet-arg" -> {
                        // Without the plus sign a later file's list takes the place of an earlier one's.
                        words.clear();
                        add(entry.value(), path, words);
                    }
                    case "kubelet-arg+" -> add(entry.value(), path, words);
                    default -> {
                        // Not a setting of the kubelet's.
                    }
                }
            }
        }
        return words;
    }

    private static void add(YamlNode value, String path, List<KubeletUnit.Word> words) {
        List<YamlNode> items = value instanceof YamlNode.Sequence list ? list.items() : List.of(value);
        for (YamlNode item : items) {
            if (item instanceof YamlNode.Scalar scalar && !scalar.isEmpty()) {
                words.add(new KubeletUnit.Word("--" + scalar.text(), Setting.Place.DISTRIBUTION, path));
            }
        }
    }
}
