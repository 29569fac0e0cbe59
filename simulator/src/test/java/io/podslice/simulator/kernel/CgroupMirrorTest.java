package io.podslice.simulator.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.machine.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupMirrorTest {
    private static final List<String> PATHS = List.of("/a", "/b", "/a/c", "/a/d", "/a/c/e");
    private static final List<String> FILES = List.of(
            "cpuset.cpus",
            "cpuset.cpus.exclusive",
            "cpuset.cpus.partition",
            "cpuset.mems",
            "cgroup.subtree_control",
            "cgroup.freeze",
            "cgroup.kill",
            "cpu.max",
            "cpu.weight",
            "memory.max",
            "hugetlb.2MB.max",
            "pids.max");
    private static final List<String> VALUES = List.of(
            "",
            "0-1",
            "2-3",
            "1-6",
            "0-7",
            "root",
            "isolated",
            "member",
            "+cpuset",
            "+cpuset +cpu +pids",
            "-cpu",
            "+cpuset +cpu +memory +hugetlb +pids",
            "-cpuset",
            "1",
            "0",
            "max",
            "50000",
            "4194304");

    @TempDir
    Path folder;

    private final Random random = new Random(20_261_122);

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    @Test
    void theFolderSaysWhatTheFilesSayAfterEveryChange() throws IOException {
        Machine machine = Machine.regular(1, 2, 4, 1, 1L << 30).withHugepages(0, 2L << 20, 0);
        SimulatedCgroups cgroups = new SimulatedCgroups(machine, folder);
        cgroups.write(CgroupPath.ROOT, "cgroup.subtree_control", "+cpuset +cpu +memory +hugetlb +pids");
        int refused = 0;
        for (int step = 0; step < 1500; step++) {
            try {
                change(cgroups, step);
            } catch (CgroupException e) {
                refused++;
            }
            if (step % 25 == 0) {
                assertMirrored(cgroups, CgroupPath.ROOT, folder);
            }
        }
        assertThat(refused).as("what was refused, too, left no trace").isBetween(200, 1300);
    }

    private void change(SimulatedCgroups cgroups, int step) {
        CgroupPath path = new CgroupPath(any(PATHS));
        switch (random.nextInt(12)) {
            case 0, 1 -> cgroups.create(path);
            case 2 -> cgroups.remove(path);
            case 3 -> cgroups.start(step + 1, path);
            case 4 -> cgroups.exit(random.nextInt(step + 1));
            case 5 -> cgroups.write(path, "cgroup.procs", Integer.toString(random.nextInt(step + 1)));
            default -> cgroups.write(path, any(FILES), any(VALUES));
        }
    }

    private static void assertMirrored(SimulatedCgroups cgroups, CgroupPath path, Path dir) throws IOException {
        Set<String> names = new TreeSet<>(cgroups.children(path));
        names.addAll(cgroups.files(path));
        try (Stream<Path> shown = Files.list(dir)) {
            assertThat(shown.map(file -> file.getFileName().toString())).containsExactlyInAnyOrderElementsOf(names);
        }
        for (String file : cgroups.files(path)) {
            assertThat(Files.readString(dir.resolve(file)))
                    .as("%s/%s", path, file)
                    .isEqualTo(saying(cgroups, path, file));
        }
        for (String child : cgroups.children(path)) {
            assertMirrored(cgroups, path.child(child), dir.resolve(child));
        }
    }

    private static String saying(SimulatedCgroups cgroups, CgroupPath path, String file) {
        try {
            return cgroups.read(path, file) + "\n";
        } catch (CgroupException e) {
            return "";
        }
    }

    @Test
    void aCopyHasTheFilesOfEachCgroupAsTheyAreThen() throws IOException {
        SimulatedCgroups cgroups = new SimulatedCgroups(Machine.regular(1, 2, 2, 2, 1L << 30));
        cgroups.write(CgroupPath.ROOT, "cgroup.subtree_control", "+cpu");
        cgroups.create(new CgroupPath("/a"));
        cgroups.create(new CgroupPath("/a/gone"));
        cgroups.remove(new CgroupPath("/a/gone"));
        cgroups.write(new CgroupPath("/a"), "cpu.max", "50000 100000");

        cgroups.copyTo(folder);

        assertThat(folder.resolve("a/cpu.max")).hasContent("50000 100000");
        assertThat(folder.resolve("a/gone")).doesNotExist();
        cgroups.write(new CgroupPath("/a"), "cpu.max", "max 100000");
        assertThat(folder.resolve("a/cpu.max")).hasContent("50000 100000");
    }
}
