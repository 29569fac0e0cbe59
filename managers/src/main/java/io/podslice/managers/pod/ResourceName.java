package io.podslice.managers.pod;

import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * The name of a resource, e.g. {@code cpu}, {@code memory}, {@code hugepages-2Mi}, {@code example.com/fpga}.
 *
 * @param value as written: a qualified name, with or without a domain and a slash before it
 */
public record ResourceName(String value) implements Comparable<ResourceName> {
    // Before the constants, whose names it checks.
    private static final Pattern QUALIFIED =
            Pattern.compile("(?:[a-z0-9][-a-z0-9.]{0,252}/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");

    public static final ResourceName CPU = new ResourceName("cpu");
    public static final ResourceName MEMORY = new ResourceName("memory");

    private static final String HUGEPAGES = "hugepages-";
    private static final Quantity MOST = Quantity.parse("9223372036854775");
    private static final Quantity LEAST = Quantity.parse("-9223372036854775");

    public ResourceName {
        if (value.isBlank()) {
            throw new IllegalArgumentException("resource name \"" + value + "\": must not be empty");
        }
        if (!QUALIFIED.matcher(value).matches()) {
            throw new IllegalArgumentException("resource name \"" + Printable.of(value, 64)
                    + "\": must be a qualified name, such as cpu or example.com/fpga");
        }
    }

    /**
     * Reads an amount of this resource, rounded up to a thousandth as the API server does. It must fit an int64 when it
     * is counted in thousandths, so that neither a sum nor the conversion to a quota overflows.
     *
     * @throws IllegalArgumentException if the text is no quantity, or one beyond 9223372036854775 units
     */
    public Quantity amount(String text) {
        Quantity amount = Quantity.parse(text);
        if (amount.compareTo(LEAST) < 0 || amount.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "must be at most " + MOST.value() + ": amounts are counted in" + " thousandths, in 64 bits");
        }
        return amount.roundedUpToMilli();
    }

    /** Tells if this is a kind of huge pages. */
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
