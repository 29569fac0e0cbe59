package io.podslice.managers.pod;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** The nearness of words to each other, for "did you mean". */
public final class Spelling {
    private Spelling() {}

    /** Returns the word that was most likely meant: at most a third of its letters are wrong. */
    public static Optional<String> closest(String given, Collection<String> words) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String word : words) {
            int distance = distance(given, word);
            if (distance <= Math.max(given.length(), word.length()) / 3 && distance < bestDistance) {
                best = word;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Returns Levenshtein's distance, blind to case: the number of letters that must change, come or go. */
    public static int distance(String one, String other) {
        String a = one.toLowerCase(Locale.ROOT);
        String b = other.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
