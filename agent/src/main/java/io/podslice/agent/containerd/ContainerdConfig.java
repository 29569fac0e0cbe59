package io.podslice.agent.containerd;

import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;

/**
 * containerd's configuration: the main file and what it imports, in the order in which containerd reads them. A file's table of a plugin
 * takes the place of an earlier file's (containerd 1.7 to 2.1), or is merged over it (later ones).
 *
 * @param path of the main file
 * @param version the configuration's own version; 0 if it names none
 * @param imports as they are written
 * @param texts the files by path, the main file first
 */
record ContainerdConfig(String path, int version, List<String> imports, Map<String, TomlText> texts) {
    /** The plugin of NRI, with one name in all versions. */
    static final String NRI = "plugins.io.containerd.nri.v1.nri";

    private static final int MOST_FILES = 1000;

    ContainerdConfig {
        imports = List.copyOf(imports);
        texts = new LinkedHashMap<>(texts);
    }

    /**
     * Reads the configuration; empty if there is no main file.
     *
     * @throws IOException if a file cannot be read, or has a version that is no number
     */
    static Optional<ContainerdConfig> read(HostFiles files, String path) throws IOException {
        Optional<String> text = files.text(path);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        TomlText main = TomlText.of(text.get());
        List<String> imports = main.top("imports").map(TomlText::strings).orElse(List.of());
        Map<String, TomlText> texts = new LinkedHashMap<>();
        texts.put(path, main);
        for (String pattern : imports) {
            for (String imported : matching(files, absolute(path, pattern))) {
                if (texts.size() < MOST_FILES) {
                    texts.put(imported, TomlText.of(files.text(imported).orElse("")));
                }
            }
        }
        return Optional.of(new ContainerdConfig(path, version(path, main), imports, texts));
    }

    private static int version(String path, TomlText main) throws IOException {
        String given = main.top("version").orElse("0").replaceFirst("\\s*#.*", "");
        try {
            return Integer.parseInt(given);
        } catch (NumberFormatException e) {
            throw new IOException(path + ": version \"" + given + "\" is no number", e);
        }
    }

    /** Returns an import's pattern as an absolute path: a relative one begins at the main file's folder. */
    static String absolute(String main, String pattern) {
        return pattern.startsWith("/") ? pattern : main.substring(0, main.lastIndexOf('/') + 1) + pattern;
    }

    private static List<String> matching(HostFiles files, String pattern) throws IOException {
        if (!pattern.contains("*")) {
            return files.exists(pattern) ? List.of(pattern) : List.of();
        }
        String folder = pattern.substring(0, pattern.lastIndexOf('/'));
        List<String> found = new ArrayList<>();
        for (String name : files.names(folder)) {
            if (covers(pattern, folder + "/" + name)) {
                found.add(folder + "/" + name);
            }
        }
        return found;
    }

    private static boolean covers(String pattern, String path) {
        try {
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
            return matcher.matches(Path.of(path));
        } catch (PatternSyntaxException e) {
            return false; // containerd refuses such a pattern, and does not start.
        }
    }

    /** Returns the folder whose files ending in {@code .toml} are imported, if there is one. */
    Optional<String> dropInFolder() {
        return imports.stream()
                .map(pattern -> absolute(path, pattern))
                .filter(pattern ->
                        pattern.endsWith("/*.toml") && pattern.indexOf('*') == pattern.length() - "*.toml".length())
                .map(pattern -> pattern.substring(0, pattern.length() - "/*.toml".length()))
                .findFirst();
    }

    /** Returns the path of the last file that has NRI's table; empty if none has. */
    Optional<String> nriFile() {
        return texts.entrySet().stream()
                .filter(file -> !file.getValue().table(NRI).isEmpty())
                .map(Map.Entry::getKey)
                .reduce((first, last) -> last);
    }

    /** Returns the lines of NRI's table that counts; empty if no file has one. */
    List<String> nriTable() {
        List<String> table = List.of();
        for (TomlText text : texts.values()) {
            List<String> its = text.table(NRI);
            table = its.isEmpty() ? table : its;
        }
        return table;
    }

    /** Returns what the files say of {@code disable}; empty if they say nothing, and the version's default counts. */
    Optional<Boolean> isNriDisabled() {
        return TomlText.value(nriTable(), "disable").map(value -> value.equals("true"));
    }
}
