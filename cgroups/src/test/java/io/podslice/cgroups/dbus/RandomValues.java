package io.podslice.cgroups.dbus;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Values of all types at random. */
final class RandomValues {
    private static final int DEEPEST = 4;

    private RandomValues() {}

    static List<DBusValue> some(Random random) {
        return Stream.generate(() -> value(random, type(random, 0)))
                .limit(random.nextInt(5))
                .toList();
    }

    /** Returns values without file descriptors, which would have to be sent along. */
    static List<DBusValue> sendable(Random random) {
        List<DBusValue> values = some(random);
        while (values.toString().contains("type=h")) {
            values = some(random);
        }
        return values;
    }

    private static String type(Random random, int depth) {
        int kind = random.nextInt(depth < DEEPEST ? 17 : 13);
        return switch (kind) {
            case 13 -> "v";
            case 14 -> "a" + type(random, depth + 1);
            case 15 -> "ay";
            case 16 -> "(" + type(random, depth + 1) + type(random, depth + 1) + ")";
            default -> String.valueOf("ybnqiuxtdsogh".charAt(kind));
        };
    }

    private static DBusValue value(Random random, String type) {
        char c = type.charAt(0);
        return switch (c) {
            case 'y' -> new DBusValue.Octet(random.nextInt(256));
            case 'b' -> new DBusValue.Bool(random.nextBoolean());
            case 'n', 'q' -> new DBusValue.Int16(c, (short) random.nextInt());
            case 'i', 'u', 'h' -> new DBusValue.Int32(c, random.nextInt());
            case 'x', 't' -> new DBusValue.Int64(c, random.nextLong());
            case 'd' -> new DBusValue.Real(random.nextDouble());
            case 's' -> new DBusValue.Text(c, "\u00fc/".repeat(random.nextInt(9)));
            case 'o' -> new DBusValue.Text(c, "/x".repeat(1 + random.nextInt(9)));
            case 'g' -> new DBusValue.Text('g', "s".repeat(random.nextInt(9)));
            case 'v' -> new DBusValue.Variant(value(random, type(random, DEEPEST - 1)));
            case '(' -> struct(random, type);
            default -> array(random, type.substring(1));
        };
    }

    private static DBusValue array(Random random, String element) {
        if (element.equals("y")) {
            StringBuilder octets = new StringBuilder();
            random.ints(random.nextInt(20), 0, 256).forEach(octet -> octets.append((char) octet));
            return new DBusValue.Octets(octets.toString());
        }
        List<DBusValue> values = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            values.add(value(random, element));
        }
        return new DBusValue.Array(element, values);
    }

    private static DBusValue struct(Random random, String type) {
        List<DBusValue> fields = new ArrayList<>();
        try {
            for (String field : Signature.split(type.substring(1, type.length() - 1))) {
                fields.add(value(random, field));
            }
        } catch (DBusException e) {
            throw new IllegalStateException(e);
        }
        return new DBusValue.Struct(fields);
    }
}
