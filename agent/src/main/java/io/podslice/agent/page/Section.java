package io.podslice.agent.page;

import java.util.ArrayList;
import java.util.List;

/**
 * A section of the page, in pieces that a browser can replace one by one.
 *
 * @param id the id of its element
 * @param pieces in order
 */
record Section(String id, List<Piece> pieces) {

    /**
     * A piece of HTML.
     *
     * @param selector finds the element that the piece is, as CSS writes it; empty for text between such elements
     */
    record Piece(String selector, String html) {
        static Piece between(String html) {
            return new Piece("", html);
        }
    }

    Section {
        pieces = List.copyOf(pieces);
    }

    /** Returns a section of one piece. */
    static Section whole(String id, String html) {
        return new Section(id, List.of(Piece.between(html)));
    }

    String html() {
        StringBuilder html = new StringBuilder();
        pieces.forEach(piece -> html.append(piece.html));
        return html.toString();
    }

    /** Returns the pieces in which it differs from an earlier one of its id: the whole section where other pieces differ too. */
    List<Piece> since(Section earlier) {
        List<Piece> changed = new ArrayList<>();
        if (pieces.size() != earlier.pieces.size()) {
            return List.of(asOne());
        }
        for (int i = 0; i < pieces.size(); i++) {
            Piece now = pieces.get(i);
            Piece before = earlier.pieces.get(i);
            if (now.equals(before)) {
                continue;
            }
            if (now.selector.isEmpty() || !now.selector.equals(before.selector)) {
                return List.of(asOne());
            }
            changed.add(now);
        }
        return changed;
    }

    /** Returns the section as one piece. */
    Piece asOne() {
        return new Piece("#" + id, html());
    }
}
