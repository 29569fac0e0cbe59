package io.podslice.integration.english;

import io.podslice.integration.english.SourceText.Kind;
import io.podslice.integration.english.SourceText.Passage;
import java.util.regex.Pattern;

/** The rules of CONTRIBUTING.md's section "English" that a machine can count. */
enum Rule {
    QUESTION("(?:Whether|What|Who|Why|How|Which|Where)\\b", true),
    THE_SAME("The same\\b", true),
    SOMEBODY("\\b(?:whoever|nobody|somebody|anybody)\\b", false),
    SHALL("\\b(?:shall|is\\s+to\\s+be)\\b", false);

    private final Pattern pattern;
    private final boolean summary;

    Rule(String pattern, boolean summary) {
        this.pattern = Pattern.compile(pattern, summary ? 0 : Pattern.CASE_INSENSITIVE);
        this.summary = summary;
    }

    /** Counts how often a passage breaks this rule; a rule on summaries at most once. */
    int breaches(Passage passage) {
        if (summary) {
            return passage.kind() == Kind.JAVADOC
                            && pattern.matcher(passage.summary()).lookingAt()
                    ? 1
                    : 0;
        }
        return (int) pattern.matcher(passage.prose()).results().count();
    }
}
