package io.podslice.agent.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/podslice: builds when the sources have changed, and runs what was built. */
final class PodsliceScriptTest {
    @TempDir
    private Path folder;

    private Checkout checkout;

    @BeforeEach
    void aJdkAndMaven() throws IOException {
        checkout = new Checkout(folder);
        checkout.environment.put(
                "JAVA_HOME", Checkout.jdk(folder.resolve("jdk"), "25").toString());
        checkout.maven();
    }

    private Checkout.Run podslice(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = checkout.script("podslice");
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return checkout.run(command);
    }

    @Test
    void theFirstUseBuildsWithProgressOnStderrAndThenRuns() throws Exception {
        Checkout.Run run = podslice("config", "check", "a file");
        assertThat(run.status()).isZero();
        assertThat(run.err())
                .contains("podslice: first use: building")
                .contains("podslice: building: 1/1 podslice agent");
        Path dist = checkout.top.resolve("target/dist");
        assertThat(run.out().lines())
                .endsWith(
                        "-cp",
                        dist + "/lib/agent.jar:" + dist + "/lib/a.jar:" + dist + "/lib/b.jar:" + dist + "/dev/c.jar:"
                                + dist + "/dev/integration.jar",
                        "io.podslice.agent.cli.Main",
                        "config",
                        "check",
                        "a file");
    }

    @Test
    void theNextUseDoesNotBuild() throws Exception {
        podslice("help");
        Checkout.Run run = podslice("help");
        assertThat(run.err()).isEmpty();
        assertThat(checkout.mavenCalls()).hasSize(1);
    }

    @Test
    void itRunsFromAnyFolderAndThroughALink() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of(checkout.script("podslice")));
        Checkout.Run run = checkout.start(Path.of("/"), link.toString(), "help").end();
        assertThat(run.status()).isZero();
        assertThat(run.out()).endsWith("io.podslice.agent.cli.Main\nhelp\n");
    }

    @Test
    void aChangedAnAddedAndARemovedSourceAreEachBuilt() throws Exception {
        podslice("help");
        Path source = checkout.top.resolve("agent/src/main/java/A.java");
        Files.setLastModifiedTime(source, FileTime.fromMillis(1_000_000_000_000L)); // older than the build
        assertThat(podslice("help").err()).contains("the sources have changed");
        checkout.write("agent/src/main/java/C.java", "class C {}");
        assertThat(podslice("help").err()).contains("the sources have changed");
        Files.delete(source);
        assertThat(podslice("help").err()).contains("the sources have changed");
        assertThat(checkout.mavenCalls()).hasSize(4);
    }

    @Test
    void aChangedTestIsNotBuilt() throws Exception {
        podslice("help");
        checkout.write("agent/src/test/java/ATest.java", "class ATest {}");
        assertThat(podslice("help").err()).isEmpty();
    }

    @Test
    void twoAtOnceBuildOnce() throws Exception {
        Path gate = folder.resolve("gate");
        checkout.maven(Files.readString(checkout.tools.resolve("mvn"))
                .replaceFirst("(?s)^.*mvn-calls'\n", "while [ ! -e '" + gate + "' ]; do sleep 0.02; done\n"));
        Checkout.Running first = checkout.start(folder, checkout.script("podslice"), "help");
        Checkout.Running second = checkout.start(folder, checkout.script("podslice"), "help");
        while (!(Files.readString(first.err()) + Files.readString(second.err())).contains("waiting for it")) {
            assertThat(first.process().isAlive() && second.process().isAlive()).isTrue();
            Thread.sleep(20);
        }
        Files.createFile(gate);
        assertThat(List.of(first.end().status(), second.end().status())).containsOnly(0);
        assertThat(checkout.mavenCalls()).hasSize(1);
    }

    @Test
    void aFailedBuildIsShownAndNothingRuns() throws Exception {
        checkout.maven("""
                echo '[WARNING] /x/A.java:[1,2] [BadThing] this is bad'
                echo '[ERROR] COMPILATION ERROR :'
                echo '[ERROR] To see more, read -> [Help 1]'
                exit 1""");
        Checkout.Run run = podslice("help");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("[BadThing] this is bad")
                .contains("COMPILATION ERROR")
                .doesNotContain("[Help 1]")
                .contains("the build failed; all of its output is in " + checkout.top + "/target/build.log");
        checkout.maven();
        assertThat(podslice("help").status()).isZero();
    }

    @Test
    void withoutMavenItSaysWhatToInstall() throws Exception {
        Files.delete(checkout.tools.resolve("mvn"));
        Path system = Checkout.only(folder.resolve("system"), "bash", "env", "readlink", "find", "cksum");
        checkout.environment.put("PATH", checkout.tools + ":" + system);
        Checkout.Run run = podslice("help");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err())
                .contains("no mvn in PATH, and none could be fetched")
                .contains("apt install maven");
    }

    @Test
    void serveRunsWithTheProgramsOwnJarsAlsoWhereNoCacheCanBeMade() throws Exception {
        Checkout.Run run = podslice("serve", "--config", "x");
        assertThat(run.status()).isZero();
        assertThat(run.err()).contains("no ahead-of-time cache could be made");
        assertThat(run.out())
                .contains("/lib/agent.jar")
                .doesNotContain("/dev/")
                .doesNotContain("-XX:AOTCache=")
                .endsWith("io.podslice.agent.cli.Main\nserve\n--config\nx\n");
        assertThat(podslice("serve").err()).isEmpty();
    }
}
