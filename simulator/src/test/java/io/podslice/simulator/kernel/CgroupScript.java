package io.podslice.simulator.kernel;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs a cgroup script against the simulated kernel and returns its answers, line by line, as interpreter.sh beside the
 * scripts does on a real kernel.
 */
final class CgroupScript {
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    private final SimulatedCgroups cgroups;
    private final Map<String, Integer> processes = new LinkedHashMap<>();
    private int lastPid = 1000;

    CgroupScript(SimulatedCgroups cgroups) {
        this.cgroups = cgroups;
    }

    /** Returns the transcript of the script, every line ended by a newline. */
    String run(List<String> lines) {
        StringBuilder transcript = new StringBuilder();
        for (String line : lines) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                transcript.append("> ").append(line).append('\n');
                transcript.append(answer(words(line)));
            }
        }
        return transcript.toString();
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(line);
        while (word.find()) {
            words.add(word.group(1) == null ? word.group(2) : word.group(1));
        }
        return words;
    }

    private String answer(List<String> words) {
        String first = words.get(1);
        return switch (words.getFirst()) {
            case "mkdir" -> done(() -> cgroups.create(path(first)));
            case "rmdir" -> done(() -> cgroups.remove(path(first)));
            case "write" -> done(() -> cgroups.write(path(first), words.get(2), words.get(3)));
            case "read" -> text(() -> cgroups.read(path(first), words.get(2)) + "\n");
            case "files" -> text(() -> lines(cgroups.files(path(first))));
            case "children" -> text(() -> lines(cgroups.children(path(first))));
            case "start" -> start(first, path(words.get(2)));
            case "move" -> done(() -> cgroups.write(path(words.get(2)), "cgroup.procs", Integer.toString(pid(first))));
            case "exit" -> done(() -> cgroups.exit(pid(first)));
            case "procs" -> text(() -> names(path(first)) + "\n");
            case "cpus" -> list(cgroups.cpusAllowed(pid(first)));
            case "mems" -> list(cgroups.memsAllowed(pid(first)));
            default -> throw new IllegalArgumentException("no command \"" + words.getFirst() + "\"");
        };
    }

    private static CgroupPath path(String value) {
        return new CgroupPath(value);
    }

    private int pid(String name) {
        Integer pid = processes.get(name);
        if (pid == null) {
            throw new IllegalArgumentException("no process \"" + name + "\" was started");
        }
        return pid;
    }

    private String start(String name, CgroupPath dir) {
        int pid = ++lastPid;
        return done(() -> {
            cgroups.start(pid, dir);
            processes.put(name, pid);
        });
    }

    private String names(CgroupPath dir) {
        List<String> present = List.of(cgroups.read(dir, "cgroup.procs").split("\n", -1));
        List<String> names = new ArrayList<>();
        processes.forEach((name, pid) -> {
            if (present.contains(pid.toString())) {
                names.add(name);
            }
        });
        return String.join(" ", names);
    }

    private static String list(CpuSet set) {
        return set + "\n";
    }

    private static String lines(List<String> names) {
        return names.isEmpty() ? "" : String.join("\n", names) + "\n";
    }

    private static String done(Runnable operation) {
        return text(() -> {
            operation.run();
            return "ok\n";
        });
    }

    private static String text(Supplier<String> operation) {
        try {
            return operation.get();
        } catch (CgroupException e) {
            return e.errno() + "\n";
        }
    }
}
