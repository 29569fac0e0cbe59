package io.podslice.cgroups.dbus;

import java.util.ArrayList;
import java.util.List;

/** Checks types as D-Bus writes them, and takes them apart. */
final class Signature {
    /** The most characters, and the deepest nesting of arrays and of structs: all three are the specification's. */
    private static final int MOST_CHARACTERS = 255;

    private static final int MOST_DEPTH = 32;
    private static final String BASIC = "ybnqiuxtdsogh";

    private Signature() {}

    /**
     * Returns the complete types of the signature, in order.
     *
     * @throws DBusException if it is no signature
     */
    static List<String> split(String signature) throws DBusException {
        if (signature.length() > MOST_CHARACTERS) {
            throw wrong(signature);
        }
        List<String> types = new ArrayList<>();
        for (int at = 0; at < signature.length(); ) {
            int end = end(signature, at, 0, 0);
            types.add(signature.substring(at, end));
            at = end;
        }
        return types;
    }

    /** Returns the index after the complete type that begins at the index. */
    private static int end(String signature, int at, int arrays, int structs) throws DBusException {
        if (at >= signature.length()) {
            throw wrong(signature);
        }
        char c = signature.charAt(at);
        if (BASIC.indexOf(c) >= 0 || c == 'v') {
            return at + 1;
        }
        if (c == 'a' && arrays < MOST_DEPTH) {
            return at + 1 < signature.length() && signature.charAt(at + 1) == '{'
                    ? entryEnd(signature, at + 1, arrays + 1, structs)
                    : end(signature, at + 1, arrays + 1, structs);
        }
        if (c == '(' && structs < MOST_DEPTH) {
            int next = end(signature, at + 1, arrays, structs + 1);
            while (next < signature.length() && signature.charAt(next) != ')') {
                next = end(signature, next, arrays, structs + 1);
            }
            return closed(signature, next, ')');
        }
        throw wrong(signature);
    }

    private static int entryEnd(String signature, int at, int arrays, int structs) throws DBusException {
        if (structs >= MOST_DEPTH || at + 1 >= signature.length() || BASIC.indexOf(signature.charAt(at + 1)) < 0) {
            throw wrong(signature);
        }
        return closed(signature, end(signature, at + 2, arrays, structs + 1), '}');
    }

    private static int closed(String signature, int at, char bracket) throws DBusException {
        if (at >= signature.length() || signature.charAt(at) != bracket) {
            throw wrong(signature);
        }
        return at + 1;
    }

    private static DBusException wrong(String signature) {
        String shown = signature.length() > MOST_CHARACTERS ? signature.length() + " characters" : signature;
        return DBusException.inconsistent("\"" + shown + "\" is no signature");
    }

    /** Returns the alignment in bytes of values of the type. */
    static int alignment(char type) {
        return switch (type) {
            case 'y', 'g', 'v' -> 1;
            case 'n', 'q' -> 2;
            case 'x', 't', 'd', '(', '{' -> 8;
            default -> 4;
        };
    }
}
