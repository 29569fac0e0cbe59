package io.podslice.agent.kubelet;

import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A unit of systemd with its drop-ins and environment files: the command line that it starts, and the file that each word of it
 * comes from.
 *
 * @param name e.g. {@code kubelet.service}
 * @param command the value of ExecStart that counts, as it is written; empty if there is no such unit
 * @param commandFile the file that has it
 * @param variables the environment by name
 * @param environmentFiles the paths of the environment files in the unit's order, whether they exist or not
 */
record KubeletUnit(
        String name,
        String command,
        String commandFile,
        Map<String, Variable> variables,
        List<String> environmentFiles) {
    private static final List<String> FOLDERS =
            List.of("/lib/systemd/system", "/usr/lib/systemd/system", "/run/systemd/system", "/etc/systemd/system");

    /**
     * An environment variable.
     *
     * @param file the file that sets it
     * @param place UNIT or ENVIRONMENT
     */
    record Variable(String value, String file, Setting.Place place) {}

    /** A word of the command line, with the file that it comes from. */
    record Word(String text, Setting.Place place, String file) {}

    KubeletUnit {
        variables = Map.copyOf(variables);
        environmentFiles = List.copyOf(environmentFiles);
    }

    /** Tells if the node has the unit. */
    boolean exists() {
        return !command.isEmpty();
    }

    /**
     * Reads a unit as systemd would load it.
     *
     * @throws IOException if a file that exists cannot be read
     */
    static KubeletUnit read(HostFiles files, String name) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        for (String folder : FOLDERS.reversed()) {
            String path = folder + "/" + name;
            Optional<String> text = files.text(path);
            if (text.isPresent()) {
                texts.put(path, text.get());
                break; // A unit file of a stronger folder stands in place of the others.
            }
        }
        // Drop-ins are taken in the order of their names over all folders; of equal names the strongest folder's
        // counts.
        TreeMap<String, String> dropIns = new TreeMap<>();
        for (String folder : FOLDERS) {
            for (String file : files.names(folder + "/" + name + ".d")) {
                if (file.endsWith(".conf")) {
                    dropIns.put(file, folder + "/" + name + ".d/" + file);
                }
            }
        }
        for (String path : dropIns.values()) {
            texts.put(path, files.text(path).orElse(""));
        }
        return merged(files, name, texts);
    }

    private static KubeletUnit merged(HostFiles files, String name, Map<String, String> texts) throws IOException {
        String command = "";
        String commandFile = "";
        Map<String, Variable> variables = new LinkedHashMap<>();
        List<String> environmentFiles = new ArrayList<>();
        for (Map.Entry<String, String> file : texts.entrySet()) {
            for (UnitText.Assignment line : UnitText.service(file.getValue())) {
                switch (line.key()) {
                    case "ExecStart" -> {
                        command = line.value();
                        commandFile = file.getKey();
                    }
                    case "Environment" -> {
                        for (String word : UnitText.words(line.value())) {
                            int equals = word.indexOf('=');
                            if (equals > 0) {
                                variables.put(
                                        word.substring(0, equals),
                                        new Variable(word.substring(equals + 1), file.getKey(), Setting.Place.UNIT));
                            }
                        }
                    }
                    case "EnvironmentFile" -> {
                        String path =
                                line.value().startsWith("-") ? line.value().substring(1) : line.value();
                        if (path.isEmpty()) {
                            environmentFiles.clear();
                        } else if (path.startsWith("/")) {
                            environmentFiles.add(path);
                        }
                    }
                    default -> {
                        // Other settings of a unit have no effect on the command line.
                    }
                }
            }
        }
        for (String path : environmentFiles) {
            for (UnitText.Assignment line :
                    UnitText.environment(files.text(path).orElse(""))) {
                variables.put(line.key(), new Variable(line.value(), path, Setting.Place.ENVIRONMENT));
            }
        }
        return new KubeletUnit(name, command, commandFile, variables, environmentFiles);
    }

    /** Returns the words of the command line: a word {@code $NAME} becomes the words of that variable. */
    List<Word> words() {
        List<Word> words = new ArrayList<>();
        for (String word : UnitText.words(command)) {
            if (word.startsWith("$") && !word.startsWith("${") && !word.startsWith("$$")) {
                Variable variable = variables.get(word.substring(1));
                if (variable != null) {
                    for (String part : UnitText.words(variable.value())) {
                        words.add(new Word(part, variable.place(), variable.file()));
                    }
                }
            } else {
                words.add(substituted(word));
            }
        }
        return words;
    }

    private Word substituted(String word) {
        String text = word;
        Word result = new Word(word, Setting.Place.UNIT, commandFile);
        for (Map.Entry<String, Variable> variable : variables.entrySet()) {
            String reference = "${" + variable.getKey() + "}";
            if (text.contains(reference)) {
                text = text.replace(reference, variable.getValue().value());
                result = new Word(
                        text, variable.getValue().place(), variable.getValue().file());
            }
        }
        return result;
    }

    /**
     * Returns the environment file to which flags can be added that win over all others: the variable that it may set is the
     * last word of the command line. Empty where the unit has none, as k3s's.
     */
    Optional<ExtraArgs> extraArgs() {
        List<String> words = UnitText.words(command);
        String last = words.isEmpty() ? "" : words.getLast();
        if (!last.startsWith("$") || last.startsWith("${") || environmentFiles.isEmpty()) {
            return Optional.empty();
        }
        Variable set = variables.get(last.substring(1));
        if (set != null && set.place() == Setting.Place.ENVIRONMENT) {
            return Optional.of(new ExtraArgs(last.substring(1), set.file()));
        }
        // A variable of the unit loses against the last environment file; its flags must then be carried over there.
        return Optional.of(new ExtraArgs(last.substring(1), environmentFiles.getLast()));
    }

    /** A variable of flags and the environment file that sets it, or may. */
    record ExtraArgs(String variable, String file) {}
}
