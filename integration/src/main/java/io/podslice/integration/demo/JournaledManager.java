package io.podslice.integration.demo;

import io.podslice.cgroups.systemd.SystemdManager;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.simulator.journal.Actor;
import io.podslice.simulator.journal.Deed;
import io.podslice.simulator.journal.Journal;
import java.util.List;
import java.util.stream.Collectors;

/** Notes an actor's calls of systemd in the journal, each before what systemd writes for it. */
final class JournaledManager implements SystemdManager {
    private final Actor actor;
    private final SystemdManager systemd;
    private final Journal journal;

    JournaledManager(Actor actor, SystemdManager systemd, Journal journal) {
        this.actor = actor;
        this.systemd = systemd;
        this.journal = journal;
    }

    private void note(String method, UnitName unit, List<UnitProperty> properties) {
        journal.note(new Deed.Call(
                actor,
                method,
                unit.value(),
                properties.stream().map(UnitProperty::toString).collect(Collectors.joining(" "))));
    }

    @Override
    public int version() {
        return systemd.version();
    }

    @Override
    public boolean exists(UnitName unit) {
        return systemd.exists(unit);
    }

    @Override
    public void setProperties(UnitName unit, List<UnitProperty> properties) {
        note("SetUnitProperties", unit, properties);
        systemd.setProperties(unit, properties);
    }

    @Override
    public void startSlice(UnitName slice, List<UnitProperty> properties) {
        note("StartTransientUnit", slice, List.of());
        systemd.startSlice(slice, properties);
    }

    @Override
    public void stop(UnitName unit) {
        note("StopUnit", unit, List.of());
        systemd.stop(unit);
    }

    @Override
    public void revert(UnitName unit) {
        note("RevertUnitFiles", unit, List.of());
        systemd.revert(unit);
    }

    @Override
    public Watch watch(Listener listener) {
        return systemd.watch(listener);
    }
}
