package io.podslice.managers.memory;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * Bytes by type: memory, and huge pages by page size under the name that Kubernetes gives that size.
 *
 * @param bytes bytes by type, each 0 or more; a type that is absent is not asked for
 */
public record MemoryAmounts(SortedMap<ResourceName, Long> bytes) {
    static final MemoryAmounts NONE = new MemoryAmounts(new TreeMap<>());

    public MemoryAmounts {
        bytes = Collections.unmodifiableSortedMap(new TreeMap<>(bytes));
    }

    /** The memory and huge pages among these requests. */
    public static MemoryAmounts of(ResourceList requests) {
        SortedMap<ResourceName, Long> bytes = new TreeMap<>();
        if (requests.has(ResourceName.MEMORY)) {
            bytes.put(ResourceName.MEMORY, requests.memoryBytes());
        }
        requests.hugepageBytes().forEach((pageSize, amount) -> bytes.put(hugepages(pageSize), amount));
        return new MemoryAmounts(bytes);
    }

    /** Returns the name of huge pages of that size, e.g. {@code hugepages-2Mi}. */
    static ResourceName hugepages(long pageBytes) {
        return new ResourceName("hugepages-" + Quantity.ofBytes(pageBytes));
    }

    /** Tells if some amount is no whole number of bytes, which the memory manager refuses to account. */
    static boolean hasFraction(ResourceList requests) {
        for (ResourceName name : requests.names()) {
            if ((name.equals(ResourceName.MEMORY) || name.isHugepages())
                    && !requests.get(name).isWhole()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns the amounts that the containers of a pod need together: the sum of those that run at one time, or more if
     * an init container needs it.
     *
     * @param own the amounts of each container of the pod
     */
    static MemoryAmounts together(PodSpec pod, List<MemoryAmounts> own) {
        MemoryAmounts running = NONE;
        MemoryAmounts sidecars = NONE;
        MemoryAmounts starting = NONE;
        for (int i = 0; i < own.size(); i++) {
            ContainerSpec container = pod.containers().get(i);
            if (container.kind() == ContainerKind.INIT) {
                starting = starting.max(sidecars.plus(own.get(i)));
            } else if (container.kind().isLongRunning()) {
                running = running.plus(own.get(i));
                if (container.kind() == ContainerKind.SIDECAR) {
                    sidecars = sidecars.plus(own.get(i));
                }
            }
        }
        return running.max(starting);
    }

    boolean isEmpty() {
        return bytes.isEmpty();
    }

    long get(ResourceName type) {
        return bytes.getOrDefault(type, 0L);
    }

    MemoryAmounts plus(MemoryAmounts other) {
        SortedMap<ResourceName, Long> sum = new TreeMap<>(bytes);
        other.bytes.forEach((type, amount) -> sum.merge(type, amount, MemoryAmounts::saturated));
        return new MemoryAmounts(sum);
    }

    private MemoryAmounts max(MemoryAmounts other) {
        SortedMap<ResourceName, Long> max = new TreeMap<>(bytes);
        other.bytes.forEach((type, amount) -> max.merge(type, amount, Long::max));
        return new MemoryAmounts(max);
    }

    private static long saturated(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }

    /** Returns e.g. {@code memory 2Gi, hugepages-2Mi 64Mi}. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ");
        bytes.forEach((type, amount) -> text.add(type + " " + Quantity.ofBytes(amount)));
        return text.toString();
    }
}
