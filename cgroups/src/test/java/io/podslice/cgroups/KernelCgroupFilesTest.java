package io.podslice.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uses a plain folder for the look of a tree, and /proc and /dev for errors that only the kernel can give. */
class KernelCgroupFilesTest {
    private static final CgroupPath PODS = new CgroupPath("/kubepods");

    @TempDir
    Path folder;

    private KernelCgroupFiles files() {
        return new KernelCgroupFiles(folder);
    }

    private static Errno errnoOf(ThrowingCallable operation) {
        return catchThrowableOfType(CgroupException.class, operation).errno();
    }

    @Test
    void readsAFileWithoutItsFinalNewline() throws IOException {
        Files.createDirectories(folder.resolve("kubepods"));
        Files.writeString(folder.resolve("kubepods/cpu.max"), "max 100000\n");
        Files.writeString(folder.resolve("kubepods/cgroup.events"), "populated 0\nfrozen 0\n");
        assertThat(files().read(PODS, "cpu.max")).isEqualTo("max 100000");
        assertThat(files().read(PODS, "cgroup.events")).isEqualTo("populated 0\nfrozen 0");
        assertThat(files().hasFile(PODS, "cpu.max")).isTrue();
        assertThat(files().hasFile(PODS, "memory.max")).isFalse();
        assertThat(files().hasFile(PODS.child("gone"), "cpu.max")).isFalse();
    }

    @Test
    void readsFilesThatSayTheyAreEmpty() {
        assertThat(new KernelCgroupFiles(Path.of("/proc")).read(new CgroupPath("/sys/kernel"), "ostype"))
                .isEqualTo("Linux");
    }

    @Test
    void writesTheValueAsOneLineAndNeverMakesAFile() throws IOException {
        Files.createDirectories(folder.resolve("kubepods"));
        Files.createFile(folder.resolve("kubepods/cpu.max"));
        files().write(PODS, "cpu.max", "50000 100000");
        assertThat(folder.resolve("kubepods/cpu.max")).hasContent("50000 100000\n");
        assertThat(errnoOf(() -> files().write(PODS, "memory.max", "max"))).isEqualTo(Errno.ENOENT);
        assertThat(folder.resolve("kubepods/memory.max")).doesNotExist();
    }

    @Test
    void makesListsAndRemovesCgroups() {
        KernelCgroupFiles files = files();
        files.create(PODS);
        files.create(PODS.child("podb"));
        files.create(PODS.child("poda"));
        assertThat(files.children(PODS)).containsExactly("poda", "podb");
        assertThat(files.exists(PODS.child("poda"))).isTrue();
        assertThat(errnoOf(() -> files.create(PODS))).isEqualTo(Errno.EEXIST);
        assertThat(errnoOf(() -> files.create(PODS.child("x").child("y")))).isEqualTo(Errno.ENOENT);
        assertThat(errnoOf(() -> files.create(CgroupPath.ROOT))).isEqualTo(Errno.EEXIST);
        files.remove(PODS.child("poda"));
        assertThat(files.exists(PODS.child("poda"))).isFalse();
        assertThat(errnoOf(() -> files.remove(PODS.child("poda")))).isEqualTo(Errno.ENOENT);
        assertThat(errnoOf(() -> files.remove(CgroupPath.ROOT))).isEqualTo(Errno.EBUSY);
    }

    @Test
    void listsWhatHasComeAndLeavesOutWhatHasGoneSinceItListedBefore() throws IOException {
        KernelCgroupFiles files = files();
        files.create(PODS);
        Files.createFile(folder.resolve("kubepods/cpu.max"));
        files.create(PODS.child("poda"));
        assertThat(files.children(PODS)).containsExactly("poda");
        files.create(PODS.child("podb"));
        files.remove(PODS.child("poda"));
        assertThat(files.children(PODS)).containsExactly("podb");
        files.create(PODS.child("poda"));
        assertThat(files.children(PODS)).containsExactly("poda", "podb");
    }

    @Test
    void refusesToFollowASymbolicLinkAnywhereInThePath() throws IOException {
        Path outside = Files.createDirectories(folder.resolve("outside/pod"));
        Files.writeString(outside.resolve("cpu.max"), "secret");
        Path root = Files.createDirectories(folder.resolve("root/kubepods"));
        Files.createSymbolicLink(root.resolve("link"), outside.getParent());
        Files.createSymbolicLink(root.resolve("cpu.max"), outside.resolve("cpu.max"));
        KernelCgroupFiles files = new KernelCgroupFiles(folder.resolve("root"));
        CgroupPath link = PODS.child("link");
        assertThat(errnoOf(() -> files.read(link.child("pod"), "cpu.max"))).isEqualTo(Errno.ELOOP);
        assertThat(errnoOf(() -> files.write(link.child("pod"), "cpu.max", "1")))
                .isEqualTo(Errno.ELOOP);
        assertThat(errnoOf(() -> files.create(link.child("new")))).isEqualTo(Errno.ELOOP);
        assertThat(errnoOf(() -> files.remove(link))).isEqualTo(Errno.ELOOP);
        assertThat(errnoOf(() -> files.exists(link))).isEqualTo(Errno.ELOOP);
        assertThat(errnoOf(() -> files.children(link))).isEqualTo(Errno.ELOOP);
        assertThat(errnoOf(() -> files.read(PODS, "cpu.max"))).isEqualTo(Errno.ELOOP);
        assertThat(errnoOf(() -> files.write(PODS, "cpu.max", "1"))).isEqualTo(Errno.ELOOP);
        assertThat(files.hasFile(PODS, "cpu.max")).isFalse();
        assertThat(outside.resolve("cpu.max")).hasContent("secret");
    }

    @Test
    void followsALinkThatTheConfiguredRootItselfIs() throws IOException {
        Files.createDirectories(folder.resolve("real/kubepods"));
        Files.createSymbolicLink(folder.resolve("mount"), folder.resolve("real"));
        assertThat(new KernelCgroupFiles(folder.resolve("mount")).exists(PODS)).isTrue();
    }

    @Test
    void takesFileNamesOnlyNotPaths() {
        for (String name : new String[] {"", ".", "..", "../cpu.max", "a/b"}) {
            assertThat(errnoOf(() -> files().read(CgroupPath.ROOT, name))).isEqualTo(Errno.EINVAL);
            assertThat(errnoOf(() -> files().write(CgroupPath.ROOT, name, "1"))).isEqualTo(Errno.EINVAL);
        }
    }

    @Test
    void tellsFilesFromFolders() throws IOException {
        Files.createFile(folder.resolve("file"));
        assertThat(errnoOf(() -> files().read(new CgroupPath("/file"), "x"))).isEqualTo(Errno.ENOTDIR);
        assertThat(errnoOf(() -> files().remove(new CgroupPath("/file")))).isEqualTo(Errno.ENOTDIR);
        Files.createDirectories(folder.resolve("kubepods/pod"));
        assertThat(errnoOf(() -> files().remove(PODS))).isEqualTo(Errno.ENOTEMPTY);
        assertThat(errnoOf(() -> files().read(CgroupPath.ROOT, "kubepods"))).isEqualTo(Errno.EISDIR);
    }

    @Test
    void givesTheKernelsErrnoOfAWrite() {
        KernelCgroupFiles proc = new KernelCgroupFiles(Path.of("/proc"));
        CgroupPath self = new CgroupPath("/" + ProcessHandle.current().pid());
        assertThat(errnoOf(() -> proc.write(self, "oom_score_adj", "garbage"))).isEqualTo(Errno.EINVAL);
        assertThat(errnoOf(() -> proc.write(self, "oom_score_adj", "99999999999999999999")))
                .isEqualTo(Errno.ERANGE);
        assertThat(errnoOf(() -> proc.create(new CgroupPath("/podslice")))).isEqualTo(Errno.ENOENT);
        CgroupException full = catchThrowableOfType(
                CgroupException.class,
                () -> new KernelCgroupFiles(Path.of("/dev")).write(CgroupPath.ROOT, "full", "1"));
        assertThat(full.errno()).isEqualTo(Errno.ENOSPC);
        assertThat(full.path()).isEqualTo("/full");
        assertThat(full.value()).isEqualTo("1");
        assertThat(full).hasMessage("ENOSPC /full <- \"1\": writing: No space left on device");
    }

    @Test
    void writesAlsoFromAnInterruptedThread() throws IOException {
        Files.createFile(folder.resolve("cpu.max"));
        Thread.currentThread().interrupt();
        try {
            files().write(CgroupPath.ROOT, "cpu.max", "max");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(folder.resolve("cpu.max")).hasContent("max\n");
    }

    @Test
    void saysWhereThereIsNoRoot() {
        assertThat(errnoOf(() -> new KernelCgroupFiles(folder.resolve("none")))).isEqualTo(Errno.ENOENT);
    }

    @Test
    void aPlainFolderIsNoCgroup2Mount() {
        assertThat(Cgroup2Mount.problem(folder, "cgroups.root").orElseThrow())
                .startsWith("cgroups.root " + folder + ": is ")
                .contains("must be a cgroup v2 mount");
        assertThat(Cgroup2Mount.problem(folder.resolve("none"), "cgroups.root").orElseThrow())
                .contains("cannot be examined");
    }
}
