package io.podslice.managers.pod;

import java.util.OptionalLong;

/**
 * The name of a resource, e.g. {@code cpu}, {@code memory}, {@code hugepages-2Mi}, {@code example.com/fpga}.
 *
 * @param value as written; not empty
 */
public record ResourceName(String value) implements Comparable<ResourceName> {
    public static final ResourceName CPU = new ResourceName("cpu");
    public static final ResourceName MEMORY = new ResourceName("memory");

    private static final String HUGEPAGES = "hugepages-";

    public ResourceName {
        if (value.isBlank()) {
            throw new IllegalArgumentException("resource name \"" + value + "\": must not be empty");
        }
    }

    public boolean isHugepages() {
        return value.startsWith(HUGEPAGES);
    }

    /** Tells if a pod can ask for it at pod level (KEP-2837): cpu, memory and hugepages. */
    public boolean isPodLevel() {
        return equals(CPU) || equals(MEMORY) || isHugepages();
    }

    /** The size in bytes of one page, for hugepages of a well-formed size (whole KiB, as the kernel's); else empty. */
    public OptionalLong pageSize() {
        if (!isHugepages()) {
            return OptionalLong.empty();
        }
        try {
            long size = Quantity.parse(value.substring(HUGEPAGES.length())).value();
            return size > 0 && size % 1024 == 0 ? OptionalLong.of(size) : OptionalLong.empty();
        } catch (IllegalArgumentException notAQuantity) {
            return OptionalLong.empty();
        }
    }

    @Override
    public int compareTo(ResourceName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
