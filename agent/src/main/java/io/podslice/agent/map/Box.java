package io.podslice.agent.map;

import java.util.List;

/**
 * A part of the machine with its place in a picture, in the unit of the {@link Metrics}; 0, 0 is the upper left corner.
 *
 * @param boxes the boxes of the parts within it, which lie inside it and do not overlap
 */
record Box(Part part, int x, int y, int width, int height, List<Box> boxes) {
    Box {
        boxes = List.copyOf(boxes);
    }

    /** Returns this box of which the places within it are relative to its own, with all of them in the picture. */
    Box absolute() {
        return new Box(
                part,
                x,
                y,
                width,
                height,
                boxes.stream()
                        .map(box -> box.moved(x + box.x, y + box.y).absolute())
                        .toList());
    }

    /** Returns this box at another place; what is within it is relative to it. */
    Box moved(int left, int top) {
        return new Box(part, left, top, width, height, boxes);
    }

    /** Returns this box and all within it farther right and down. */
    Box at(int left, int top) {
        return new Box(
                part,
                x + left,
                y + top,
                width,
                height,
                boxes.stream().map(box -> box.at(left, top)).toList());
    }

    /** Returns this box with another size; what is within it stays at the upper left. */
    Box sized(int wide, int high) {
        return new Box(part, x, y, wide, high, boxes);
    }

    int right() {
        return x + width;
    }

    int bottom() {
        return y + height;
    }
}
