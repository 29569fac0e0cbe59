package io.podslice.integration.english;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The prose of one Java or proto file, in order: comments and string literals, without the code between them. */
record SourceText(List<Passage> passages) {

    /** The alternatives in the order in which a scanner must try them; a character literal keeps '"' from opening a string. */
    private static final Pattern TOKEN = Pattern.compile("""
            (?xs)
            (?<javadoc> /\\*\\*(?!/) .*? \\*/ )
            | (?<comment> /\\* .*? \\*/ | // [^\\n]* )
            | (?<text> \"""  .*? \""" | " (?: [^"\\\\\\n]++ | \\\\. )*+ " )
            | ' (?: [^'\\\\] | \\\\. [0-9a-fA-Fu]* ) '
            """);

    private static final Pattern BLOCK_MARKS = Pattern.compile("^/\\*\\*?|\\*/$|(?m:^\\s*\\*(?!/))");
    private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.:;!?])\\s|\\n\\s*(?:@|<p>|$)");

    /** The kinds of prose: a Javadoc has a summary, a comment has none, a text is a string literal. */
    enum Kind {
        JAVADOC,
        COMMENT,
        TEXT
    }

    /** One comment or string literal, without its marks; {@code line} counts from 1. */
    record Passage(Kind kind, int line, String prose) {

        /** The first sentence, or what stands before the first tag or paragraph. */
        String summary() {
            return SENTENCE_END.split(prose.strip(), 2)[0];
        }
    }

    static SourceText of(String source) {
        List<Passage> found = new ArrayList<>();
        Matcher token = TOKEN.matcher(source);
        int line = 1;
        int counted = 0;
        while (token.find()) {
            line += newlines(source, counted, token.start());
            counted = token.start();
            if (token.group("javadoc") != null) {
                found.add(new Passage(Kind.JAVADOC, line, bare(token.group())));
            } else if (token.group("comment") != null) {
                found.add(new Passage(Kind.COMMENT, line, bare(token.group())));
            } else if (token.group("text") != null) {
                found.add(new Passage(Kind.TEXT, line, token.group()));
            }
        }
        return new SourceText(List.copyOf(found));
    }

    private static String bare(String comment) {
        return comment.startsWith("//")
                ? comment.substring(2)
                : BLOCK_MARKS.matcher(comment).replaceAll("");
    }

    private static int newlines(String source, int from, int to) {
        return (int) source.substring(from, to).chars().filter(c -> c == '\n').count();
    }
}
