package io.podslice.managers.pod;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** Amounts by resource name; immutable. A name that is absent differs from one with amount zero. */
public final class ResourceList {
    public static final ResourceList EMPTY = new ResourceList(new TreeMap<>());

    private final SortedMap<ResourceName, Quantity> amounts;

    private ResourceList(SortedMap<ResourceName, Quantity> amounts) {
        this.amounts = amounts;
    }

    public static ResourceList of(Map<ResourceName, Quantity> amounts) {
        return new ResourceList(new TreeMap<>(amounts));
    }

    /** Makes a list of CPU and memory alone. */
    public static ResourceList of(String cpu, String memory) {
        return of(Map.of(ResourceName.CPU, Quantity.parse(cpu), ResourceName.MEMORY, Quantity.parse(memory)));
    }

    public boolean isEmpty() {
        return amounts.isEmpty();
    }

    public boolean has(ResourceName name) {
        return amounts.containsKey(name);
    }

    /** The amount, zero where the name is absent. */
    public Quantity get(ResourceName name) {
        return amounts.getOrDefault(name, Quantity.ZERO);
    }

    /** The amount, null where the name is absent. */
    public @Nullable Quantity find(ResourceName name) {
        return amounts.get(name);
    }

    /** Names in order. */
    public Set<ResourceName> names() {
        return Collections.unmodifiableSet(amounts.keySet());
    }

    /** CPU in millicores, rounded up; 0 where absent. */
    public long cpuMillis() {
        return get(ResourceName.CPU).milliValue();
    }

    /** Memory in bytes, rounded up; 0 where absent. */
    public long memoryBytes() {
        return get(ResourceName.MEMORY).value();
    }

    /** Bytes of huge pages by page size in bytes; two spellings of one size are added up, as in the kubelet. */
    public SortedMap<Long, Long> hugepageBytes() {
        SortedMap<Long, Long> bytes = new TreeMap<>();
        amounts.forEach((name, amount) ->
                name.pageSize().ifPresent(size -> bytes.merge(size, amount.value(), ResourceList::saturatedSum)));
        return bytes;
    }

    private static long saturatedSum(long a, long b) {
        long sum = a + b;
        return sum < a ? Long.MAX_VALUE : sum;
    }

    public ResourceList plus(ResourceList other) {
        return merged(other, Quantity::plus);
    }

    /** Returns these amounts without the other's, each at least 0; a resource of the other's alone is left out. */
    public ResourceList minus(ResourceList other) {
        if (other.isEmpty()) {
            return this;
        }
        SortedMap<ResourceName, Quantity> result = new TreeMap<>();
        amounts.forEach((name, amount) -> result.put(name, amount.minus(other.get(name))));
        return new ResourceList(result);
    }

    /** Returns the larger amount of each resource. */
    public ResourceList max(ResourceList other) {
        return merged(other, Quantity::max);
    }

    private ResourceList merged(ResourceList other, BinaryOperator<Quantity> of) {
        if (other.isEmpty()) {
            return this;
        }
        SortedMap<ResourceName, Quantity> result = new TreeMap<>(amounts);
        other.amounts.forEach((name, amount) -> result.merge(name, amount, of));
        return new ResourceList(result);
    }

    /** Returns this list with that amount in place of the name's present one. */
    public ResourceList with(ResourceName name, Quantity amount) {
        SortedMap<ResourceName, Quantity> result = new TreeMap<>(amounts);
        result.put(name, amount);
        return new ResourceList(result);
    }

    public ResourceList without(ResourceName name) {
        SortedMap<ResourceName, Quantity> result = new TreeMap<>(amounts);
        result.remove(name);
        return new ResourceList(result);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ResourceList list && amounts.equals(list.amounts);
    }

    @Override
    public int hashCode() {
        return amounts.hashCode();
    }

    /** Returns e.g. {@code {cpu=6, memory=12Gi}}. */
    @Override
    public String toString() {
        return amounts.toString();
    }
}
