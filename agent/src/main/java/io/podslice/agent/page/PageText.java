package io.podslice.agent.page;

import io.podslice.agent.map.PageMap;
import io.podslice.agent.text.Xml;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** The frame of the page: its head, its style, its script, and the lines of HTTP's header that keep anything else out. */
final class PageText {
    private static final String STYLE = """
            body{font-family:'DejaVu Sans',Verdana,Helvetica,sans-serif;font-size:13px;color:#222;background:#fff;margin:16px}
            h1{font-size:20px;margin:0 0 4px}h2{font-size:16px;margin:20px 0 6px}
            table{border-collapse:collapse;margin:6px 0}caption{text-align:left;font-weight:bold;padding:4px 0}
            th,td{border:1px solid #ccc;padding:2px 6px;text-align:left;vertical-align:top}th{background:#f0f0f0}
            tr.condition td{background:#fff4d6}td.differs{background:#fff4d6;font-weight:bold}
            dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px}dt{color:#555}dd{margin:0}
            .wide{overflow-x:auto}ul.signs{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:4px 20px}
            ul.signs svg{vertical-align:middle;margin-right:6px}td svg{margin-right:2px}
            summary{cursor:pointer}textarea{width:100%;max-width:760px;font-family:monospace}
            pre{background:#f7f7f7;padding:8px;overflow-x:auto}.refused{background:#ffe3dc}.problem{background:#ffe3dc;padding:6px}
            """ + PageMap.style();

    /** Replaces the pieces that an event names; details that were open stay open. */
    private static final String SCRIPT = """
            (() => {
              const live = document.getElementById('live');
              const replace = event => {
                const end = event.data.indexOf('\\n');
                const selector = event.data.slice(0, end);
                const old = document.querySelector(selector);
                if (!old) { location.reload(); return; }
                const open = new Set([...old.querySelectorAll('details[open]')].map(each => each.firstElementChild.textContent));
                old.outerHTML = event.data.slice(end + 1);
                const now = document.querySelector(selector);
                now.querySelectorAll('details').forEach(each => {
                  each.open = open.has(each.firstElementChild.textContent);
                });
                document.body.dataset.version = event.lastEventId || document.body.dataset.version;
              };
              const connect = () => {
                const source = new EventSource('events?version=' + document.body.dataset.version);
                source.onopen = () => { live.textContent = 'live'; };
                source.onerror = () => {
                  live.textContent = 'no connection: what is shown may be old';
                  if (source.readyState === EventSource.CLOSED) { setTimeout(connect, 5000); }
                };
                source.addEventListener('piece', replace);
              };
              connect();
            })();
            """;

    private static final String EXAMPLE = """
            apiVersion: v1
            kind: Pod
            metadata: {name: new-pod}
            spec:
              containers:
              - name: app
                image: example
                resources:
                  requests: {cpu: "6", memory: 1Gi}
                  limits: {cpu: "6", memory: 1Gi}
            """;

    /** The lines of each answer's header: nothing but this page's own style and script is loaded or run, and nothing is kept. */
    static final List<String> FIELDS = List.of(
            "Content-Security-Policy: default-src 'none'; style-src " + hash(STYLE) + "; script-src " + hash(SCRIPT)
                    + "; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: same-origin",
            "Cross-Origin-Resource-Policy: same-origin",
            "Cross-Origin-Opener-Policy: same-origin");

    private PageText() {}

    private static String hash(String text) {
        byte[] digest = Rendering.sha256().digest(text.getBytes(StandardCharsets.UTF_8));
        return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    }

    /** Returns the page of a rendering; its script keeps it up to date. */
    static String page(Rendering rendering) {
        Xml xml = start(rendering.version());
        xml.open("p")
                .open("span", "id", "live")
                .text("as of the last reload")
                .close("span")
                .close("p");
        xml.raw(rendering.html());
        form(xml, EXAMPLE);
        return xml.raw("<script>")
                .raw(SCRIPT)
                .raw("</script>")
                .raw("</body></html>\n")
                .toString();
    }

    /**
     * Returns the page with the answer to "what if".
     *
     * @param answer HTML
     * @param manifest what was asked
     */
    static String answer(String answer, String manifest) {
        Xml xml = start("");
        xml.open("p").element("a", "back to the node", "href", "./").close("p");
        xml.raw(answer);
        form(xml, manifest);
        return xml.raw("</body></html>\n").toString();
    }

    /** Returns a page that only says why there is nothing to see. */
    static String problem(String problem) {
        return start("")
                .element("p", problem, "class", "problem")
                .raw("</body></html>\n")
                .toString();
    }

    private static Xml start(String version) {
        Xml xml = new Xml();
        xml.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>podslice</title>");
        xml.raw("<meta name=\"viewport\" content=\"width=device-width\"><style>")
                .raw(STYLE)
                .raw("</style></head>\n");
        return xml.open("body", "data-version", version).element("h1", "podslice");
    }

    private static void form(Xml xml, String manifest) {
        xml.open("section", "id", "what-if").element("h2", "What if");
        xml.element(
                "p",
                "Paste Pod manifests, as YAML or JSON, to see what they would get on this node as it is now. Nothing is"
                        + " changed, and no pod is made.");
        xml.open("form", "method", "post", "action", "what-if");
        xml.open("textarea", "name", WhatIf.FIELD, "rows", 14, "spellcheck", "false", "aria-label", "Pod manifests");
        // HTML drops a line end that follows the tag.
        xml.raw("\n");
        manifest.lines().forEach(line -> xml.text(line.replace("\t", "    ")).raw("\n"));
        xml.close("textarea")
                .open("p")
                .element("button", "plan", "type", "submit")
                .close("p");
        xml.close("form").close("section");
    }
}
