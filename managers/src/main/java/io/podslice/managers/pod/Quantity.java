package io.podslice.managers.pod;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Objects;

/**
 * An amount of a resource as Kubernetes writes it ({@code 500m}, {@code 1.5}, {@code 200Mi}, {@code 1e3}), exact down
 * to a billionth. Parsing, rounding and printing follow apimachinery's resource.Quantity.
 */
public final class Quantity implements Comparable<Quantity> {

    /** The kind of suffix that the amount was written with; it is printed with a suffix of that kind. */
    public enum Format {
        DECIMAL_EXPONENT,
        BINARY_SI,
        DECIMAL_SI
    }

    /** Zero. */
    public static final Quantity ZERO = new Quantity(BigDecimal.ZERO, Format.DECIMAL_SI);

    private static final int NANO_SCALE = 9;
    private static final int MILLI_SCALE = 3;
    private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final BigDecimal KI = BigDecimal.valueOf(1024);
    private static final String[] BINARY_SUFFIXES = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    private static final String[] DECIMAL_SUFFIXES = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};

    private final BigDecimal amount;
    private final Format format;

    private Quantity(BigDecimal amount, Format format) {
        this.amount = amount;
        this.format = format;
    }

    /** Whole units, printed with binary suffixes; for memory. */
    public static Quantity ofBytes(long bytes) {
        return new Quantity(BigDecimal.valueOf(bytes), Format.BINARY_SI);
    }

    /** Thousandths; for CPU. */
    public static Quantity ofMillis(long millis) {
        return new Quantity(BigDecimal.valueOf(millis, MILLI_SCALE), Format.DECIMAL_SI);
    }

    /**
     * Reads a quantity as Kubernetes does.
     *
     * @throws IllegalArgumentException with upstream's reason if the text is none
     */
    public static Quantity parse(String text) {
        QuantityText parts = QuantityText.split(text);
        BigInteger digits = new BigInteger(parts.whole() + parts.fraction());
        if (digits.signum() == 0) {
            return new Quantity(BigDecimal.ZERO, parts.format());
        }
        long scale = (long) parts.fraction().length() - parts.exponent10();
        BigDecimal magnitude = magnitude(digits, scale);
        Format format = parts.format();
        if (format == Format.BINARY_SI) {
            BigDecimal product = magnitude.multiply(new BigDecimal(BigInteger.TWO.pow(parts.exponent2())));
            magnitude = roundedUpTo(NANO_SCALE, product).min(MAX);
            if (magnitude.compareTo(BigDecimal.ONE) < 0) {
                format = Format.DECIMAL_SI;
            }
        } else {
            magnitude = roundedUpTo(NANO_SCALE, magnitude);
        }
        return new Quantity(parts.negative() ? magnitude.negate() : magnitude, format);
    }

    private static BigDecimal magnitude(BigInteger digits, long scale) {
        if (scale > Integer.MAX_VALUE) { // Too far below a billionth to count.
            return BigDecimal.valueOf(1, NANO_SCALE);
        }
        return new BigDecimal(digits, (int) Math.max(scale, Integer.MIN_VALUE));
    }

    /** Rounds away from zero to that many decimal places, without ever writing out a huge exponent's digits. */
    private static BigDecimal roundedUpTo(int scale, BigDecimal value) {
        if (value.scale() <= scale) {
            return value;
        }
        if (leadingDigit(value) < -scale) {
            return BigDecimal.valueOf(value.signum(), scale);
        }
        return value.setScale(scale, RoundingMode.UP);
    }

    /** Returns the power of ten just above the value: 1 for 5, 0 for 0.5, -2 for 0.005. */
    private static long leadingDigit(BigDecimal value) {
        return (long) value.precision() - value.scale();
    }

    /** Returns whole units, rounded up; Long.MAX_VALUE for anything above it. Upstream's Value(). */
    public long value() {
        return scaledUp(0);
    }

    /** Returns thousandths, rounded up; Long.MAX_VALUE for anything above it. Upstream's MilliValue(). */
    public long milliValue() {
        return scaledUp(MILLI_SCALE);
    }

    private long scaledUp(int scale) {
        if (amount.signum() == 0) {
            return 0;
        }
        if (leadingDigit(amount) + scale > 19) {
            return amount.signum() > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
        }
        BigInteger scaled =
                roundedUpTo(scale, amount).setScale(scale, RoundingMode.UP).unscaledValue();
        if (scaled.bitLength() > 63) {
            return amount.signum() > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
        }
        return scaled.longValue();
    }

    /** Returns the amount rounded up to a thousandth, as the API server does with every resource of a pod. */
    public Quantity roundedUpToMilli() {
        return new Quantity(roundedUpTo(MILLI_SCALE, amount), format);
    }

    /** Returns the sum, printed in the format of the first operand that is not zero. */
    public Quantity plus(Quantity other) {
        return new Quantity(amount.add(other.amount), signum() == 0 ? other.format : format);
    }

    /** Returns the difference, at least 0, printed in the format of this amount. */
    public Quantity minus(Quantity other) {
        return other.compareTo(this) >= 0 ? ZERO : new Quantity(amount.subtract(other.amount), format);
    }

    /** Tells if this is a whole number. */
    public boolean isWhole() {
        return amount.signum() == 0 || amount.stripTrailingZeros().scale() <= 0;
    }

    public int signum() {
        return amount.signum();
    }

    public Quantity max(Quantity other) {
        return compareTo(other) >= 0 ? this : other;
    }

    public Format format() {
        return format;
    }

    /** Compares by amount alone: {@code 1Ki} equals {@code 1024}. */
    @Override
    public int compareTo(Quantity other) {
        return amount.compareTo(other.amount);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Quantity that && amount.compareTo(that.amount) == 0;
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(amount.signum() == 0 ? BigDecimal.ZERO : amount.stripTrailingZeros());
    }

    /** Returns the canonical form: no fraction, the largest suffix that loses nothing. */
    @Override
    public String toString() {
        if (amount.signum() == 0) {
            return "0";
        }
        return format == Format.BINARY_SI && amount.abs().compareTo(KI) >= 0 && isWhole() ? binary() : decimal();
    }

    private String binary() {
        BigInteger mantissa = amount.toBigIntegerExact();
        int power = 0;
        while (power < BINARY_SUFFIXES.length - 1
                && mantissa.and(BigInteger.valueOf(1023)).signum() == 0) {
            mantissa = mantissa.shiftRight(10);
            power++;
        }
        return mantissa + BINARY_SUFFIXES[power];
    }

    private String decimal() {
        BigDecimal stripped = amount.stripTrailingZeros();
        long exponent = 3 * Math.floorDiv(-(long) stripped.scale(), 3L);
        BigInteger mantissa =
                stripped.unscaledValue().multiply(BigInteger.TEN.pow((int) (-stripped.scale() - exponent)));
        boolean hasSuffix = exponent >= -9 && exponent <= 18;
        if (format != Format.DECIMAL_EXPONENT && hasSuffix) {
            return mantissa + DECIMAL_SUFFIXES[(int) (exponent / 3) + 3];
        }
        return exponent == 0 ? mantissa.toString() : mantissa + "e" + exponent;
    }
}
