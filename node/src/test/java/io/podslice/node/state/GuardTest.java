package io.podslice.node.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.node.RefusedException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The check that the brain's lock is held. */
final class GuardTest {
    private final Guard guard = new Guard();

    @Test
    void withoutTheLockTheCheckFails() {
        assertThatThrownBy(guard::assertHeld).isInstanceOf(AssertionError.class);
    }

    @Test
    void underTheLockItDoesNot() throws RefusedException {
        AtomicBoolean checked = new AtomicBoolean();
        guard.orRefuse(guard::assertHeld);
        guard.look(() -> {
            guard.assertHeld();
            return true;
        });
        guard.quietly("check", () -> {
            guard.assertHeld();
            checked.set(true);
        });

        assertThat(checked).isTrue();
        assertThatThrownBy(guard::assertHeld).isInstanceOf(AssertionError.class);
    }

    @Test
    void anotherThreadDoesNotHoldIt() {
        guard.quietly("hold", () -> {
            AtomicBoolean failed = new AtomicBoolean();
            Thread other = Thread.ofPlatform().start(() -> {
                try {
                    guard.assertHeld();
                } catch (AssertionError e) {
                    failed.set(true);
                }
            });
            try {
                other.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            assertThat(failed).isTrue();
        });
    }
}
