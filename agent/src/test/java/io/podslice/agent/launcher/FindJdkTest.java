package io.podslice.agent.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The choice of a JDK by bin/podslice and its siblings. */
final class FindJdkTest {
    @TempDir
    private Path folder;

    private Checkout checkout;
    private Path jdks;

    @BeforeEach
    void noJdkAtFirst() throws IOException {
        checkout = new Checkout(folder);
        jdks = folder.resolve("jvm");
        checkout.environment.put("PODSLICE_JDK_FOLDERS", folder.resolve("none") + "/*:" + jdks + "/*");
        Path system = Checkout.only(folder.resolve("system"), "bash", "env", "readlink", "sed");
        checkout.environment.put("PATH", checkout.tools + ":" + system);
    }

    private Checkout.Run find() throws IOException, InterruptedException {
        return checkout.run(
                "/usr/bin/env",
                "bash",
                "-c",
                ". \"$0\" && find_jdk && echo \"$JAVA_HOME\"",
                checkout.script("lib/jdk.sh"));
    }

    private String found() throws IOException, InterruptedException {
        Checkout.Run run = find();
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        return run.out().strip();
    }

    @Test
    void javaHomeWinsWhereItFits() throws Exception {
        Checkout.jdk(jdks.resolve("jdk-25"), "25");
        Path home = Checkout.jdk(folder.resolve("my jdk"), "26.0.1");
        checkout.environment.put("JAVA_HOME", home.toString());
        assertThat(found()).isEqualTo(home.toString());
    }

    @Test
    void anOldJavaHomeIsPassedOver() throws Exception {
        Path home = Checkout.jdk(jdks.resolve("jdk-25"), "25.0.3");
        checkout.environment.put(
                "JAVA_HOME", Checkout.jdk(folder.resolve("old"), "17.0.15").toString());
        assertThat(found()).isEqualTo(home.toString());
    }

    @Test
    void theOneInPathComesBeforeTheUsualFoldersAndIsFollowedThroughLinks() throws Exception {
        Checkout.jdk(jdks.resolve("jdk-25"), "25");
        Path home = Checkout.jdk(folder.resolve("elsewhere"), "27");
        Files.createSymbolicLink(checkout.tools.resolve("java"), home.resolve("bin/java"));
        assertThat(found()).isEqualTo(home.toRealPath().toString());
    }

    @Test
    void ofTheUsualFoldersTheOldestReleaseThatFitsIsTaken() throws Exception {
        Checkout.jdk(jdks.resolve("a-jdk-27"), "27-ea");
        Path home = Checkout.jdk(jdks.resolve("b-jdk-25"), "25.0.3");
        Checkout.jdk(jdks.resolve("c-jdk-8"), "1.8.0_452");
        Checkout.jdk(jdks.resolve("d-jdk-21"), "21.0.7");
        assertThat(found()).isEqualTo(home.toString());
    }

    @Test
    void aJdkWithoutReleaseFileIsAsked() throws Exception {
        Path home = Checkout.jdk(jdks.resolve("built"), "ignored");
        Files.delete(home.resolve("release"));
        Checkout.program(home.resolve("bin/java"), "echo '    java.version = 25-internal' >&2");
        assertThat(found()).isEqualTo(home.toString());
    }

    @Test
    void whereNoneFitsItSaysWhatItFoundAndWhatToInstall() throws Exception {
        Path old = Checkout.jdk(jdks.resolve("jdk-17"), "17.0.15");
        Files.createSymbolicLink(jdks.resolve("default"), old);
        Path jre = Checkout.jdk(jdks.resolve("jre-25"), "25");
        Files.delete(jre.resolve("bin/javac"));
        Checkout.Run run = find();
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("podslice needs a JDK 25 or newer")
                .contains(jdks + "/jdk-17: Java 17, too old\n")
                .contains(jdks + "/jre-25: Java 25, but without a compiler (a JRE, not a JDK)\n")
                .contains("apt install openjdk-25-jdk-headless")
                .contains("apt install temurin-25-jdk")
                .contains("set JAVA_HOME")
                .doesNotContain("/default:");
    }
}
