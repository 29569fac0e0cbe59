package io.podslice.integration.tenant;

import java.util.Random;

/** Random texts where a quantity is expected: most follow the grammar, the rest nearly do, or not at all. */
final class RandomQuantity {
    private static final String[] SUFFIXES = {
        "", "", "", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "n", "u", "ki", "K", "mi",
        "Z", "B", " Gi"
    };
    private static final String[] ODD = {
        "",
        " ",
        "-",
        "+",
        ".",
        "1e",
        "e1",
        "0x10",
        "1_000",
        "1,5",
        "NaN",
        "Infinity",
        "-0",
        "--1",
        "1.2.3",
        "1e2147483647",
        "1e-2147483648",
        "1e9223372036854775808",
        "9223372036854775807",
        "9223372036854775808",
        "9223372036854775",
        "18446744073709551616",
        "\u0661\u0662",
        "1\u00a0Gi",
        "\uff11",
        "\u221e",
        "\ud800",
        "1\u0000",
        "4\u202e"
    };

    private final Random random;

    RandomQuantity(Random random) {
        this.random = random;
    }

    /** Returns an amount that a pod may well ask for. */
    String usual() {
        return switch (random.nextInt(6)) {
            case 0 -> Integer.toString(random.nextInt(9));
            case 1 -> random.nextInt(4000) + "m";
            case 2 -> random.nextInt(2000) + "Mi";
            case 3 -> random.nextInt(8) + "Gi";
            case 4 -> random.nextInt(4) + ".5";
            default -> random.nextInt(5) + "e" + random.nextInt(3);
        };
    }

    /** Returns any text. */
    String any() {
        return switch (random.nextInt(10)) {
            case 0 -> ODD[random.nextInt(ODD.length)];
            case 1 -> digits(1 + random.nextInt(80)) + suffix();
            case 2 -> digits(1 + random.nextInt(5)) + "." + digits(random.nextInt(40)) + suffix();
            case 3 -> sign() + digits(1 + random.nextInt(12)) + exponent();
            case 4 -> sign() + "." + digits(random.nextInt(12)) + exponent();
            case 5 -> digits(random.nextInt(4) == 0 ? 20_000 : 60) + exponent();
            case 6 -> RandomText.of(random, random.nextInt(12));
            default -> sign() + digits(1 + random.nextInt(6)) + suffix();
        };
    }

    private String sign() {
        return switch (random.nextInt(8)) {
            case 0 -> "-";
            case 1 -> "+";
            default -> "";
        };
    }

    private String suffix() {
        return SUFFIXES[random.nextInt(SUFFIXES.length)];
    }

    private String exponent() {
        String e = random.nextBoolean() ? "e" : "E";
        return e + sign() + (random.nextInt(3) == 0 ? digits(1 + random.nextInt(25)) : random.nextInt(30));
    }

    private String digits(int count) {
        StringBuilder digits = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            digits.append((char) ('0' + random.nextInt(10)));
        }
        return digits.toString();
    }
}
