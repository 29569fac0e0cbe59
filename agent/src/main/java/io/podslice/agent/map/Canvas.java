package io.podslice.agent.map;

import java.util.Arrays;

/** A rectangle of characters, each with the code of its colours. For one thread. */
final class Canvas {
    private final int width;
    private final char[][] characters;
    private final String[][] colours;

    Canvas(int width, int height) {
        this.width = width;
        this.characters = new char[height][width];
        this.colours = new String[height][width];
        for (int y = 0; y < height; y++) {
            Arrays.fill(characters[y], ' ');
            Arrays.fill(colours[y], MapPaint.PLAIN);
        }
    }

    /** Writes a text; what would stand right of the canvas is left out. */
    void put(int x, int y, String text, String colour) {
        for (int i = 0; i < text.length() && x + i < width; i++) {
            characters[y][x + i] = text.charAt(i);
            colours[y][x + i] = colour;
        }
    }

    /** Draws the border of a box, with its title in the upper line. */
    void frame(Box box) {
        int right = box.right() - 1;
        int bottom = box.bottom() - 1;
        String line = "+" + "-".repeat(box.width() - 2) + "+";
        put(box.x(), box.y(), line, MapPaint.PLAIN);
        put(box.x(), bottom, line, MapPaint.PLAIN);
        for (int y = box.y() + 1; y < bottom; y++) {
            put(box.x(), y, "|", MapPaint.PLAIN);
            put(right, y, "|", MapPaint.PLAIN);
        }
        put(box.x() + 2, box.y(), " " + box.part().title() + " ", MapPaint.PLAIN);
    }

    /** Returns the lines, each with its end and without spaces before it. */
    String text(boolean isColoured) {
        StringBuilder text = new StringBuilder();
        for (int y = 0; y < characters.length; y++) {
            String colour = MapPaint.PLAIN;
            StringBuilder line = new StringBuilder();
            for (int x = 0; x < width; x++) {
                if (isColoured && !colours[y][x].equals(colour)) {
                    line.append(MapPaint.change(colour, colours[y][x]));
                    colour = colours[y][x];
                }
                line.append(characters[y][x]);
            }
            line.append(isColoured ? MapPaint.change(colour, MapPaint.PLAIN) : "");
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
