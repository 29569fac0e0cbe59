package io.podslice.agent.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PaletteTest {
    /** The least contrast of small text by WCAG 2, level AA. */
    private static final double READABLE = 4.5;

    @Test
    void lettersCanBeReadOnEveryGround() {
        for (int pod = 0; pod < Palette.COLOURS; pod++) {
            Palette.Colour own = Palette.own(pod);
            assertThat(own.contrast(own.ink())).as("pod %s", pod).isGreaterThan(READABLE);
            assertThat(Palette.tint(pod).contrast(Palette.BLACK)).isGreaterThan(READABLE);
            assertThat(Palette.line(pod).contrast(Palette.BLACK)).isGreaterThan(READABLE);
        }
        assertThat(Palette.NODE_SHARED.contrast(Palette.BLACK)).isGreaterThan(READABLE);
        assertThat(Palette.WHITE.contrast(Palette.BLACK)).isBetween(20.9, 21.1);
    }

    @Test
    void coloursOfPodsDiffer() {
        Set<String> seen = new HashSet<>();
        for (int pod = 0; pod < Palette.COLOURS; pod++) {
            assertThat(seen.add(Palette.own(pod).css())).as("pod %s", pod).isTrue();
        }
        assertThat(Palette.own(Palette.COLOURS)).isEqualTo(Palette.own(0));
        assertThat(Palette.own(0).css()).isEqualTo("#0072b2");
    }

    @Test
    void lettersGoOnAfterZ() {
        assertThat(Letters.capital(0) + Letters.capital(25) + Letters.capital(26) + Letters.capital(27))
                .isEqualTo("AZAAAB");
        assertThat(Letters.capital(26 + 26 * 26)).isEqualTo("AAA");
        assertThat(Letters.small(701)).isEqualTo("zz");
    }
}
