package io.podslice.agent.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HwlocReaderTest {
    private static final long GIB = 1L << 30;

    /** What hwloc 2 writes of a machine of two sockets, much shortened. */
    private static final String VERSION_2 = """
            <?xml version="1.0" encoding="UTF-8"?>
            <!DOCTYPE topology SYSTEM "hwloc2.dtd">
            <topology version="2.0">
              <object type="Machine" os_index="0" cpuset="0x0000000f" complete_cpuset="0x0000003f" allowed_cpuset="0x00000007">
                <info name="Backend" value="Linux"/>
                <object type="Package" os_index="0" cpuset="0x00000003">
                  <object type="L3Cache" cpuset="0x00000003" depth="3">
                    <object type="NUMANode" os_index="0" cpuset="0x00000003" gp_index="6" local_memory="1073741824">
                      <page_type size="4096" count="0"/>
                      <page_type size="2097152" count="512"/>
                    </object>
                    <object type="Core" os_index="0" cpuset="0x00000003">
                      <object type="PU" os_index="0" cpuset="0x00000001"/>
                      <object type="PU" os_index="1" cpuset="0x00000002"/>
                    </object>
                  </object>
                </object>
                <object type="Package" os_index="1" cpuset="0x0000000c">
                  <object type="MemCache" cpuset="0x0000000c">
                    <object type="NUMANode" os_index="2" cpuset="0x0000000c" gp_index="11" local_memory="2147483648"/>
                  </object>
                  <object type="L3Cache" cpuset="0x0000000c" depth="3">
                    <object type="Core" os_index="0" cpuset="0x00000004"><object type="PU" os_index="2"/></object>
                    <object type="Core" os_index="1" cpuset="0x00000008"><object type="PU" os_index="3"/></object>
                  </object>
                </object>
                <object type="NUMANode" os_index="1" cpuset="0x0" gp_index="12" local_memory="3221225472"/>
                <object type="Misc" subtype="MemoryModule"/>
              </object>
              <distances2 type="NUMANode" nbobjs="3" kind="5" name="NUMALatency" indexing="gp">
                <indexes length="8">6 11 12 </indexes>
                <u64values length="18">10 21 17 21 10 </u64values>
                <u64values length="9">28 17 28 10 </u64values>
              </distances2>
              <distances2 type="NUMANode" nbobjs="3" kind="9" name="NUMABandwidth" indexing="os">
                <u64values length="1">nothing</u64values>
              </distances2>
            </topology>
            """;

    /** What hwloc 1 writes of a machine with one NUMA node and an offline CPU, much shortened. */
    private static final String VERSION_1 = """
            <topology>
              <object type="Machine" os_index="0" cpuset="0x00000007" complete_cpuset="0x00000007" online_cpuset="0x00000003"
                  allowed_cpuset="0x00000003" local_memory="1073741824">
                <object type="Socket" os_index="3" cpuset="0x00000007">
                  <object type="Cache" depth="3" cache_type="0"><object type="Cache" depth="2" cache_type="0">
                    <object type="Core" os_index="5"><object type="PU" os_index="0"/></object>
                    <object type="Core" os_index="6"><object type="PU" os_index="1"/><object type="PU" os_index="2"/></object>
                  </object></object>
                </object>
              </object>
            </topology>
            """;

    @Test
    void readsVersion2() throws DocumentException {
        Machine machine = HwlocReader.read("m.xml", VERSION_2);
        assertThat(machine.cpus())
                .containsExactly(new Cpu(0, 0, 0, 0, 0), new Cpu(1, 0, 0, 0, 0), new Cpu(2, 2, 1, 2, 2));
        assertThat(machine.memory()).isEqualTo(Map.of(0, GIB, 1, 3 * GIB, 2, 2 * GIB));
        assertThat(machine.hugepages()).isEqualTo(Map.of(0, Map.of(2L << 20, 512L)));
        assertThat(machine.distances())
                .isEqualTo(Map.of(0, List.of(10, 17, 21), 1, List.of(17, 10, 28), 2, List.of(21, 28, 10)));
        assertThat(machine.barred()).isEqualTo(CpuSet.of(3));
        assertThat(machine.offline()).isEqualTo(CpuSet.of(4, 5));
    }

    @Test
    void readsVersion1() throws DocumentException {
        Machine machine = HwlocReader.read("m.xml", VERSION_1);
        assertThat(machine.cpus()).containsExactly(new Cpu(0, 0, 3, 0, 0), new Cpu(1, 1, 3, 0, 0));
        assertThat(machine.memory()).isEqualTo(Map.of(0, GIB));
        assertThat(machine.offline()).isEqualTo(CpuSet.of(2));
        assertThat(machine.barred()).isEqualTo(CpuSet.empty());
    }

    @Test
    void distancesOfVersion1AreMultiples() throws DocumentException {
        String nodes =
                "<object type=\"NUMANode\" os_index=\"%d\" cpuset=\"%s\"><object type=\"PU\" os_index=\"%d\"/></object>";
        String text = "<topology><object type=\"Machine\"><distances nbobjs=\"2\" latency_base=\"10.000000\">"
                + "<latency value=\"1.000000\"/><latency value=\"2.100000\"/><latency value=\"2.100000\"/>"
                + "<latency value=\"1.000000\"/></distances>" + nodes.formatted(1, "0x1", 0)
                + nodes.formatted(0, "0x1,0x0", 32) + "</object></topology>";
        Machine machine = HwlocReader.read("m.xml", text);
        assertThat(machine.distances()).isEqualTo(Map.of(0, List.of(10, 21), 1, List.of(21, 10)));
        assertThat(machine.cpu(32).numaNode()).isZero();
        assertThat(machine.cpu(0).hasL3()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "0x00000001, 0",
        "'0x00000001,,0x80000000', '31,64'",
        "'0x00000001,0x0', 32",
        "0x0, ''",
        "'', ''",
    })
    void readsBitmaps(String text, String cpus) {
        assertThat(HwlocBitmap.parse(text)).hasToString(cpus);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<svg/> | m.xml:1: svg: must be topology, as lstopo --of xml writes it",
                "<topology/> | m.xml: topology: has no object; lstopo --of xml writes one of type Machine",
                "<topology><object/></topology> | m.xml:1: object: type: is missing",
                "<topology><object type='Machine'/></topology> | m.xml:1: object Machine: has no object of type PU, so no CPU",
                "<topology><object type='Machine'><object type='PU'/></object></topology> | m.xml:1: object PU: os_index: is missing; must be a number, 0 to 65535",
                "<topology><object type='Machine'><object type='PU' os_index='x'/></object></topology> | m.xml:1: object PU: os_index \"x\": must be a number, 0 to 65535",
                "<topology><object type='Machine'><object type='PU' os_index='65536'/></object></topology> | m.xml:1: object PU: os_index \"65536\": must be a number, 0 to 65535",
                "<topology><object type='Machine'><object type='PU' os_index='1'/><object type='PU' os_index='1'/></object></topology> | m.xml:1: object PU: os_index \"1\": is that of another PU already",
                "<topology><object type='Machine' allowed_cpuset='0x2'><object type='PU' os_index='0'/></object></topology> | m.xml:1: object Machine: allowed_cpuset \"0x2\": has no CPU that is online",
                "<topology><object type='Machine' allowed_cpuset='0xg'><object type='PU' os_index='0'/></object></topology> | m.xml:1: object Machine: allowed_cpuset \"0xg\": must be words in hexadecimal",
                "<topology><object type='Machine' allowed_cpuset='0xf...f'><object type='PU' os_index='0'/></object></topology> | m.xml:1: object Machine: allowed_cpuset \"0xf...f\": must be finite",
                "<topology><object type='Machine'><object type='NUMANode' os_index='0' cpuset='0x2'/><object type='PU' os_index='0'/></object></topology> | m.xml:1: object PU: os_index \"0\": is in the cpuset of no NUMANode",
                "<topology><object type='Machine'><object type='NUMANode' os_index='0' cpuset='0x1' local_memory='-1'/><object type='PU' os_index='0'/></object></topology> | m.xml:1: object NUMANode: local_memory \"-1\": must be a number, 0 to ",
                "<topology><object type='Machine'><page_type size='big'/></object></topology> | m.xml:1: page_type: size \"big\": must be a number",
                "<topology><object type='Machine'/><object type='Group'/></topology> | m.xml:1: object Group: is a second object beside Machine",
                "<topology><object type='Machine'><object type='PU' os_index='0'/></object><distances2 type='NUMANode' nbobjs='1'><u64values>10 x</u64values></distances2></topology> | m.xml:1: u64values: \"x\": must be numbers",
                "<topology><object type='Machine'><object type='PU' os_index='0'/></object><distances2 type='NUMANode' nbobjs='1'><u64values>10 20</u64values></distances2></topology> | m.xml:1: distances2 NUMANode: has 2 values; nbobjs \"1\" asks for 1",
                "<topology><object type='Machine'><object type='PU' os_index='0'/></object><distances2 type='NUMANode' nbobjs='1'><u64values>256</u64values></distances2></topology> | m.xml:1: distances2 NUMANode: distance \"256.0\": must be 1 to 255",
                "<topology><object type='Machine'><object type='PU' os_index='0'/></object><distances2 type='NUMANode' nbobjs='1'><indexes>7</indexes><u64values>10</u64values></distances2></topology> | m.xml:1: distances2 NUMANode: indexes [7]: must name each NUMA node once; there are [0]",
                "<topology> | m.xml:1: is no valid XML: ",
            })
    void namesElementAttributeAndValue(String xml, String message) {
        assertThatThrownBy(() -> HwlocReader.read("m.xml", xml.replace('\'', '"')))
                .isInstanceOf(DocumentException.class)
                .hasMessageStartingWith(message.strip());
    }

    @Test
    void loadsNothingAndExpandsNothing() {
        for (String dtd : new String[] {
            "<!DOCTYPE topology [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
            "<!DOCTYPE topology [<!ENTITY a \"1234567890\"><!ENTITY x \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>",
            "<!DOCTYPE topology SYSTEM \"http://127.0.0.1:1/hwloc.dtd\">"
        }) {
            String text = dtd + "<topology><object type=\"Machine\"><object type=\"PU\" os_index=\"0\"/></object>"
                    + "<distances2 type=\"NUMANode\" nbobjs=\"1\"><u64values>&x;</u64values></distances2></topology>";
            assertThatThrownBy(() -> HwlocReader.read("m.xml", text))
                    .isInstanceOf(DocumentException.class)
                    .message()
                    .hasLineCount(1)
                    .doesNotContain("root:", "12345678901234567890");
        }
    }

    @Test
    void depthAndSizeAreBounded() {
        String deep = "<topology>" + "<object type=\"Group\">".repeat(100_000);
        assertThatThrownBy(() -> HwlocReader.read("m.xml", deep))
                .hasMessage("m.xml:1: object Group: lies deeper than 64 elements");
        String long1 = "<topology><object type=\"Machine\">" + "<info/>".repeat(400_000);
        assertThatThrownBy(() -> HwlocReader.read("m.xml", long1))
                .hasMessage("m.xml:1: info: there are more than 400000 elements");
    }
}
