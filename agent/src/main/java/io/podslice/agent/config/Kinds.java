package io.podslice.agent.config;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.layout.CgroupName;
import io.podslice.managers.pod.DnsLabel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The kinds of values that keys of the configuration take: each with its range, its words, and its JSON Schema. */
final class Kinds {
    private static final String TYPE = "type";
    private static final String STRING = "string";
    private static final String INTEGER = "integer";
    private static final String PATTERN = "pattern";
    private static final String MINIMUM = "minimum";
    private static final String MAXIMUM = "maximum";
    private static final int PERCENT = 100;

    private Kinds() {}

    private static Map<String, Object> string(String pattern) {
        return Map.of(TYPE, STRING, PATTERN, pattern);
    }

    /** One of an enum's constants, by the text of each. */
    static <E extends Enum<E>> Kind<E> choice(Class<E> choices, Function<E, String> text) {
        E[] constants = choices.getEnumConstants();
        List<String> texts = Arrays.stream(constants).map(text).toList();
        List<Object> values = new ArrayList<>(texts);
        // YAML reads 1.37 without quotes as a number, which is taken too.
        texts.stream()
                .filter(each -> each.matches("[0-9.]+"))
                .map(Double::valueOf)
                .forEach(values::add);
        return new Kind<>(
                given -> {
                    int at = texts.indexOf(given);
                    if (at < 0) {
                        throw new IllegalArgumentException("must be one of " + String.join(", ", texts));
                    }
                    return constants[at];
                },
                texts.stream().map(each -> "`" + each + "`").collect(Collectors.joining(", ")),
                Map.of("enum", List.copyOf(values)));
    }

    static Kind<Boolean> truth() {
        return new Kind<>(Scalars::truth, "`true`, `false`", Map.of(TYPE, "boolean"));
    }

    /** A whole number, {@code least} or more. */
    static Kind<Integer> number(String kind, int least, String reason) {
        Function<String, Integer> number = Scalars.number(kind);
        return new Kind<>(
                text -> {
                    int value = number.apply(text);
                    if (value < least) {
                        throw new IllegalArgumentException("must be " + least + " or more: " + reason);
                    }
                    return value;
                },
                kind + ", " + least + " or more",
                Map.of(TYPE, INTEGER, MINIMUM, least, MAXIMUM, Integer.MAX_VALUE));
    }

    /** A whole number, 0 or more; no value means that there is no bound. */
    static Kind<OptionalInt> bound(String kind) {
        Function<String, Integer> number = Scalars.number(kind);
        return new Kind<>(
                text -> OptionalInt.of(number.apply(text)),
                kind + ", 0 or more",
                Map.of(TYPE, INTEGER, MINIMUM, 0, MAXIMUM, Integer.MAX_VALUE));
    }

    static Kind<Integer> percent() {
        return new Kind<>(Scalars::percent, "0 to 100 percent", Map.of(TYPE, INTEGER, MINIMUM, 0, MAXIMUM, PERCENT));
    }

    static Kind<OptionalDouble> factor() {
        return new Kind<>(
                text -> OptionalDouble.of(Scalars.factor(text)),
                "above 0, at most 1",
                Map.of(TYPE, "number", "exclusiveMinimum", 0, MAXIMUM, 1));
    }

    static Kind<OptionalLong> bytes() {
        return new Kind<>(
                text -> OptionalLong.of(Scalars.bytes(text)),
                "a quantity above 0, such as `64Gi`",
                Map.of(TYPE, List.of(STRING, INTEGER), PATTERN, "^\\+?[0-9.]+", MINIMUM, 1));
    }

    /**
     * An amount of bytes.
     *
     * @param words the range, e.g. {@code 4Mi to 64Gi}
     */
    static Kind<Long> bytes(long least, long most, String words) {
        return new Kind<>(
                text -> {
                    long bytes = Scalars.bytes(text);
                    if (bytes < least || bytes > most) {
                        throw new IllegalArgumentException("must be " + words);
                    }
                    return bytes;
                },
                "a quantity, `" + words.replace(" to ", "` to `") + "`",
                Map.of(TYPE, List.of(STRING, INTEGER), PATTERN, "^\\+?[0-9.]+", MINIMUM, least, MAXIMUM, most));
    }

    /**
     * A duration as Go and Kubernetes write it.
     *
     * @param words the range, e.g. {@code 1ms to 1s}
     */
    static Kind<Duration> duration(Duration least, Duration most, String words) {
        return new Kind<>(
                Scalars.duration(least, most, words),
                "`" + words.replace(" to ", "` to `") + "`",
                string("^\\+?([0-9]*\\.?[0-9]*(ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$"));
    }

    static Kind<Path> socket() {
        return new Kind<>(Scalars::socket, "`unix://` and an absolute path", string("^[Uu][Nn][Ii][Xx]:///"));
    }

    static Kind<Path> path() {
        return new Kind<>(Scalars::absolute, "an absolute path", string("^/"));
    }

    static Kind<Optional<InetSocketAddress>> address() {
        return new Kind<>(Scalars::address, "a numeric address and a port, or `\"\"`", string("^$|:[0-9]{1,5}$"));
    }

    static Kind<Optional<SocketAddress>> page() {
        return new Kind<>(
                Scalars::page,
                "a loopback address and a port, `unix://` and an absolute path, or `\"\"`",
                string("^$|^127\\.[0-9.]+:[0-9]{1,5}$|^\\[::1\\]:[0-9]{1,5}$|^[Uu][Nn][Ii][Xx]:///"));
    }

    static Kind<URI> https() {
        return new Kind<>(Scalars::https, "`https://` and a host", string("^[Hh][Tt][Tt][Pp][Ss]://"));
    }

    static Kind<String> nodeName() {
        return new Kind<>(Scalars::nodeName, "the name of a node", string("^[a-z0-9]"));
    }

    static Kind<String> namespace() {
        return new Kind<>(
                text -> {
                    try {
                        return DnsLabel.check(text);
                    } catch (IllegalArgumentException e) {
                        throw new IllegalArgumentException("must be the name of a namespace: " + e.getMessage(), e);
                    }
                },
                "names of namespaces",
                string("^" + DnsLabel.PATTERN + "$"));
    }

    /** A text that matches a pattern as a whole; {@code rule} says in words what it must be. */
    static Kind<String> matching(String pattern, String rule) {
        return new Kind<>(Scalars.matching(pattern, "must be " + rule), rule, string("^" + pattern + "$"));
    }

    static Kind<CpuSet> cpus() {
        return new Kind<>(
                CpuSet::parse,
                "a list of CPUs, such as `\"0-1,16-17\"`",
                Map.of(TYPE, List.of(STRING, INTEGER), PATTERN, "^[0-9, -]*$", MINIMUM, 0));
    }

    static Kind<Optional<CgroupDriver>> cgroupDriver() {
        return new Kind<>(
                Scalars::cgroupDriver,
                "`auto`, `cgroupfs`, `systemd`",
                Map.of("enum", List.of("auto", "cgroupfs", "systemd")));
    }

    static Kind<CgroupName> cgroup() {
        return new Kind<>(CgroupName::parse, "a cgroup, in either driver's spelling", string("^/"));
    }

    /** The values of another kind, or an empty text for no value. */
    static <T> Kind<Optional<T>> optional(Kind<T> kind) {
        return new Kind<>(
                Scalars.orEmpty(kind.reading()),
                kind.words() + ", or `\"\"`",
                Map.of("anyOf", List.of(Map.of("const", ""), kind.schema())));
    }
}
