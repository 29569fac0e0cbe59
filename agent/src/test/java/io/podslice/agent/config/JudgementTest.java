package io.podslice.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A mistake in a key that has not changed is no reason to refuse a file. */
final class JudgementTest {
    private static final String HEAD = "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\n";

    private static Judgement judge(String file, String good) {
        return Judgement.of(ConfigurationFile.parse(HEAD + file), Optional.of(ConfigurationFile.parse(HEAD + good)));
    }

    @Test
    void anUnchangedKeyIsToleratedWithItsDefaultWhileOthersChange() {
        Judgement judgement = judge(
                "cpuManagerPolicy: gone\nbounds: {exclusivePercent: 50}\n",
                "cpuManagerPolicy: gone\nbounds: {exclusivePercent: 60}\n");

        assertThat(judgement.refused()).isEmpty();
        assertThat(judgement.tolerated()).extracting("field").containsExactly("cpuManagerPolicy");
        assertThat(judgement.configuration().policy()).isEqualTo(Configuration.DEFAULT.policy());
        assertThat(judgement.configuration().bounds().exclusivePercent()).isEqualTo(50);
    }

    @Test
    void aChangedKeyMustBeRight() {
        Judgement judgement = judge("cpuManagerPolicy: gone\n", "cpuManagerPolicy: other\n");

        assertThat(judgement.refused()).extracting("field").containsExactly("cpuManagerPolicy");
        assertThat(judgement.tolerated()).isEmpty();
    }

    @Test
    void aKeyThatAnotherVersionKnewIsTolerated() {
        assertThat(judge("shim: {later: 1}\n", "shim: {later: 1}\n").refused()).isEmpty();
        assertThat(judge("shim: {later: 1}\n", "shim: {later: 2}\n").refused()).hasSize(1);
        assertThat(judge("shim: {later: 1}\n", "").refused()).hasSize(1);
    }

    /** The mistake is told of a key that has not changed, but the other one has. */
    @Test
    void keysThatDoNotGoTogetherAnyMoreAreRefused() {
        String good = "shim: {listen: \"unix:///a\"}\n";
        String same = "shim: {listen: \"unix:///a\", runtime: \"unix:///a\"}\n";

        assertThat(judge(same, good).refused()).extracting("field").containsExactly("shim.listen");
        assertThat(judge(same, same).refused()).isEmpty();
    }

    @Test
    void anItemOfAListIsComparedByItsPlace() {
        assertThat(judge("shim: {allowedUids: [1, x]}\n", "shim: {allowedUids: [2, x]}\n")
                        .refused())
                .isEmpty();
        assertThat(judge("shim: {allowedUids: [x]}\n", "shim: {allowedUids: [1, x]}\n")
                        .refused())
                .hasSize(1);
    }

    @Test
    void aTextThatIsNoYamlIsRefusedWhateverWasGood() {
        assertThat(judge("a: [\n", "a: [\n").refused()).isNotEmpty();
    }

    @Test
    void withoutAGoodFileEveryMistakeCounts() {
        assertThat(Judgement.of(ConfigurationFile.parse(HEAD + "a: 1\n"), Optional.empty())
                        .refused())
                .hasSize(1);
    }
}
