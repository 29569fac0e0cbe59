package io.podslice.nri;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.proto.nri.v1alpha1.ConfigureRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NriVersionTest {

    @ParameterizedTest
    @CsvSource({
        "containerd, 1.7.0,          '',      0.3.0",
        "containerd, v1.7.15,        '',      0.3.0",
        "containerd, 1.7.24~ds1-6,   '',      0.6.1",
        "containerd, v1.7.26,        '',      0.8.0",
        "containerd, v2.0.11,        '',      0.8.0",
        "containerd, 2.1.9+ds1,      '',      0.8.0",
        "containerd, v2.2.0,         '',      0.10.0",
        "containerd, v2.2.7,         '',      0.11.0",
        "containerd, v2.3.4,         0.12.0,  0.12.0",
        "containerd, v2.3.4,         '',      0.12.0",
        "containerd, v2.4.0-beta.0,  v0.12.1, 0.12.1",
        "containerd, 3f6a2c1.m,      '',      0.3.0",
        "containerd, '',             '',      0.3.0",
        "containerd, 99999999999.1,  '',      0.3.0",
        "cri-o,      1.35.0,         '',      0.3.0",
        "cri-o,      1.36.0,         0.12.2,  0.12.2",
    })
    void is_told_or_guessed(String runtime, String version, String said, String expected) {
        assertThat(NriVersion.of(ConfigureRequest.newBuilder()
                        .setRuntimeName(runtime)
                        .setRuntimeVersion(version)
                        .setNRIVersion(said)
                        .build()))
                .hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource({"0.3.0, 0x6af", "0.8.0, 0x6af", "0.10.0, 0x1eaf", "0.12.2, 0x1eaf"})
    void the_mask_has_only_what_the_runtime_knows(String version, String mask) {
        NriVersion runtime = NriVersion.of(
                ConfigureRequest.newBuilder().setNRIVersion(version).build());
        assertThat(EventMask.of(runtime)).isEqualTo(Integer.decode(mask));
    }
}
