package io.podslice.agent.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.config.Configuration;
import io.podslice.proto.v1.NodeCondition;
import io.podslice.proto.v1.StatusRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiDoorsTest {
    @TempDir
    private Path folder;

    /** A call that comes while the state is read waits for the end of that, as long as its caller can. */
    @Test
    void callsWaitForAStateThatIsBeingRead() throws Exception {
        Path socket = folder.resolve("podslice.sock");
        try (ApiDoors doors = new ApiDoors(
                        new Configuration.Api(socket, Set.of(), Optional.empty(), Optional.empty()), Optional.empty());
                NodeApiClient client = new NodeApiClient(socket)) {
            CompletableFuture<NodeCondition> status =
                    CompletableFuture.supplyAsync(() -> client.node(Duration.ofMinutes(2))
                            .status(StatusRequest.getDefaultInstance())
                            .getCondition());
            // Were it not to wait, it would be answered in this time.
            Thread.sleep(300);
            assertThat(status).isNotDone();
            doors.open(new ApiNode.Managed(new FakeNode()));
            assertThat(status.get(20, TimeUnit.SECONDS)).isEqualTo(NodeCondition.NODE_CONDITION_READY);
        }
    }
}
