package io.podslice.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.proto.podresources.v1.PodResources;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fingerprints as github.com/k8stopologyawareschedwg/podfingerprint has them: its own test data. */
class PodFingerprintTest {
    private static List<PodResources> pods(String names) {
        return new ArrayList<>(Arrays.stream(names.split(" ", -1))
                .map(name -> name.split("/", -1))
                .map(name -> PodResources.newBuilder()
                        .setNamespace(name[0])
                        .setName(name[1])
                        .build())
                .toList());
    }

    @ParameterizedTest
    @CsvSource({
        "production/jaeger-dpgjk production/nginx-rt684 production/envoy-g9m22, pfp0v001607b76a0e9d3aeb4",
        "analytics/controller-69dkj kube-public/subscriber-tq6v7 kube-public/transformer-hfbng"
                + " kube-public/validator-c6pn5 kube-system/proxy-wszrd middleware/processor-jkrl4"
                + " network/gateway-vsll5 network/importer-kzdfr network/importer-q5vt9 staging/prometheus-bwgbn,"
                + " pfp0v001567144e4a561bb5a"
    })
    void the_same_fingerprints_in_any_order(String names, String fingerprint) {
        List<PodResources> pods = pods(names);
        for (int seed = 0; seed < 5; seed++) {
            Collections.shuffle(pods, new Random(seed));
            assertThat(PodFingerprint.of(pods)).isEqualTo(fingerprint);
        }
    }

    /** From xxHash's specification and its sanity checks. */
    @ParameterizedTest
    @CsvSource({
        "'', ef46db3751d8e999",
        "a, d24ec4f1a98c6e5b",
        "abc, 44bc2cf5ad770999",
        "Nobody inspects the spammish repetition, fbcea83c8a378bf1"
    })
    void hashes(String text, String hash) {
        assertThat(String.format("%016x", XxHash64.of(text.getBytes(StandardCharsets.UTF_8), 0)))
                .isEqualTo(hash);
    }
}
