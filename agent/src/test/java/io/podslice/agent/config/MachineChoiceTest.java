package io.podslice.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The configuration that podslice serves with where the file asks for what the machine does not have. */
final class MachineChoiceTest {
    /** CPU 7 is offline. */
    private static final Machine MACHINE = Machine.regular(2, 1, 2, 2, 8L << 30).withOffline(CpuSet.parse("7"));

    private static Configuration configuration(String text) {
        ConfigurationFile file = ConfigurationFile.parse(
                "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\n" + text + "\n");
        assertThat(file.errors()).isEmpty();
        return file.configuration();
    }

    private static MachineFit.Choice choose(String wanted, String good) {
        return MachineFit.choose(configuration(wanted), Optional.of(configuration(good)), MACHINE);
    }

    @Test
    void oneThatFitsIsTakenAsItIs() {
        MachineFit.Choice choice = choose("reservedSystemCPUs: \"6\"", "reservedSystemCPUs: \"0\"");

        assertThat(choice.problems()).isEmpty();
        assertThat(choice.configuration()).contains(configuration("reservedSystemCPUs: \"6\""));
    }

    @Test
    void elsePoliciesAndBoundsOfTheLastGoodOneAreTaken() {
        MachineFit.Choice choice = choose(
                "reservedSystemCPUs: \"7\"\nbounds: {sharedPoolCPUs: 3}\nshim: {allowedUids: [5]}",
                "reservedSystemCPUs: \"0\"\nbounds: {sharedPoolCPUs: 2}");

        assertThat(choice.problems()).singleElement().asString().startsWith("reservedSystemCPUs \"7\": ");
        Configuration chosen = choice.configuration().orElseThrow();
        assertThat(chosen.policy().reservedSystemCpus()).isEqualTo(CpuSet.parse("0"));
        assertThat(chosen.bounds().sharedPoolCpus()).isEqualTo(2);
        assertThat(chosen.shim().allowedUids()).containsExactly(5);
    }

    /** The reserved CPU has gone offline since the file was good, and the NUMA node has less memory. */
    @Test
    void elseWhatTheMachineDoesNotHaveIsLeftOut() {
        String wanted = "reservedSystemCPUs: \"6-7\"\nreservedMemory: [{numaNode: 0, limits: {memory: 9Gi}},"
                + " {numaNode: 1, limits: {memory: 1Gi}}]";
        MachineFit.Choice choice = choose(wanted, wanted);

        assertThat(choice.problems()).hasSize(2);
        Configuration chosen = choice.configuration().orElseThrow();
        assertThat(chosen.policy().reservedSystemCpus()).isEqualTo(CpuSet.parse("6"));
        assertThat(chosen.policy().reservedMemory()).containsOnlyKeys(1);
        assertThat(MachineFit.problems(chosen, MACHINE)).isEmpty();
    }

    @Test
    void elseNone() {
        String all = "reservedSystemCPUs: \"0-6\"";

        assertThat(choose(all, all).configuration()).isEmpty();
    }
}
