package io.podslice.cgroups;

/**
 * The value of {@code cpu.max}: CPU time that the cgroup may use in each period.
 *
 * @param quotaMicros microseconds of CPU time in each period, at least 1000; {@link #NO_QUOTA} for no limit
 * @param periodMicros length of the period in microseconds, 1000 to 1000000
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files">cgroup-v2</a>
 */
public record CpuMax(long quotaMicros, long periodMicros) {
    /** The quota that stands for no limit; the file shows {@code max}. */
    public static final long NO_QUOTA = -1;
    /** The period of a new cgroup, in microseconds. */
    public static final long DEFAULT_PERIOD_MICROS = 100_000;
    /** The smallest quota and the smallest period that the kernel takes, in microseconds. */
    public static final long MIN_MICROS = 1_000;
    /** The largest period that the kernel takes, in microseconds. */
    public static final long MAX_PERIOD_MICROS = 1_000_000;

    private static final long MICROS_PER_SECOND = 1_000_000;

    /** No limit, as in a new cgroup. */
    public static final CpuMax UNLIMITED = new CpuMax(NO_QUOTA, DEFAULT_PERIOD_MICROS);

    public CpuMax {
        if (quotaMicros != NO_QUOTA && quotaMicros < MIN_MICROS) {
            throw new IllegalArgumentException(
                    "cpu.max quota " + quotaMicros + "us: must be at least " + MIN_MICROS + "us, or -1 for no limit");
        }
        if (periodMicros < MIN_MICROS || periodMicros > MAX_PERIOD_MICROS) {
            throw new IllegalArgumentException("cpu.max period " + periodMicros + "us: must be " + MIN_MICROS + "us to "
                    + MAX_PERIOD_MICROS + "us");
        }
    }

    /** Tells if there is a quota. */
    public boolean isLimited() {
        return quotaMicros != NO_QUOTA;
    }

    /**
     * Reads the file's text, or a text to be written to it: {@code max} or a quota, and perhaps the period.
     *
     * @param periodMicros the period in microseconds where the text has none: the cgroup keeps its present period
     * @throws IllegalArgumentException naming the text and what is wrong with it
     */
    public static CpuMax parse(String text, long periodMicros) {
        String[] parts = text.strip().split("\\s+", -1);
        if (parts.length > 2) {
            throw new IllegalArgumentException("cpu.max \"" + text + "\": must be a quota and a period");
        }
        long quota = parts[0].equals("max") ? NO_QUOTA : number(text, parts[0]);
        return new CpuMax(quota, parts.length == 1 ? periodMicros : number(text, parts[1]));
    }

    /** Reads the file's text, or a text whose missing period is the default. */
    public static CpuMax parse(String text) {
        return parse(text, DEFAULT_PERIOD_MICROS);
    }

    /**
     * Returns this limit with its quota rounded up; one without a quota, or with one beyond every machine, is unchanged.
     *
     * @param stepMicros microseconds of CPU time a second, of which the rounded quota allows a multiple; 1 for no rounding
     */
    public CpuMax roundedUp(long stepMicros) {
        if (stepMicros == 1 || !isLimited() || quotaMicros > Long.MAX_VALUE / MICROS_PER_SECOND) {
            return this;
        }
        long perSecond = Math.ceilDiv(microsPerSecond(), stepMicros) * stepMicros;
        return new CpuMax(Math.max(quotaMicros, perSecond * periodMicros / MICROS_PER_SECOND), periodMicros);
    }

    /**
     * Returns the CPU time that the quota allows in a second, in microseconds, rounded up.
     *
     * @throws ArithmeticException if it does not fit
     */
    public long microsPerSecond() {
        return Math.ceilDivExact(Math.multiplyExact(quotaMicros, MICROS_PER_SECOND), periodMicros);
    }

    private static long number(String text, String digits) {
        try {
            long number = Long.parseLong(digits);
            if (number >= 0 && digits.charAt(0) != '+') {
                return number;
            }
        } catch (NumberFormatException e) {
            // Refused below with the message for a negative number.
        }
        throw new IllegalArgumentException("cpu.max \"" + text + "\": \"" + digits + "\" is no number of microseconds");
    }

    /** Returns the text as in the file: {@code max 100000}, {@code 50000 100000}. */
    @Override
    public String toString() {
        return (isLimited() ? Long.toString(quotaMicros) : "max") + " " + periodMicros;
    }
}
