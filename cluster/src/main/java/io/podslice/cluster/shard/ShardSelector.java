package io.podslice.cluster.shard;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A part of a collection: the objects of which a field's hash is in one of some ranges. Neither field ever changes, so an object
 * never goes from one part into another. It is the API server's list option {@code shardSelector} of Kubernetes 1.36.
 *
 * @param key the field
 * @param ranges at least one; may overlap
 */
public record ShardSelector(Key key, List<ShardRange> ranges) {
    /** The longest text of a selector, in characters: some hundred ranges. */
    public static final int LONGEST = 32 << 10;

    /** A field that a selector may look at. */
    public enum Key {
        /** The uid, which spreads objects evenly. */
        UID("object.metadata.uid"),
        /** The namespace, of which alike ones have hashes near each other; empty for an object without one. */
        NAMESPACE("object.metadata.namespace");

        private final String path;

        Key(String path) {
            this.path = path;
        }

        /** Returns the field's path in a selector. */
        String path() {
            return path;
        }
    }

    public ShardSelector {
        ranges = List.copyOf(ranges);
        if (ranges.isEmpty()) {
            throw new IllegalArgumentException("a selector needs a range");
        }
    }

    /**
     * Returns one of equal parts by uid, which together have each object once.
     *
     * @param index from 0 to {@code count} - 1
     * @param count at least 1
     * @throws IllegalArgumentException if the index or the count is out of its bounds
     */
    public static ShardSelector part(int index, int count) {
        return new ShardSelector(Key.UID, List.of(ShardRange.part(index, count)));
    }

    /**
     * Reads a selector in the grammar of Kubernetes 1.36: {@code shardRange(PATH, 'START', 'END')}, joined by {@code ||}.
     *
     * @throws IllegalArgumentException if it is none, with the API server's words where it has some
     */
    public static ShardSelector parse(String text) {
        return SelectorParser.parse(text);
    }

    /**
     * Tells if an object is in this part.
     *
     * @param uid its {@code metadata.uid}
     * @param namespace its namespace; empty for an object without one
     */
    public boolean matches(String uid, String namespace) {
        long hash = ShardHash.of(key == Key.UID ? uid : namespace);
        for (ShardRange range : ranges) {
            if (range.has(hash)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the canonical text, in which the API server's {@code shardInfo} repeats it. */
    public String text() {
        return ranges.stream()
                .map(range -> "shardRange(" + key.path() + ", '" + range.start() + "', '" + range.end() + "')")
                .collect(Collectors.joining(" || "));
    }
}
