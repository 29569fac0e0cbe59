package io.podslice.agent.page;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The sections of the page, as they are at one moment.
 *
 * @param version differs between renderings that differ
 * @param sections all sections of the page, in their fixed order
 */
record Rendering(String version, List<Section> sections) {
    private static final int VERSION_BYTES = 8;

    /** Makes a rendering of these sections; its version follows from them. */
    static Rendering of(List<Section> sections) {
        MessageDigest digest = sha256();
        // Piece by piece: the whole of a large node's page is half a megabyte, which goes past the young generation.
        for (Section section : sections) {
            section.pieces().forEach(piece -> digest.update(piece.html().getBytes(StandardCharsets.UTF_8)));
        }
        return new Rendering(HexFormat.of().formatHex(digest.digest(), 0, VERSION_BYTES), sections);
    }

    /** Returns the digest of SHA-256, which every Java has. */
    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    Rendering {
        sections = List.copyOf(sections);
    }

    String html() {
        StringBuilder html = new StringBuilder();
        sections.forEach(section -> html.append(section.html()));
        return html.toString();
    }

    /** Returns the pieces in which it differs from an earlier rendering. */
    List<Section.Piece> since(Rendering earlier) {
        List<Section.Piece> changed = new ArrayList<>();
        for (int i = 0; i < sections.size(); i++) {
            changed.addAll(sections.get(i).since(earlier.sections.get(i)));
        }
        return changed;
    }

    /** Returns all sections, each as one piece. */
    List<Section.Piece> all() {
        return sections.stream().map(Section::asOne).toList();
    }
}
