package io.podslice.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The last good configuration, and the start that needs it. */
final class LastGoodTest {
    private static final String HEAD = "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\n";
    private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000_000_000L);

    @TempDir
    private Path folder;

    @Test
    void itIsForTheOwnersEyesAndWrittenOnlyWhereItDiffers() throws IOException {
        Path file = folder.resolve("config.good.yaml");
        LastGood.keep(folder, HEAD);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        Files.setLastModifiedTime(file, LONG_AGO);
        LastGood.keep(folder, HEAD);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(LONG_AGO);
        LastGood.keep(folder, HEAD + "podResources: \"\"\n");
        assertThat(LastGood.read(folder).orElseThrow().configuration().cluster().podResources())
                .isEmpty();
        assertThat(folder).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void withoutOneThereIsNone() {
        assertThat(LastGood.read(folder)).isEmpty();
        assertThatThrownBy(() -> LastGood.keep(Path.of("/proc/none"), HEAD)).isInstanceOf(IOException.class);
    }

    @Test
    void aDamagedOneIsNone() throws IOException {
        LastGood.keep(folder, "{");
        assertThat(LastGood.read(folder)).isEmpty();
        Files.write(folder.resolve("config.good.yaml"), new byte[] {(byte) 0xff});
        assertThat(LastGood.read(folder)).isEmpty();
    }

    private static StartChoice choose(String text, Optional<String> good) {
        return StartChoice.of(
                "f", ConfigurationFile.parse(text), text, Optional.empty(), good.map(ConfigurationFile::parse));
    }

    @Test
    void aStartTakesTheFileElseTheLastGoodOneElseNothing() {
        String good = HEAD + "bounds: {exclusivePercent: 50}\n";
        String wrong = HEAD + "bounds: {exclusivePercent: 500}\nshim: {listen: \"unix:///a\"}\n";

        assertThat(choose(good, Optional.empty())).isInstanceOf(StartChoice.File.class);
        assertThat(choose(good, Optional.of(wrong)).standing("f", List.of()).text())
                .isEqualTo("f");

        StartChoice last = choose(wrong, Optional.of(good));
        assertThat(last).isInstanceOf(StartChoice.Good.class);
        assertThat(last.configuration().bounds().exclusivePercent()).isEqualTo(50);
        assertThat(last.standing("f", List.of()).text())
                .isEqualTo(
                        "the last good one; not taken: f:3:28: bounds.exclusivePercent: \"500\": must be a whole number"
                                + " of percent, 0 to 100");

        StartChoice nothing = choose(wrong, Optional.empty());
        assertThat(nothing).isInstanceOf(StartChoice.Nothing.class);
        assertThat(nothing.configuration().shim().listen()).isEqualTo(Path.of("/a"));
        assertThat(nothing.standing("f", List.of()).text())
                .startsWith("none, so nothing is enforced; not taken: f:3:28: ");
    }

    @Test
    void whereItCannotListenTheLastGoodOneIsTakenElseTheDefaultSocket() {
        String moved = HEAD + "shim: {listen: \"unix:///moved\"}\n";
        String usual = HEAD + "bounds: {exclusivePercent: 50}\n";

        StartChoice good =
                choose(moved, Optional.of(usual)).onAnotherSocket("no", true).orElseThrow();
        assertThat(good).isInstanceOf(StartChoice.Good.class);
        assertThat(good.configuration().bounds().exclusivePercent()).isEqualTo(50);
        assertThat(good.standing("f", List.of()).text()).isEqualTo("the last good one; not taken: no");
        assertThat(good.onAnotherSocket("busy", true))
                .as("it was the default one")
                .isEmpty();

        StartChoice nothing =
                choose(moved, Optional.of(moved)).onAnotherSocket("no", true).orElseThrow();
        assertThat(nothing).isEqualTo(new StartChoice.Nothing(Configuration.DEFAULT, List.of("no")));
        assertThat(choose(moved, Optional.empty()).onAnotherSocket("no", false)).isEmpty();
        assertThat(choose(usual, Optional.empty()).onAnotherSocket("no", true)).isEmpty();
    }

    @Test
    void whatTheCgroupDriverCannotHaveIsNotEnforced() {
        String file = HEAD + "cgroups: {kubepods: /a-b/kubepods}\n";

        StartChoice good =
                choose(file, Optional.of(HEAD)).enforcingLess(List.of("no")).orElseThrow();
        assertThat(good).isEqualTo(new StartChoice.Good(Configuration.DEFAULT, List.of("no")));
        StartChoice nothing = good.enforcingLess(List.of("nor this")).orElseThrow();
        assertThat(nothing).isEqualTo(new StartChoice.Nothing(Configuration.DEFAULT, List.of("no", "nor this")));
        assertThat(nothing.enforcingLess(List.of("x"))).isEmpty();
    }

    /** A shim there would take the runtime's place. */
    @Test
    void aWrongFileThatNamesOneSocketTwiceGivesNone() {
        StartChoice choice = choose(HEAD + "shim: {listen: \"unix:///a\", runtime: \"unix:///a\"}\n", Optional.empty());
        assertThat(choice.configuration()).isEqualTo(Configuration.DEFAULT);
    }

    @Test
    void aFileThatCannotBeReadIsWrong() {
        StartChoice choice = StartChoice.of(
                "f",
                ConfigurationFile.parse(""),
                "",
                Optional.of("f: no such file"),
                Optional.of(ConfigurationFile.parse(HEAD)));
        assertThat(choice.standing("f", List.of("x: y")).text())
                .isEqualTo("the last good one; not taken: f: no such file; does not fit this machine: x: y");
    }
}
