package io.podslice.integration.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class HuffmanCodeTest {

    private final HuffmanCode code = new HuffmanCode();

    /** The examples of RFC 7541, appendix C. */
    @Test
    void encodesTheExamplesOfTheRfc() {
        assertThat(hex("www.example.com")).isEqualTo("f1e3c2e5f23a6ba0ab90f4ff");
        assertThat(hex("no-cache")).isEqualTo("a8eb10649cbf");
        assertThat(hex("Mon, 21 Oct 2013 20:13:21 GMT")).isEqualTo("d07abe941054d444a8200595040b8166e082a62d1bff");
        assertThat(hex("foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"))
                .isEqualTo(
                        "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007");
    }

    /** Symbols with codes of 5, 30 and 28 bits. */
    @Test
    void encodesRareBytes() {
        assertThat(hex("0")).isEqualTo("07");
        assertThat(hex("\n")).isEqualTo("fffffff3");
        assertThat(hex("\u00f9")).isEqualTo("ffffffef");
    }

    private String hex(String text) {
        return HexFormat.of().formatHex(code.encode(text));
    }
}
