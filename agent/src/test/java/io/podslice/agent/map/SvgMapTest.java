package io.podslice.agent.map;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class SvgMapTest {
    private static Document parsed(String svg) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    /** Returns use and pod of each CPU that the picture shows. */
    private static Map<Integer, String> cpus(Document svg) {
        Map<Integer, String> cpus = new TreeMap<>();
        NodeList groups = svg.getElementsByTagName("g");
        for (int i = 0; i < groups.getLength(); i++) {
            Element group = (Element) groups.item(i);
            String before = cpus.put(
                    Integer.valueOf(group.getAttribute("data-cpu")),
                    (group.getAttribute("data-use") + " " + group.getAttribute("data-pod")).strip());
            assertThat(before)
                    .as("CPU %s twice", group.getAttribute("data-cpu"))
                    .isNull();
        }
        return cpus;
    }

    @ParameterizedTest
    @MethodSource("io.podslice.agent.map.SampleMaps#machines")
    void saysTheUseOfEveryCpu(Machine machine) throws Exception {
        NodeMap map = SampleMaps.map(machine, 3);
        Map<Integer, String> expected = new TreeMap<>();
        machine.cpuSet().union(machine.offline()).union(machine.barred()).forEach(cpu -> expected.put(cpu, "none"));
        map.sharedPool().forEach(cpu -> expected.put(cpu, "nodeShared"));
        for (MappedPod pod : map.owners()) {
            pod.cpus().forEach(cpu -> expected.put(cpu, "exclusive " + pod.name()));
            pod.sharedPool().forEach(cpu -> expected.put(cpu, "podShared " + pod.name()));
        }
        assertThat(cpus(parsed(SvgMap.text(List.of(map))))).isEqualTo(expected);
    }

    @Test
    void namesOfTenantsStayText() throws Exception {
        Machine machine = Machine.regular(1, 1, 2, 1, 1 << 30);
        String name = "<script>\"'&]]>\u001b[2J\u202e\ud800\u0000名";
        NodeMap map = new NodeMap(
                name,
                machine,
                CpuSet.empty(),
                CpuSet.of(1),
                List.of(SampleMaps.pod(name, CpuSet.of(0), machine)),
                List.of(name));
        String svg = SvgMap.text(List.of(map));
        Document document = parsed(svg);
        assertThat(document.getElementsByTagName("script").getLength()).isZero();
        assertThat(svg.chars()).allMatch(c -> c == '\n' || (c >= ' ' && c < 0x7f));
        assertThat(cpus(document)).containsEntry(0, "exclusive <script>\"'&]]>\\x1b[2J\\u202e\\ud800\\x00名");
        assertThat(JsonMap.text(map).chars()).allMatch(c -> c == '\n' || (c >= ' ' && c < 0x7f));
        assertThat(TextMap.text(map, 80, false).codePoints())
                .allMatch(c -> c == '\n' || (!Character.isISOControl(c) && Character.getType(c) != Character.FORMAT));
    }

    @Test
    void namesNoOtherResource() {
        String svg = SvgMap.text(List.of(SampleMaps.map(Machine.regular(2, 1, 4, 2, 1 << 30), 1)));
        assertThat(svg.replace("xmlns=\"http://www.w3.org/2000/svg\"", ""))
                .doesNotContain("http", "href", "<image", "@import");
    }
}
