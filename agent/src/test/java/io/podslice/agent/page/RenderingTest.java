package io.podslice.agent.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.api.FakeNode;
import io.podslice.agent.page.Section.Piece;
import io.podslice.node.NodeIncident;
import io.podslice.node.PodName;
import io.podslice.node.ResizeCondition;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The sections of the page: what they show, that no text becomes markup, and which pieces a change replaces. */
class RenderingTest {
    private final FakeNode node = new FakeNode();
    private final Chronicle chronicle = SampleSights.chronicle();
    private final XPath path = XPathFactory.newInstance().newXPath();

    private Rendering rendering() {
        return PageServer.render(SampleSights.of(node, chronicle));
    }

    /** Parses sections, which are XML too. */
    private static Document parsed(Rendering rendering) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder()
                .parse(new InputSource(new StringReader("<body>" + rendering.html() + "</body>")));
    }

    private List<String> texts(Document page, String expression) throws Exception {
        NodeList nodes = (NodeList) path.evaluate(expression, page, XPathConstants.NODESET);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> nodes.item(i).getTextContent().strip().replaceAll("\\s+", " "))
                .toList();
    }

    @Test
    void allIsShown() throws Exception {
        Document page = parsed(PageServer.render(SampleSights.full("db")));

        assertThat(texts(page, "//h2")).containsExactly("Who runs where", "Node", "Pods", "The last hour");
        assertThat(texts(page, "//*[@data-cpu='8']/@data-pod")).containsExactly("default/db");
        assertThat(texts(page, "//*[@data-cpu='8']/@data-use")).containsExactly("exclusive");
        assertThat(texts(page, "//*[@data-cpu='9']/@data-use")).containsExactly("podShared");
        assertThat(texts(page, "//*[@data-cpu='2']/@data-use")).containsExactly("nodeShared");
        assertThat(texts(page, "//*[@data-cpu]")).hasSize(16);
        assertThat(texts(page, "//tbody[@id='pod-uid-db']/tr[1]/td"))
                .containsExactly(
                        "A a",
                        "default/db Containers name kind isolation CPUs CPU desired allocated actual memory desired allocated"
                                + " actual app app container 0,8 2 2 - 1Gi 1Gi - log sidecar pod 1,9 - - - - - -",
                        "running",
                        "6",
                        "4",
                        "-/4",
                        "2Gi",
                        "2Gi",
                        "-/2Gi",
                        "0-1,8-9",
                        "1,9",
                        "0",
                        "container: app; pod: log",
                        "annotation");
        assertThat(texts(page, "//tr[@class='condition']/td[2]"))
                .containsExactly("resize waits, Deferred, since 2026-07-01 12:00:00Z: db");
        assertThat(texts(page, "//table[caption='Free on each NUMA node']/tr[1]/td"))
                .containsExactly("0", "16", "16", "15", "64Gi", "63Gi", "63Gi");
        assertThat(texts(page, "//table[caption=\"Sources of pods' specs\"]/tr[2]/td"))
                .containsExactly(
                        "apiServer", "not ready", "2026-07-01 12:00:00Z", "1", "0", "5", "17", "connection refused");
        assertThat(texts(page, "//table[caption='Refusals']/tr/td"))
                .containsExactly(
                        "2026-07-01 12:00:00Z",
                        "1",
                        "cri",
                        "UpdateContainerResources default/db, container app",
                        "Deferred",
                        "db");
        assertThat(texts(page, "//table[caption='Resizes']/tr/td"))
                .containsExactly("2026-07-01 12:00:00Z", "1", "deferred", "default/db", "db");
        assertThat(texts(page, "//table[starts-with(caption,'Drift')]/tr/td"))
                .containsExactly(
                        "2026-07-01 12:00:00Z",
                        "1",
                        "/kubepods/poddb (default/db)",
                        "cpu.max: db \u2192 400000 100000");
    }

    @Test
    void noTextOfATenantBecomesMarkup() throws Exception {
        Rendering rendering = PageServer.render(SampleSights.full(SampleSights.EVIL));
        assertThat(rendering.html()).doesNotContain("<script").contains("&lt;script&gt;");
        assertThat(rendering.html().chars()).allMatch(c -> c == '\n' || (c >= ' ' && c < 0x7f));
        Document page = parsed(rendering);
        assertThat(texts(page, "//section")).hasSize(4);
        assertThat(texts(page, "//tbody")).hasSize(1);
        assertThat(texts(page, "//@*[starts-with(name(),'on')]")).isEmpty();
        assertThat(texts(page, "//@data-pod").getFirst()).startsWith("default/<script>alert(1)</script>");
        assertThat(rendering.sections().getFirst().pieces().stream()
                        .filter(piece -> !piece.selector().isEmpty()))
                .hasSize(16);
        assertThat(rendering.sections().get(2).pieces().get(1).selector()).matches("#pod-[-_0-9A-Za-z]+");

        String answer = PageText.answer("", "</textarea><script>alert(2)</script>\n\tx: \u0001");
        assertThat(answer)
                .doesNotContain("<script>alert")
                .contains("&lt;/textarea&gt;&lt;script&gt;", "\n    x: \\x01\n");
        assertThat(PageText.problem(SampleSights.EVIL)).doesNotContain("<script>alert");
    }

    @Test
    void aResizeReplacesTheCpusAndTheRowThatItChanges() {
        node.put(FakeNode.pod("db", "x"));
        node.put(FakeNode.pod("web", "x"));
        Rendering before = rendering();
        assertThat(rendering().version()).isEqualTo(before.version());
        assertThat(rendering().since(before)).isEmpty();

        node.put(FakeNode.pod(
                "web", "x", new ResizeCondition(ResizeCondition.Type.PENDING, "Deferred", "waits", SampleSights.NOON)));
        Rendering after = rendering();
        assertThat(after.version()).isNotEqualTo(before.version());
        assertThat(after.since(before)).extracting(Piece::selector).containsExactly("#node", "#pod-uid-web");

        chronicle.note(new NodeIncident.Resized(new PodName("uid", "default", "web"), "deferred", "waits"));
        assertThat(rendering().since(after)).extracting(Piece::selector).containsExactly("#incidents");
    }

    @Test
    void aPodThatComesReplacesTheTable() {
        Rendering before = rendering();
        node.put(FakeNode.pod("db", "x"));
        Rendering after = rendering();
        assertThat(after.since(before))
                .extracting(Piece::selector)
                .contains("#pods", "#node")
                .doesNotContain("#incidents");
        assertThat(after.all()).extracting(Piece::selector).containsExactly("#map", "#node", "#pods", "#incidents");
    }

    @Test
    void eventsCarryPiecesAndTheVersionWithTheLast() {
        byte[] events = Events.of(List.of(new Piece("#a", "<p>\nx</p>\n"), new Piece("#b", "<p/>")), "v1");
        assertThat(new String(events, StandardCharsets.UTF_8)).isEqualTo("""
                event: piece
                data: #a
                data: <p>
                data: x</p>

                id: v1
                event: piece
                data: #b
                data: <p/>

                """);
    }
}
