package io.podslice.simulator.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class AcceptedConnectionsTest {
    private final AcceptedConnections accepted = new AcceptedConnections();
    private final EmbeddedChannel listening = new EmbeddedChannel(accepted);

    @Test
    void aConnectionThatHasNoLoopYetIsClosedAsSoonAsItHasOne() {
        EmbeddedChannel connection = accept();

        accepted.sever();
        assertThat(connection.isOpen()).isTrue();

        register(connection);
        assertThat(connection.isOpen()).isFalse();
    }

    private EmbeddedChannel accept() {
        EmbeddedChannel connection = new EmbeddedChannel(false, false);
        listening.writeInbound(connection);
        assertThat(listening.<Channel>readInbound()).isSameAs(connection);
        return connection;
    }

    private static void register(EmbeddedChannel connection) {
        try {
            connection.register();
        } catch (Exception e) {
            throw new AssertionError("an embedded channel registers with its own loop", e);
        }
    }
}
