package io.podslice.integration.english;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.podslice.integration.english.SourceText.Kind;
import io.podslice.integration.english.SourceText.Passage;
import org.junit.jupiter.api.Test;

class SourceTextTest {

    @Test
    void finds_comments_and_literals_with_their_lines() {
        SourceText text = SourceText.of("""
                /** Whether it rains. */
                class A {
                    char quote = '"'; // nobody's "comment"
                    String s = "a // \\" b" + '\\'' + "c";
                    /* plain */
                }
                """);

        assertThat(text.passages())
                .extracting(Passage::kind, Passage::line, p -> p.prose().strip())
                .containsExactly(
                        tuple(Kind.JAVADOC, 1, "Whether it rains."),
                        tuple(Kind.COMMENT, 3, "nobody's \"comment\""),
                        tuple(Kind.TEXT, 4, "\"a // \\\" b\""),
                        tuple(Kind.TEXT, 4, "\"c\""),
                        tuple(Kind.COMMENT, 5, "plain"));
    }

    @Test
    void a_summary_ends_with_its_sentence_or_before_a_tag() {
        assertThat(summary("/**\n * Who asks\n * first. Others wait.\n */")).isEqualTo("Who asks\n first.");
        assertThat(summary("/**\n * The pod\n *\n * @param uid whose\n */")).isEqualTo("The pod");
        assertThat(summary("/** The v1.36 field. */")).isEqualTo("The v1.36 field.");
    }

    private static String summary(String javadoc) {
        return SourceText.of(javadoc).passages().getFirst().summary();
    }
}
