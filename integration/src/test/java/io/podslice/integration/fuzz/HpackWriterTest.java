package io.podslice.integration.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.grpc.Header;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HpackWriterTest {

    @Test
    void everyFormIsUnderstoodByNetty() {
        HuffmanCode huffman = new HuffmanCode();
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            HpackWriter writer = new HpackWriter(huffman, random);
            HpackReader reader = new HpackReader();
            for (int block = 0; block < 40; block++) {
                if (random.nextInt(10) == 0) {
                    int limit = random.nextInt(6000);
                    reader.limit(limit);
                    writer.limit(limit);
                }
                List<Header> fields = new ArrayList<>();
                int count = random.nextInt(10);
                for (int i = 0; i < count; i++) {
                    fields.add(
                            new Header("x-" + random.nextInt(8), "v".repeat(random.nextInt(60)) + random.nextInt(5)));
                }
                byte[] bytes = writer.encode(fields);
                assertThat(reader.decode(3, bytes))
                        .as("seed %d, block %d", seed, block)
                        .isEqualTo(fields);
            }
        }
    }
}
