package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Bounds how often a cgroup file is repaired, so that podslice does not fight over it with another program. A wrong
 * value is repaired at once. When {@value #FREE_REPAIRS} repairs of one file have been undone in a row, it is repaired
 * in at most every sixth sweep, once a minute, and one warning says so. A file that two looks in a row find right
 * starts anew.
 */
public final class RepairBudget {
    /** Repairs of one file that may be undone in a row before the file counts as contested. */
    private static final int FREE_REPAIRS = 3;

    /** Sweeps from one repair of a contested file to the next; a sweep comes every 10 s. */
    private static final int SWEEPS_BETWEEN_REPAIRS = 6;

    /** Looks in a row that must find a file right for it to start anew; not every sweep looks at every file. */
    private static final int LOOKS_TO_START_ANEW = 2;

    private final Consumer<String> warn;

    /** Files that were found wrong and have not started anew. */
    private final Map<CgroupFile, History> histories = new HashMap<>();

    private long sweep;

    /** @param warn is told, in one line, of each file that becomes contested */
    public RepairBudget(Consumer<String> warn) {
        this.warn = warn;
    }

    private record CgroupFile(CgroupPath path, String file) {}

    /** The repairs of one file since two looks in a row last found it right. */
    private static final class History {
        private int repairs;
        private long latestRepair;
        private int looksRight;
        private boolean told;
    }

    /** Begins a sweep. All looks until the next one belong to it. */
    public void beginSweep() {
        sweep++;
    }

    /**
     * Takes note that a file was found wrong.
     *
     * @param actual its value
     * @param desired the value that podslice wrote
     * @param suspicion the program that may be writing, as a sentence for the warning; empty for none
     * @return true if it must be repaired now, which counts as done
     */
    public boolean wrong(CgroupPath path, String file, String actual, String desired, Supplier<String> suspicion) {
        History history = histories.computeIfAbsent(new CgroupFile(path, file), key -> new History());
        history.looksRight = 0;
        boolean contested = history.repairs >= FREE_REPAIRS;
        if (contested && !history.told) {
            history.told = true;
            warn.accept((file + " of " + path + ": another program keeps writing \"" + actual + "\" over podslice's \""
                            + desired + "\"; it is repaired only every sixth sweep from now on. " + suspicion.get())
                    .strip());
        }
        if (contested && sweep - history.latestRepair < SWEEPS_BETWEEN_REPAIRS) {
            return false;
        }
        history.repairs = Math.min(history.repairs + 1, FREE_REPAIRS);
        history.latestRepair = sweep;
        return true;
    }

    /** Takes note that a file was found right. */
    public void right(CgroupPath path, String file) {
        if (histories.isEmpty()) {
            return;
        }
        CgroupFile key = new CgroupFile(path, file);
        History history = histories.get(key);
        if (history != null && ++history.looksRight >= LOOKS_TO_START_ANEW) {
            histories.remove(key);
        }
    }

    /** Forgets the files of all cgroups but these. */
    public void forgetBut(Collection<CgroupPath> paths) {
        if (histories.isEmpty()) {
            return;
        }
        Set<CgroupPath> kept = new HashSet<>(paths);
        histories.keySet().removeIf(key -> !kept.contains(key.path()));
    }

    /** Returns the number of files that are remembered. */
    int size() {
        return histories.size();
    }
}
