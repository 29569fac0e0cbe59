package io.podslice.integration.fuzz;

import java.io.ByteArrayOutputStream;

/**
 * The settings that change how frames have to be made (RFC 9113, section 6.5.2).
 *
 * @param headerTable SETTINGS_HEADER_TABLE_SIZE in bytes
 * @param initialWindow SETTINGS_INITIAL_WINDOW_SIZE in bytes
 * @param maxFrame SETTINGS_MAX_FRAME_SIZE in bytes
 */
record Settings(int headerTable, int initialWindow, int maxFrame) {

    static final int HEADER_TABLE_SIZE = 1;
    static final int INITIAL_WINDOW_SIZE = 4;
    static final int MAX_FRAME_SIZE = 5;

    static final Settings DEFAULT = new Settings(4096, 65_535, 16_384);

    /** Returns the frame that leads from the earlier settings to these; values that do not change are left out. */
    Frame since(Settings earlier) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (headerTable != earlier.headerTable) {
            put(out, HEADER_TABLE_SIZE, headerTable);
        }
        if (initialWindow != earlier.initialWindow) {
            put(out, INITIAL_WINDOW_SIZE, initialWindow);
        }
        if (maxFrame != earlier.maxFrame) {
            put(out, MAX_FRAME_SIZE, maxFrame);
        }
        return new Frame(Frame.SETTINGS, 0, 0, out.toByteArray());
    }

    /** Returns these settings with the changes of a SETTINGS frame. */
    Settings with(Frame frame) {
        Settings result = this;
        if (frame.length() % 6 != 0) {
            throw new Violation("odd length of " + frame);
        }
        for (int at = 0; at < frame.length(); at += 6) {
            int id = frame.integerAt(at) >>> 16;
            int value = frame.integerAt(at + 2);
            // RFC 9113, section 6.5.2. In frames of 300 bytes a peer here would not get its headers out, ever.
            boolean noFrameSize = id == MAX_FRAME_SIZE && (value < DEFAULT.maxFrame || value >= 1 << 24);
            if (noFrameSize || (value < 0 && id != HEADER_TABLE_SIZE)) {
                throw new Violation("a setting out of range: " + frame);
            }
            result = switch (id) {
                case HEADER_TABLE_SIZE -> new Settings(value, result.initialWindow, result.maxFrame);
                case INITIAL_WINDOW_SIZE -> new Settings(result.headerTable, value, result.maxFrame);
                case MAX_FRAME_SIZE -> new Settings(result.headerTable, result.initialWindow, value);
                default -> result;
            };
        }
        return result;
    }

    private static void put(ByteArrayOutputStream out, int id, int value) {
        out.write(0);
        out.write(id);
        out.writeBytes(Frame.integer(value));
    }
}
