package io.podslice.cluster.credentials;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The blocks of a PEM text (RFC 7468): certificates, keys and whatever else there is, in the text's order.
 *
 * @param blocks the blocks
 */
record Pem(List<Block> blocks) {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    /** The most blocks of a text; a bundle of all public certificate authorities has about 150. */
    private static final int MOST_BLOCKS = 1000;

    /** One block. */
    static final class Block {
        private final String label;
        private final byte[] der;

        Block(String label, byte[] der) {
            this.label = label;
            this.der = der;
        }

        /** Returns its kind, e.g. {@code CERTIFICATE}, {@code EC PRIVATE KEY}. */
        String label() {
            return label;
        }

        /** Returns its bytes. */
        byte[] der() {
            return der;
        }
    }

    Pem {
        blocks = List.copyOf(blocks);
    }

    /**
     * Reads a text; lines outside blocks are comments.
     *
     * @throws IOException if a block has no end or is not Base64
     */
    static Pem read(String text) throws IOException {
        List<Block> blocks = new ArrayList<>();
        String label = null;
        StringBuilder body = new StringBuilder();
        for (String line : text.lines().map(String::strip).toList()) {
            if (label == null) {
                if (line.startsWith(BEGIN) && line.endsWith(DASHES) && line.length() > BEGIN.length() + 5) {
                    label = line.substring(BEGIN.length(), line.length() - DASHES.length());
                    body.setLength(0);
                }
            } else if (line.equals(END + label + DASHES)) {
                if (blocks.size() == MOST_BLOCKS) {
                    throw new IOException("has more than " + MOST_BLOCKS + " PEM blocks");
                }
                blocks.add(new Block(label, decoded(label, body.toString())));
                label = null;
            } else {
                body.append(line);
            }
        }
        if (label != null) {
            throw new IOException("the PEM block " + label + " has no end");
        }
        return new Pem(blocks);
    }

    private static byte[] decoded(String label, String body) throws IOException {
        try {
            return Base64.getDecoder().decode(body);
        } catch (IllegalArgumentException e) {
            throw new IOException("the PEM block " + label + " is not Base64: " + e.getMessage(), e);
        }
    }

    /** Returns the blocks with one of these labels. */
    List<Block> labelled(List<String> labels) {
        return blocks.stream().filter(block -> labels.contains(block.label())).toList();
    }
}
