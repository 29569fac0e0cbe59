package io.podslice.integration.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Debian package for arm64, made by a machine of another architecture; its JVM runs in QEMU. */
@Tag("host")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ArmPackageTest {
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

    /** The number of aarch64 in an ELF header ({@code EM_AARCH64}). */
    private static final int AARCH64 = 183;

    @TempDir
    private Path folder;

    @Test
    void hasProgramsForArmAloneAndACacheThatItsJvmTakes() throws Exception {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "this machine makes packages for arm64 as its own");
        Path image = folder.resolve("image");
        // Every cache has some classes; those of podslice would take a minute more.
        Path classes = Files.writeString(folder.resolve("classes"), "java/lang/Object id: 0\n");
        Command.output(
                List.of("../bin/image", "--architecture", "arm64", "--classes", classes.toString(), image.toString()));
        String file = Command.output(List.of(
                        "env",
                        "DPKG_DEB_COMPRESSOR_TYPE=none",
                        "../deploy/debian/build",
                        image.toString(),
                        folder.toString()))
                .strip();

        assertThat(file).endsWith("_arm64.deb");
        assertThat(Command.output(List.of("dpkg-deb", "--field", file, "Architecture", "Depends"))
                        .lines())
                .satisfiesExactly(
                        architecture -> assertThat(architecture).isEqualTo("Architecture: arm64"),
                        // Of Debian 13's JVM: Debian 12 has 2.36, and 13 has 2.41.
                        depends -> assertThat(depends)
                                .matches("Depends: libc6 \\(>= 2\\.(38|39|40|41)\\), libgcc-s1, libstdc\\+\\+6, zlib1g,"
                                        + " init-system-helpers \\(>= 1\\.54\\)"));
        Path root = folder.resolve("root");
        Command.output(List.of("dpkg-deb", "--raw-extract", file, root.toString()));
        assertThat(programs(root))
                .hasSizeGreaterThan(10)
                .allSatisfy(program -> assertThat(machine(program)).isEqualTo(AARCH64));
        assertThat(root.resolve("etc/podslice/podslice.yaml")).content().contains("shim:");
        assertThat(javaVersion(root.resolve("usr/lib/podslice"))).contains("openjdk 25", "sharing");
    }

    /** Returns what the package's JVM says of itself in QEMU, with podslice's cache, without which it ends. */
    private static String javaVersion(Path installed) throws IOException, InterruptedException {
        return Command.output(List.of(
                part("qemu-user") + "/usr/bin/qemu-aarch64",
                "-L",
                part("jdk-25-arm64"),
                installed.resolve("jvm/bin/java").toString(),
                "-XX:AOTMode=on",
                "-XX:AOTCache=" + installed.resolve("lib/podslice.aot"),
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath(installed),
                "--version"));
    }

    private static String classPath(Path installed) throws IOException {
        String script = Files.readString(installed.resolve("bin/podslice"));
        int from = script.indexOf("-cp \"") + 5;
        return script.substring(from, script.indexOf('"', from)).replace("$home", installed.toString());
    }

    private static String part(String name) throws IOException, InterruptedException {
        return Command.output(List.of("real/parts", "path", name)).strip();
    }

    private static List<Path> programs(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> Files.isRegularFile(file) && machine(file) >= 0)
                    .toList();
        }
    }

    /** Returns the machine in a file's ELF header; -1 if it has none. */
    private static int machine(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(20);
            boolean elf = head.length == 20 && Arrays.equals(head, 0, ELF.length, ELF, 0, ELF.length);
            return elf ? Byte.toUnsignedInt(head[18]) | Byte.toUnsignedInt(head[19]) << 8 : -1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
