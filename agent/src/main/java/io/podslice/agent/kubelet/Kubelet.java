package io.podslice.agent.kubelet;

import io.podslice.agent.host.HostFiles;
import io.podslice.agent.host.HostProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The kubelet of a node: the settings that it runs with, and those that it would start with now.
 *
 * @param distribution the distribution that starts it, if it is not a unit of its own
 * @param process the running kubelet; empty if none runs
 * @param unit the unit that starts it
 * @param configFile the path that {@code --config} names; empty if the flag is not given
 * @param configDir the path that {@code --config-dir} names; empty if the flag is not given
 * @param running the settings of the running kubelet; those that it would start with if none runs
 * @param next the settings that it would start with
 */
public record Kubelet(
        Distribution distribution,
        Optional<HostProcess> process,
        KubeletUnit unit,
        String configFile,
        String configDir,
        Map<KubeletKey, Setting> running,
        Map<KubeletKey, Setting> next) {

    public Kubelet {
        running = Map.copyOf(running);
        next = Map.copyOf(next);
    }

    /** Returns a setting of the running kubelet. */
    public Setting running(KubeletKey key) {
        return Objects.requireNonNull(running.get(key));
    }

    /** Returns a setting with which the kubelet would start now. */
    public Setting next(KubeletKey key) {
        return Objects.requireNonNull(next.get(key));
    }

    /** Returns the name of the unit that starts it, e.g. {@code kubelet.service}. */
    public String unitName() {
        return unit.name();
    }

    /** Tells if the node has a kubelet: one that runs, or a unit that would start one. */
    public boolean exists() {
        return process.isPresent() || unit.exists();
    }

    /**
     * Reads the node's kubelet.
     *
     * @throws IOException if a file that sets something cannot be read; the message names it
     */
    public static Kubelet read(HostFiles files) throws IOException {
        Optional<HostProcess> process = Optional.empty();
        Distribution distribution = Distribution.NONE;
        for (HostProcess one : HostProcess.all(files)) {
            if (isPlain(one)) {
                process = Optional.of(one);
            }
            for (Distribution other : List.of(Distribution.K3S, Distribution.RKE2)) {
                if (one.program().equals(other.program())
                        && one.args().size() > 1
                        && isRole(one.args().get(1))) {
                    distribution = other;
                    process = process.isPresent() ? process : Optional.of(one);
                }
            }
        }
        if (process.isEmpty()) {
            distribution = installed(files);
        }
        KubeletUnit unit = unit(files, distribution);
        List<KubeletUnit.Word> words = new ArrayList<>();
        if (distribution == Distribution.NONE) {
            words.addAll(unit.words());
        } else {
            words.addAll(KubeletFiles.distributionFlags(files, distribution));
            words.addAll(argsInUnit(unit));
        }
        Map<KubeletKey, Setting> next = settings(files, distribution, words);
        List<KubeletUnit.Word> given = process.filter(Kubelet::isPlain)
                .map(one -> sourced(one.args(), words))
                .orElse(words);
        Map<KubeletKey, Setting> running = settings(files, distribution, given);
        return new Kubelet(
                distribution,
                process,
                unit,
                flag(given, "config").map(Setting::value).orElse(""),
                flag(given, "config-dir").map(Setting::value).orElse(""),
                running,
                next);
    }

    private static boolean isPlain(HostProcess process) {
        return process.program().equals("kubelet");
    }

    private static boolean isRole(String word) {
        return word.equals("server") || word.equals("agent");
    }

    private static Distribution installed(HostFiles files) throws IOException {
        for (Distribution one : List.of(Distribution.K3S, Distribution.RKE2)) {
            if (unit(files, one).exists() && !unit(files, Distribution.NONE).exists()) {
                return one;
            }
        }
        return Distribution.NONE;
    }

    private static KubeletUnit unit(HostFiles files, Distribution distribution) throws IOException {
        for (String name : distribution.units()) {
            KubeletUnit unit = KubeletUnit.read(files, name);
            if (unit.exists()) {
                return unit;
            }
        }
        return new KubeletUnit(distribution.units().getLast(), "", "", Map.of(), List.of());
    }

    /** Returns what {@code --kubelet-arg} says on the command line of k3s or RKE2, as flags of the kubelet. */
    private static List<KubeletUnit.Word> argsInUnit(KubeletUnit unit) {
        List<KubeletUnit.Word> flags = new ArrayList<>();
        List<KubeletUnit.Word> words = unit.words();
        for (int i = 0; i < words.size(); i++) {
            KubeletUnit.Word word = words.get(i);
            String prefix = "--kubelet-arg";
            String value = word.text().startsWith(prefix + "=")
                    ? word.text().substring(prefix.length() + 1)
                    : word.text().equals(prefix) && i + 1 < words.size()
                            ? words.get(i + 1).text()
                            : "";
            if (!value.isEmpty()) {
                flags.add(new KubeletUnit.Word("--" + value, word.place(), word.file()));
            }
        }
        return flags;
    }

    /** Finds the file that each word of a running process comes from. */
    private static List<KubeletUnit.Word> sourced(List<String> args, List<KubeletUnit.Word> known) {
        List<KubeletUnit.Word> words = new ArrayList<>();
        for (String arg : args) {
            words.add(known.stream()
                    .filter(word -> word.text().equals(arg))
                    .reduce((first, last) -> last)
                    .orElse(new KubeletUnit.Word(arg, Setting.Place.COMMAND_LINE, "")));
        }
        return words;
    }

    private static Map<KubeletKey, Setting> settings(
            HostFiles files, Distribution distribution, List<KubeletUnit.Word> words) throws IOException {
        Map<KubeletKey, Setting> settings = new EnumMap<>(KubeletKey.class);
        for (KubeletKey key : KubeletKey.values()) {
            settings.put(key, key.fallback(distribution));
        }
        Optional<Setting> config = flag(words, "config");
        if (config.isPresent()) {
            take(files, config.get().value(), Setting.Place.CONFIG, settings);
        }
        Optional<Setting> folder = flag(words, "config-dir");
        if (folder.isPresent()) {
            for (String path : KubeletFiles.dropIns(files, folder.get().value())) {
                take(files, path, Setting.Place.DROP_IN, settings);
            }
        }
        for (KubeletKey key : KubeletKey.values()) {
            flag(words, key.flag()).ifPresent(setting -> settings.put(key, setting));
        }
        return settings;
    }

    private static void take(HostFiles files, String path, Setting.Place place, Map<KubeletKey, Setting> settings)
            throws IOException {
        Map<String, String> scalars = path.startsWith("/") ? KubeletFiles.scalars(files, path) : Map.of();
        for (KubeletKey key : KubeletKey.values()) {
            String value = scalars.get(key.key());
            if (value != null) {
                settings.put(key, new Setting(value, place, path));
            }
        }
    }

    /** Returns the last value of a flag, which is the one that counts. */
    private static Optional<Setting> flag(List<KubeletUnit.Word> words, String name) {
        Optional<Setting> found = Optional.empty();
        String flag = "--" + name;
        for (int i = 0; i < words.size(); i++) {
            KubeletUnit.Word word = words.get(i);
            if (word.text().startsWith(flag + "=")) {
                found = Optional.of(new Setting(word.text().substring(flag.length() + 1), word.place(), word.file()));
            } else if (word.text().equals(flag) && i + 1 < words.size()) {
                KubeletUnit.Word value = words.get(i + 1);
                found = Optional.of(new Setting(value.text(), value.place(), value.file()));
            }
        }
        return found;
    }
}
