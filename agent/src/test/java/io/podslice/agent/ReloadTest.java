package io.podslice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.config.LastGood;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A changed file is taken over if it is good, and otherwise changes nothing. */
final class ReloadTest {
    @TempDir
    private Path folder;

    private final List<Configuration> applied = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final List<Integer> lacking = new ArrayList<>();
    private boolean misconfigured;
    private int startedAnew;

    @SuppressWarnings("NullAway.Init")
    private Path file;

    @SuppressWarnings("NullAway.Init")
    private Reload reload;

    private final class Running implements Reload.Running {
        /** Stands for a machine: it lacks as many CPUs for a pool as the list says. */
        @Override
        public List<String> misfits(Configuration configuration) {
            int pool = configuration.bounds().sharedPoolCpus();
            return lacking.contains(pool) ? List.of("bounds.sharedPoolCPUs \"" + pool + "\": too many") : List.of();
        }

        @Override
        public void apply(Configuration configuration) {
            applied.add(configuration);
        }

        @Override
        public boolean isMisconfigured() {
            return misconfigured;
        }
    }

    private String text(String more) {
        return "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\nstate: {dir: \"" + folder + "\"}\n"
                + more;
    }

    private void write(String more) throws IOException {
        Files.writeString(file, text(more));
    }

    @BeforeEach
    void started() throws IOException {
        file = folder.resolve("f");
        write("");
        LastGood.keep(folder, text(""));
        Configuration configuration = ConfigurationFile.parse(text("")).configuration();
        reload = new Reload(
                file,
                new Running(),
                configuration,
                standing -> told.add(standing.inForce() + ", " + standing.problems() + ": " + standing.text()),
                () -> startedAnew++);
    }

    @Test
    void keysThatCountAtOnceAreAppliedAndOthersNamed() throws IOException {
        write("bounds: {exclusivePercent: 50}\nnri: {enabled: true}\nshim: {runtime: \"unix:///a\"}\n");

        reload.run();

        assertThat(applied)
                .singleElement()
                .satisfies(next -> assertThat(next.bounds().exclusivePercent()).isEqualTo(50));
        assertThat(told).containsExactly("FILE, 0: " + file + "; changes after a restart: shim.runtime, nri.enabled");
        assertThat(LastGood.read(folder).orElseThrow().configuration().nri().enabled())
                .isTrue();

        write("bounds: {exclusivePercent: 50}\n");
        reload.run();
        assertThat(told.getLast()).isEqualTo("FILE, 0: " + file);
    }

    @Test
    void aWrongFileChangesNothingAndIsToldOf() throws IOException {
        write("bounds: {exclusivePercent: 500}\nx: y\n");

        reload.run();

        assertThat(applied).isEmpty();
        assertThat(told)
                .containsExactly("BEFORE_RELOAD, 2: the one before the last reload; not taken: " + file
                        + ":4:28: bounds.exclusivePercent: \"500\": must be a whole number of percent, 0 to 100"
                        + " (and 1 more)");
        assertThat(LastGood.read(folder).orElseThrow().errors()).isEmpty();
    }

    @Test
    void aPodsliceThatEnforcesNothingEndsWhereTheFileIsGood() throws IOException {
        misconfigured = true;
        write("x: y\n");
        reload.run();
        assertThat(startedAnew).isZero();
        assertThat(told.getLast())
                .startsWith("NONE, 1: none, so nothing is enforced; not taken: " + file + ":4:1: x: ");

        write("bounds: {exclusivePercent: 50}\n");
        reload.run();
        assertThat(startedAnew).isOne();
        assertThat(applied).isEmpty();
        assertThat(told.getLast())
                .isEqualTo("NONE, 0: none, so nothing is enforced; " + file + " is good, and counts after a restart");
    }

    @Test
    void aFileThatIsGoneChangesNothing() throws IOException {
        Files.delete(file);

        reload.run();

        assertThat(applied).isEmpty();
        assertThat(told).singleElement().asString().endsWith("not taken: " + file + ": no such file");
    }

    @Test
    void whatTheMachineDoesNotHaveIsRefusedOnlyInAChangedKey() throws IOException {
        lacking.add(5);
        write("bounds: {sharedPoolCPUs: 5}\n");
        reload.run();
        assertThat(told).singleElement().asString().endsWith("bounds.sharedPoolCPUs \"5\": too many");

        write("bounds: {sharedPoolCPUs: 4}\n");
        reload.run();
        assertThat(applied).hasSize(1);

        lacking.add(4); // CPUs have gone
        write("bounds: {sharedPoolCPUs: 4, exclusivePercent: 50}\n");
        reload.run();
        assertThat(applied).hasSize(2);
        assertThat(told.getLast()).isEqualTo("FILE, 0: " + file);
    }
}
