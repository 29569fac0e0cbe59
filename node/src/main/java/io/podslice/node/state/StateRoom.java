package io.podslice.node.state;

import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import java.util.Map;

/**
 * The room that the state has for annotated pods. Of an annotation and its spec podslice keeps some 13 bytes of heap for
 * each character, as long as the pod lives; so all annotations together are bounded, and the state of a node always fits
 * into the heap of its podslice, at its next start too. A pod may take an eighth of the room that is left: pods with short
 * annotations have room when those with long ones have none.
 */
public final class StateRoom {
    /** The most characters of podslice's annotations of all pods: some 500 pods with a common one, 64 with the longest. */
    static final int MOST_CHARACTERS = 2 << 20;

    private static final int SHARE = 8;

    /** The characters that a container of a described pod counts as: its name, its amounts, and their names. */
    private static final int CHARACTERS_OF_CONTAINER = 256;

    private StateRoom() {}

    /**
     * Checks that there is room for a new pod's annotations and description.
     *
     * @throws RefusedException if there is none; the refusal names the numbers
     */
    public static void require(NodeState state, Map<String, String> annotations, Description description)
            throws RefusedException {
        long needed = charactersOf(annotations) + charactersOf(description);
        if (needed == 0) {
            return;
        }
        long left = MOST_CHARACTERS - charactersOf(state);
        if (needed * SHARE <= left) {
            return;
        }
        throw new RefusedException(new Refusal(
                "TooManyAnnotations",
                Refusal.Kind.PRECONDITION,
                "the pod's " + (annotations.isEmpty() ? "spec counts as " : "podslice.io/ annotations have ") + needed
                        + " characters, one pod may take an eighth of the "
                        + Math.max(0, left) + " that are left: podslice keeps at most " + MOST_CHARACTERS + " of all "
                        + state.pods().size() + " pods of this node; "
                        + (annotations.isEmpty() ? "it has fewer with fewer containers" : "shorten the annotation")));
    }

    /** Returns the characters of podslice's annotations of all pods, and of the specs that the cluster's sources gave. */
    static long charactersOf(NodeState state) {
        long characters = 0;
        for (PodState pod : state.pods()) {
            characters += charactersOf(pod.annotations()) + charactersOf(pod.description());
        }
        return characters;
    }

    private static long charactersOf(Description description) {
        return (long) CHARACTERS_OF_CONTAINER
                * description.spec().map(spec -> spec.containers().size()).orElse(0);
    }

    private static long charactersOf(Map<String, String> annotations) {
        long characters = 0;
        for (Map.Entry<String, String> annotation : annotations.entrySet()) {
            characters += annotation.getKey().length() + annotation.getValue().length();
        }
        return characters;
    }
}
