package io.podslice.agent.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cluster.shard.ShardSelector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardArgumentTest {
    @Test
    void partsAreCountedFromNought() {
        assertThat(ShardArgument.parse("3/4").selector()).isEqualTo(ShardSelector.part(3, 4));
        assertThat(ShardArgument.parse("0/1").text()).isEqualTo("0/1");
    }

    @ParameterizedTest
    @CsvSource({
        "4/4, '\"4/4\": the 4 parts are counted from 0 to 3'",
        "0/0, '\"0/0\": the 0 parts are counted from 0'",
        "1, '\"1\": must be I/N, such as 0/4 for the first of 4 parts'",
        "-1/4, '\"-1/4\": must be I/N, such as 0/4 for the first of 4 parts'",
        "1/99999999999, '\"1/99999999999\": must be I/N, such as 0/4 for the first of 4 parts'"
    })
    void whatIsNoPartIsRefused(String text, String message) {
        assertThatThrownBy(() -> ShardArgument.parse(text)).hasMessage(message);
    }
}
