package io.podslice.cluster.credentials;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Private keys from PEM, as Kubernetes' tools write them: PKCS #8 (RFC 5958), RSA keys in PKCS #1 (RFC 8017) and EC keys
 * in the form of RFC 5915. The JDK reads the first alone; the others are put into it.
 */
final class PrivateKeys {
    private static final String PKCS8 = "PRIVATE KEY";
    private static final String PKCS1 = "RSA PRIVATE KEY";
    private static final String SEC1 = "EC PRIVATE KEY";

    private static final List<String> LABELS = List.of(PKCS8, PKCS1, SEC1);

    private static final Der RSA = identifier("2a864886f70d010101");
    private static final Der EC = identifier("2a8648ce3d0201");

    private static final Der ZERO = new Der(Der.INTEGER, new byte[] {0});

    /** The tag of the curve in an EC key: a value of its own, in the context of the sequence around it. */
    private static final int CURVE = 0xa0;

    private PrivateKeys() {}

    /**
     * Returns the first private key of a PEM text.
     *
     * @throws IOException if there is none, or it cannot be read
     */
    static PrivateKey of(Pem pem) throws IOException {
        List<Pem.Block> keys = pem.labelled(LABELS);
        if (keys.isEmpty()) {
            boolean encrypted = !pem.labelled(List.of("ENCRYPTED PRIVATE KEY")).isEmpty();
            throw new IOException(
                    encrypted
                            ? "has an encrypted private key; podslice has no password for it"
                            : "has no private key in PEM");
        }
        Pem.Block key = keys.getFirst();
        return switch (key.label()) {
            case PKCS1 -> pkcs8(wrapped(Der.of(Der.SEQUENCE, RSA, new Der(Der.NULL, new byte[0])), key.der()));
            case SEC1 -> pkcs8(ofCurve(key.der()));
            default -> pkcs8(key.der());
        };
    }

    private static PrivateKey pkcs8(byte[] encoded) throws IOException {
        String algorithm = algorithm(encoded);
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IOException("has a private key (" + algorithm + ") that cannot be used: " + e.getMessage(), e);
        }
    }

    private static String algorithm(byte[] encoded) throws IOException {
        Der.Reader key =
                new Der.Reader(new Der.Reader(encoded).next(Der.SEQUENCE).content());
        key.next(Der.INTEGER);
        byte[] identifier = new Der.Reader(key.next(Der.SEQUENCE).content())
                .next(Der.OBJECT_IDENTIFIER)
                .content();
        String hex = HexFormat.of().formatHex(identifier);
        return switch (hex) {
            case "2a864886f70d010101" -> "RSA";
            case "2a8648ce3d0201" -> "EC";
            case "2b6570" -> "Ed25519";
            default -> throw new IOException("has a private key of an unknown kind (object identifier " + hex + ")");
        };
    }

    /** Puts an EC key of RFC 5915 into PKCS #8; its curve must be named in it, as it is in all that tools write. */
    private static byte[] ofCurve(byte[] sec1) throws IOException {
        Der.Reader key = new Der.Reader(new Der.Reader(sec1).next(Der.SEQUENCE).content());
        Der version = key.next(Der.INTEGER);
        Der secret = key.next(Der.OCTET_STRING);
        Der curve = null;
        while (key.hasMore() && curve == null) {
            curve = curve(key.next());
        }
        if (curve == null) {
            throw new IOException("has an EC private key that does not name its curve");
        }
        byte[] bare = Der.of(Der.SEQUENCE, version, secret).encoded();
        return wrapped(Der.of(Der.SEQUENCE, EC, curve), bare);
    }

    private static @Nullable Der curve(Der value) throws IOException {
        return value.tag() == CURVE ? new Der.Reader(value.content()).next(Der.OBJECT_IDENTIFIER) : null;
    }

    private static byte[] wrapped(Der algorithm, byte[] key) {
        return Der.of(Der.SEQUENCE, ZERO, algorithm, new Der(Der.OCTET_STRING, key))
                .encoded();
    }

    private static Der identifier(String hex) {
        return new Der(Der.OBJECT_IDENTIFIER, HexFormat.of().parseHex(hex));
    }
}
