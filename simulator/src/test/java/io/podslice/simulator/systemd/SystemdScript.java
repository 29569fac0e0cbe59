package io.podslice.simulator.systemd;

import static java.util.Objects.requireNonNull;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.systemd.SystemdException;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs a systemd script against the simulated systemd and kernel and returns their answers, line by line, as
 * interpreter.sh beside the scripts does on a real one.
 */
final class SystemdScript {
    private static final List<String> ATTRIBUTES = List.of(
            "cpu.idle",
            "cpu.max",
            "cpu.max.burst",
            "cpu.weight",
            "cpuset.cpus",
            "cpuset.cpus.exclusive",
            "cpuset.mems",
            "hugetlb.2MB.max",
            "memory.high",
            "memory.low",
            "memory.max",
            "memory.min",
            "memory.oom.group",
            "memory.swap.max",
            "pids.max");

    private final SimulatedCgroups cgroups;
    private final SimulatedSystemd systemd;
    private final Map<String, Integer> processes = new LinkedHashMap<>();
    private final Map<CgroupPath, Map<String, String>> drifted = new LinkedHashMap<>();
    private int lastPid = 1000;

    SystemdScript(SimulatedCgroups cgroups, int version) {
        this.cgroups = cgroups;
        this.systemd = new SimulatedSystemd(cgroups, version);
    }

    /** Returns the transcript of the script, every line ended by a newline. */
    String run(List<String> lines) {
        StringBuilder transcript = new StringBuilder();
        for (String line : lines) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                transcript.append("> ").append(line).append('\n');
                transcript.append(answer(List.of(line.split(" ", -1)))).append('\n');
            }
        }
        return transcript.toString();
    }

    private String answer(List<String> words) {
        try {
            return run(words.getFirst(), words.subList(1, words.size()));
        } catch (SystemdException e) {
            return e.errorName().substring(e.errorName().lastIndexOf('.') + 1);
        } catch (CgroupException e) {
            return e.errno().toString();
        }
    }

    private String run(String command, List<String> words) {
        String first = words.isEmpty() ? "" : words.getFirst();
        switch (command) {
            case "slice" -> systemd.startSlice(new UnitName(first), accounted(words.subList(1, words.size())));
            case "scope" -> scope(words);
            case "set" -> {
                if (!isName(first)) {
                    return "InvalidArgs";
                }
                systemd.setProperties(new UnitName(first), properties(words.subList(1, words.size())));
            }
            case "stop" -> systemd.stop(new UnitName(first));
            case "revert" -> systemd.revert(new UnitName(first));
            case "exists" -> {
                return systemd.exists(new UnitName(first)) ? "yes" : "no";
            }
            case "reload" -> systemd.daemonReload();
            case "reexec" -> systemd.daemonReexec();
            case "exit" -> exit(first);
            case "controllers" -> controllers(new CgroupPath(first));
            case "read" -> {
                return cgroups.read(new CgroupPath(first), words.get(1));
            }
            case "write" -> cgroups.write(new CgroupPath(first), words.get(1), words.get(2));
            case "values" -> {
                List<String> lines = new ArrayList<>();
                values(new CgroupPath(first)).forEach((attribute, value) -> lines.add(attribute + " " + value));
                return String.join("\n", lines);
            }
            case "drift" -> drift(new CgroupPath(first), words.get(1));
            case "changes" -> {
                return changes(new CgroupPath(first));
            }
            case "dropin" ->
                systemd.installDropIn(first + ".d", "10-podslice.conf", properties(words.subList(1, words.size())));
            case "undrop" -> systemd.removeDropIn(first + ".d", "10-podslice.conf");
            default -> throw new IllegalArgumentException("no command \"" + command + "\"");
        }
        return "ok";
    }

    private static boolean isName(String text) {
        try {
            return !new UnitName(text).value().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Returns the properties of a new unit with those that libcontainer gives to all. */
    private static List<UnitProperty> accounted(List<String> words) {
        List<UnitProperty> all = new ArrayList<>();
        for (String what : List.of("Memory", "CPU", "IO", "Tasks")) {
            all.add(UnitProperty.flag(what + "Accounting", true));
        }
        all.addAll(properties(words));
        return all;
    }

    private static List<UnitProperty> properties(List<String> words) {
        List<UnitProperty> properties = new ArrayList<>();
        for (String word : words) {
            String name = word.substring(0, word.indexOf('='));
            String value = word.substring(word.indexOf('=') + 1);
            properties.add(
                    switch (name) {
                        case UnitProperty.ALLOWED_CPUS, UnitProperty.ALLOWED_MEMORY_NODES ->
                            UnitProperty.mask(name, CpuSet.parse(value));
                        case "Delegate" -> UnitProperty.flag(name, Boolean.parseBoolean(value));
                        default ->
                            UnitProperty.number(
                                    name, value.equals("max") ? UnitProperty.INFINITY : Long.parseLong(value));
                    });
        }
        return properties;
    }

    /** Starts the scope and its process, as runc does: systemd moves the process once the cgroup is there. */
    private void scope(List<String> words) {
        UnitName scope = new UnitName(words.getFirst());
        UnitName slice = new UnitName(words.get(1));
        systemd.startScope(scope, slice, accounted(words.subList(3, words.size())));
        int pid = ++lastPid;
        cgroups.start(pid, slice.path().child(scope.value()));
        processes.put(words.get(2), pid);
    }

    private void exit(String process) {
        Integer pid = processes.remove(process);
        if (pid == null) {
            throw new IllegalArgumentException("no process \"" + process + "\" was started");
        }
        UnitName scope = new UnitName(cgroups.cgroupOf(pid).name());
        cgroups.exit(pid);
        systemd.emptied(scope);
    }

    private void controllers(CgroupPath dir) {
        List<String> controllers =
                List.of(cgroups.read(CgroupPath.ROOT, "cgroup.controllers").split(" ", -1));
        List<CgroupPath> above = new ArrayList<>();
        for (CgroupPath path = dir.parent().orElseThrow();
                ;
                path = path.parent().orElseThrow()) {
            above.addFirst(path);
            if (path.equals(CgroupPath.ROOT)) {
                break;
            }
        }
        for (CgroupPath path : above) {
            for (String controller : controllers) {
                cgroups.write(path, "cgroup.subtree_control", "+" + controller);
            }
        }
    }

    private Map<String, String> values(CgroupPath dir) {
        Map<String, String> values = new TreeMap<>();
        for (String attribute : ATTRIBUTES) {
            if (cgroups.hasFile(dir, attribute)) {
                values.put(attribute, cgroups.read(dir, attribute));
            }
        }
        return values;
    }

    private void drift(CgroupPath dir, String exclusive) {
        Map<String, String> drift = new LinkedHashMap<>();
        drift.put("cpu.idle", "0");
        drift.put("cpu.weight", "321");
        drift.put("cpu.max", "33000 100000");
        drift.put("cpu.max.burst", "7000");
        drift.put("cpuset.cpus", "1,4-5");
        drift.put("cpuset.mems", "1");
        drift.put("cpuset.cpus.exclusive", exclusive);
        drift.put("hugetlb.2MB.max", "6291456");
        drift.put("memory.high", "209715200");
        drift.put("memory.low", "2097152");
        drift.put("memory.max", "314572800");
        drift.put("memory.min", "1048576");
        drift.put("memory.oom.group", "1");
        drift.put("memory.swap.max", "104857600");
        drift.put("pids.max", "777");
        drift.forEach((attribute, value) -> {
            if (cgroups.hasFile(dir, attribute)) {
                cgroups.write(dir, attribute, value);
            }
        });
        drifted.put(dir, values(dir));
    }

    private String changes(CgroupPath dir) {
        if (!cgroups.exists(dir)) {
            return "gone";
        }
        Map<String, String> now = values(dir);
        List<String> changes = new ArrayList<>();
        requireNonNull(drifted.get(dir), "no drift before").forEach((attribute, value) -> {
            String present = now.get(attribute);
            if (present == null) {
                changes.add(attribute + " gone");
            } else if (!present.equals(value)) {
                changes.add(attribute + " " + value + " -> " + (present.isEmpty() ? "empty" : present));
            }
        });
        return changes.isEmpty() ? "kept" : String.join("\n", changes);
    }
}
