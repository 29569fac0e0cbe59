package io.podslice.integration.bench;

/** Work for the program under test beside the calls that are measured. */
interface Beside {

    /** No other work. */
    Beside NOTHING = new Beside() {
        @Override
        public void begin() {
            // There is none.
        }

        @Override
        public void round() {
            // There is none.
        }
    };

    /** Begins it, once the program runs. */
    void begin();

    /** Does a round's share, before the round is measured. */
    void round();
}
