package io.podslice.shim.tap;

/**
 * The settings of a SETTINGS frame that the tap follows; negative where the frame has none.
 *
 * @param window SETTINGS_INITIAL_WINDOW_SIZE, bytes
 * @param frame SETTINGS_MAX_FRAME_SIZE, bytes
 * @param leastTable smallest SETTINGS_HEADER_TABLE_SIZE in the frame, bytes
 * @param lastTable last SETTINGS_HEADER_TABLE_SIZE in the frame, bytes
 */
record Announced(int window, int frame, int leastTable, int lastTable) {
    /** Settings of which none is followed. */
    static final Announced NOTHING = new Announced(-1, -1, -1, -1);
}
