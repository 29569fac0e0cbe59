package io.podslice.simulator.apiserver;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The objects that a {@code shardSelector} chooses (facts: cluster 5). Reads the forms that clients write, without CEL.
 *
 * @param text the selector as the server repeats it; empty for all objects
 * @param byUid true if it looks at uids, false if at namespaces
 * @param ranges the begin and the end of each range
 */
record ShardFilter(String text, boolean byUid, List<Range> ranges) {
    /** Chooses all objects. */
    static final ShardFilter ALL = new ShardFilter("", true, List.of());

    private static final Pattern RANGE = Pattern.compile(
            "shardRange\\(\\s*object\\.metadata\\.(uid|namespace)\\s*,\\s*['\"]0x([0-9a-f]{16,17})['\"]\\s*,\\s*['\"]0x([0-9a-f]{16,17})['\"]\\s*\\)");
    private static final BigInteger PRIME = new BigInteger("100000001b3", 16);
    private static final BigInteger OFFSET = new BigInteger("cbf29ce484222325", 16);

    record Range(BigInteger begin, BigInteger end) {
        boolean has(BigInteger hash) {
            return begin.compareTo(hash) <= 0 && hash.compareTo(end) < 0;
        }
    }

    /** Reads the selector of a request; one that cannot be read is an internal error, as in the real server. */
    static ShardFilter of(Query query) throws ApiError {
        String selector = query.get("shardSelector");
        if (selector.isEmpty()) {
            return ALL;
        }
        List<Range> ranges = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        String field = "";
        for (String part : selector.split("\\|\\|", -1)) {
            Matcher range = RANGE.matcher(part.strip());
            if (!range.matches() || (!field.isEmpty() && !field.equals(range.group(1)))) {
                throw new ApiError(500, "InternalError", "invalid shard selector: " + selector);
            }
            field = range.group(1);
            ranges.add(new Range(new BigInteger(range.group(2), 16), new BigInteger(range.group(3), 16)));
            texts.add("shardRange(object.metadata." + field + ", '0x" + range.group(2) + "', '0x" + range.group(3)
                    + "')");
        }
        return new ShardFilter(String.join(" || ", texts), field.equals("uid"), ranges);
    }

    boolean matches(String uid, String namespace) {
        if (ranges.isEmpty()) {
            return true;
        }
        BigInteger hash = hash(byUid ? uid : namespace);
        return ranges.stream().anyMatch(range -> range.has(hash));
    }

    /** Returns the 64-bit FNV-1a hash of a value. */
    private static BigInteger hash(String value) {
        long hash = OFFSET.longValue();
        for (byte one : value.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (one & 0xffL)) * PRIME.longValue();
        }
        return new BigInteger(Long.toUnsignedString(hash));
    }
}
