package io.podslice.agent;

import io.podslice.cgroups.systemd.SystemdManager;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** A manager of systemd's whose calls under way are known, with the times at which they began. */
final class TimedManager implements SystemdManager {
    private final SystemdManager manager;

    /** The beginning of each call under way by {@link System#nanoTime}. */
    private final Map<Object, Long> begun = new ConcurrentHashMap<>();

    TimedManager(SystemdManager manager) {
        this.manager = manager;
    }

    /** Tells if a call has been under way for longer than that. */
    boolean isSilent(Duration patience) {
        long now = System.nanoTime();
        return begun.values().stream().anyMatch(at -> now - at > patience.toNanos());
    }

    private <T> T timed(Supplier<T> call) {
        Object key = new Object();
        begun.put(key, System.nanoTime());
        try {
            return call.get();
        } finally {
            begun.remove(key);
        }
    }

    private void timed(Runnable call) {
        var _ = timed(() -> {
            call.run();
            return true;
        });
    }

    @Override
    public int version() {
        return timed(manager::version);
    }

    @Override
    public boolean exists(UnitName unit) {
        return timed(() -> manager.exists(unit));
    }

    @Override
    public void setProperties(UnitName unit, List<UnitProperty> properties) {
        timed(() -> manager.setProperties(unit, properties));
    }

    @Override
    public void startSlice(UnitName slice, List<UnitProperty> properties) {
        timed(() -> manager.startSlice(slice, properties));
    }

    @Override
    public void stop(UnitName unit) {
        timed(() -> manager.stop(unit));
    }

    @Override
    public void revert(UnitName unit) {
        timed(() -> manager.revert(unit));
    }

    @Override
    public Watch watch(Listener listener) {
        return manager.watch(listener);
    }
}
