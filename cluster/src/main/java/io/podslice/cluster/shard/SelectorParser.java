package io.podslice.cluster.shard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one selector. The messages are those of apiserver/pkg/sharding (1.36), but for CEL's own on its syntax. */
final class SelectorParser {
    private static final String CALL = "shardRange";
    private static final String PREFIX = "0x";
    private static final int DIGITS = 16;

    /** The deepest nesting of parentheses, as CEL bounds it too. */
    private static final int DEEPEST = 100;

    /** An argument of a call, and whether it is a literal text. */
    private record Argument(String text, boolean isLiteral) {}

    private final String text;
    private final List<ShardRange> ranges = new ArrayList<>();
    private @Nullable String path;
    private int at;

    private SelectorParser(String text) {
        this.text = text;
    }

    static ShardSelector parse(String text) {
        if (text.length() > ShardSelector.LONGEST) {
            throw new IllegalArgumentException(
                    "a selector of " + text.length() + " characters, above " + ShardSelector.LONGEST);
        }
        if (text.isBlank()) {
            throw new IllegalArgumentException(
                    "empty shard selector is not allowed; omit the parameter for unfiltered lists");
        }
        SelectorParser parser = new SelectorParser(text);
        parser.alternatives(0);
        if (parser.next() != 0) {
            throw parser.syntax("extraneous input");
        }
        return new ShardSelector(key(String.valueOf(parser.path)), parser.ranges);
    }

    private void alternatives(int depth) {
        if (depth > DEEPEST) {
            throw syntax("expression recursion limit exceeded: " + DEEPEST);
        }
        do {
            if (take("(")) {
                alternatives(depth + 1);
                expect(")");
            } else {
                call();
            }
        } while (take("||"));
    }

    private void call() {
        String name = name();
        expect("(");
        List<Argument> arguments = new ArrayList<>();
        if (!take(")")) {
            do {
                arguments.add(argument());
            } while (take(","));
            expect(")");
        }
        if (!name.equals(CALL)) {
            throw new IllegalArgumentException(
                    "unsupported function \"" + name + "\"; only shardRange() and || are allowed");
        }
        if (arguments.size() != 3) {
            throw new IllegalArgumentException("shardRange() requires exactly 3 arguments, got " + arguments.size());
        }
        range(arguments.get(0), arguments.get(1), arguments.get(2));
    }

    private void range(Argument field, Argument from, Argument to) {
        String its = field.text();
        if (field.isLiteral()
                || Arrays.stream(ShardSelector.Key.values())
                        .noneMatch(key -> key.path().equals(its))) {
            throw new IllegalArgumentException("unsupported field path \"" + its
                    + "\"; supported: object.metadata.uid, object.metadata.namespace");
        }
        if (path != null && !its.equals(path)) {
            throw new IllegalArgumentException(
                    "all shard ranges must use the same field, got \"" + path + "\" and \"" + its + "\"");
        }
        path = its;
        if (from.isLiteral() && from.text().equals(ShardRange.TOP)) {
            throw notLess(from, to);
        }
        long first = hash("hexStart", from);
        if (to.isLiteral() && to.text().equals(ShardRange.TOP)) {
            ranges.add(new ShardRange(first, -1));
            return;
        }
        long end = hash("hexEnd", to);
        if (Long.compareUnsigned(first, end) >= 0) {
            throw notLess(from, to);
        }
        ranges.add(new ShardRange(first, end - 1));
    }

    private static IllegalArgumentException notLess(Argument from, Argument to) {
        return new IllegalArgumentException("shard range start " + from.text() + " must be less than end " + to.text());
    }

    private static long hash(String name, Argument argument) {
        String value = argument.text();
        if (!argument.isLiteral()) {
            throw new IllegalArgumentException(name + " must be a string literal");
        }
        if (!value.startsWith(PREFIX)) {
            throw new IllegalArgumentException(name + " must have '0x' prefix, got \"" + value + "\"");
        }
        String digits = value.substring(PREFIX.length());
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                throw new IllegalArgumentException("invalid hex character \"" + c + "\" in \"" + value + "\"");
            }
        }
        if (digits.length() == DIGITS + 1) {
            throw new IllegalArgumentException("17-digit hex value must be '" + ShardRange.TOP + "' (2^64)");
        }
        if (digits.length() != DIGITS) {
            String guess = digits.isEmpty() || digits.length() > DIGITS
                    ? ""
                    : " (did you mean \"" + PREFIX + "0".repeat(DIGITS - digits.length()) + digits + "\"?)";
            throw new IllegalArgumentException(
                    name + " must be a 0x-prefixed 16-digit hex value, got \"" + value + "\"" + guess);
        }
        return Long.parseUnsignedLong(digits, 16);
    }

    private static ShardSelector.Key key(String path) {
        return Arrays.stream(ShardSelector.Key.values())
                .filter(key -> key.path().equals(path))
                .findFirst()
                .orElseThrow();
    }

    private Argument argument() {
        char quote = next();
        if (quote != '\'' && quote != '"') {
            return new Argument(name(), false);
        }
        int end = text.indexOf(quote, at + 1);
        if (end < 0 || text.substring(at, end).indexOf('\\') >= 0) {
            throw syntax(end < 0 ? "a text that does not end" : "an escape, which no value needs");
        }
        String value = text.substring(at + 1, end);
        at = end + 1;
        return new Argument(value, true);
    }

    /** Reads an identifier, or several with dots between them. */
    private String name() {
        next();
        int from = at;
        while (at < text.length() && isPart(text.charAt(at))) {
            at++;
        }
        if (from == at) {
            throw syntax("an identifier is missing");
        }
        return text.substring(from, at);
    }

    private static boolean isPart(char c) {
        return c == '.' || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    /** Returns the next character that is no blank; 0 at the end. */
    private char next() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : 0;
    }

    private boolean take(String token) {
        next();
        if (!text.startsWith(token, at)) {
            return false;
        }
        at += token.length();
        return true;
    }

    private void expect(String token) {
        if (!take(token)) {
            throw syntax("'" + token + "' is missing");
        }
    }

    private IllegalArgumentException syntax(String problem) {
        return new IllegalArgumentException("CEL parse error: " + problem + " at character " + (at + 1));
    }
}
