package io.podslice.cluster.pod;

import io.podslice.cluster.wire.Fields;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.managers.pod.Printable;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.Map;
import java.util.TreeMap;

/** Reads the requests and limits of one pod or container; of an amount that comes twice the last counts. */
final class AmountsReader {
    /**
     * The most amounts of a pod and its containers together: six each for hundreds of containers. Sums over containers
     * cost time with each resource that one of them names.
     */
    static final int MOST = 4096;

    /** The longest qualified name, in bytes: a domain, a slash, a name. */
    private static final int LONGEST_NAME = 253 + 1 + 63;
    /** More than any quantity has; what is longer is told from the amount's own check. */
    private static final int LONGEST_AMOUNT = 256;

    private static final int LIMITS = 1 << Fields.TYPE | Fields.BYTES;
    private static final int REQUESTS = 2 << Fields.TYPE | Fields.BYTES;
    private static final int KEY = 1 << Fields.TYPE | Fields.BYTES;
    private static final int VALUE = 2 << Fields.TYPE | Fields.BYTES;
    private static final int QUANTITY_TEXT = 1 << Fields.TYPE | Fields.BYTES;

    /** Counts the amounts of one pod. */
    static final class Count {
        private int amounts;

        private void another() throws UnreadableException {
            if (amounts == MOST) {
                throw new UnreadableException("", "more than " + MOST + " amounts in the pod");
            }
            amounts++;
        }
    }

    private final Count count;
    private final boolean ofPod;
    private final Map<ResourceName, Quantity> requests = new TreeMap<>();
    private final Map<ResourceName, Quantity> limits = new TreeMap<>();

    /**
     * @param count counts the amounts of the pod
     * @param ofPod true for pod-level resources: names that podslice does not know at pod level, as of a kubelet that is
     *     newer, are left out
     */
    AmountsReader(Count count, boolean ofPod) {
        this.count = count;
        this.ofPod = ofPod;
    }

    /** Reads a message {@code ResourceRequirements}. */
    void read(Fields requirements) throws UnreadableException {
        try {
            while (requirements.next()) {
                switch (requirements.tag()) {
                    case LIMITS -> amount(requirements.message(), "limits", limits);
                    case REQUESTS -> amount(requirements.message(), "requests", requests);
                    default -> {
                        // Claims and whatever is newer: not podslice's.
                    }
                }
            }
        } catch (UnreadableException e) {
            throw e.in("resources");
        }
    }

    private void amount(Fields entry, String list, Map<ResourceName, Quantity> amounts) throws UnreadableException {
        String key = "";
        String text = "";
        try {
            count.another();
            while (entry.next()) {
                switch (entry.tag()) {
                    case KEY -> key = entry.text("", LONGEST_NAME);
                    case VALUE -> text = quantity(entry.message(), text);
                    default -> {
                        // An entry has no other fields.
                    }
                }
            }
            ResourceName name = name(key);
            if (ofPod && !name.isPodLevel()) {
                return;
            }
            amounts.put(name, parsed(name, text));
        } catch (UnreadableException e) {
            throw e.in(list);
        }
    }

    private static String quantity(Fields quantity, String before) throws UnreadableException {
        String text = before;
        while (quantity.next()) {
            if (quantity.tag() == QUANTITY_TEXT) {
                text = quantity.text("", LONGEST_AMOUNT);
            }
        }
        return text;
    }

    private static ResourceName name(String key) throws UnreadableException {
        return switch (key) {
            case "cpu" -> ResourceName.CPU;
            case "memory" -> ResourceName.MEMORY;
            default -> {
                try {
                    yield new ResourceName(key);
                } catch (IllegalArgumentException e) {
                    throw new UnreadableException("", String.valueOf(e.getMessage()));
                }
            }
        };
    }

    private static Quantity parsed(ResourceName name, String text) throws UnreadableException {
        try {
            return name.amount(text);
        } catch (IllegalArgumentException e) {
            throw new UnreadableException(
                    "[" + name + "]", "Invalid value: \"" + Printable.of(text, 64) + "\": " + e.getMessage());
        }
    }

    ResourceRequirements result() {
        return requests.isEmpty() && limits.isEmpty()
                ? ResourceRequirements.NONE
                : new ResourceRequirements(ResourceList.of(requests), ResourceList.of(limits));
    }
}
