package io.podslice.managers.pod;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PrintableTest {
    @Test
    void visibleTextIsAsItIs() {
        String text = "a b-\u00e9\u4e2d\ud83d\ude00 \\n";

        assertThat(Printable.of(text)).isEqualTo(text);
        assertThat(Printable.of("plain")).isSameAs(Printable.of("plain"));
    }

    @Test
    void whatIsNotVisibleIsEscaped() {
        assertThat(Printable.of("a\nb\r\t\u001b[31m\u007f\u009b")).isEqualTo("a\\nb\\r\\t\\x1b[31m\\x7f\\u009b");
        assertThat(Printable.of("\u202e\u2028\ufeff\ue000\ud800")).isEqualTo("\\u202e\\u2028\\ufeff\\ue000\\ud800");
        assertThat(Printable.of("\udb40\udc01")).isEqualTo("\\U000e0001");
        assertThat(Printable.of(null)).isEqualTo("null");
    }

    @Test
    void cutsBetweenCharacters() {
        assertThat(Printable.of("abcdef", 3)).isEqualTo("abc\u2026");
        assertThat(Printable.of("ab\ud83d\ude00", 3)).isEqualTo("ab\u2026");
        assertThat(Printable.of("abc", 3)).isEqualTo("abc");
    }
}
