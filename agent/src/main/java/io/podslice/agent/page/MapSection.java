package io.podslice.agent.page;

import io.podslice.agent.map.PageMap;
import io.podslice.agent.text.Xml;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes the map of the machine: each CPU is a piece. Pure. */
final class MapSection {
    private static final Pattern CPU = Pattern.compile("<g data-cpu=\"(\\d+)\".*?</g>", Pattern.DOTALL);

    private MapSection() {}

    static Section of(PageMap map) {
        String html = html(map, "map", "Who runs where");
        List<Section.Piece> pieces = new ArrayList<>();
        Matcher cpu = CPU.matcher(html);
        int end = 0;
        while (cpu.find()) {
            pieces.add(Section.Piece.between(html.substring(end, cpu.start())));
            pieces.add(new Section.Piece("#map [data-cpu=\"" + cpu.group(1) + "\"]", cpu.group()));
            end = cpu.end();
        }
        pieces.add(Section.Piece.between(html.substring(end)));
        return new Section("map", pieces);
    }

    /** Writes a map with its legend. */
    static String html(PageMap map, String id, String heading) {
        Xml xml = new Xml();
        xml.open("section", "id", id).element("h2", heading);
        xml.open("div", "class", "wide").raw(map.picture()).close("div");
        xml.open("ul", "class", "signs");
        for (PageMap.Explained sign : map.signs()) {
            xml.open("li").raw(sign.swatch()).text(sign.meaning()).close("li");
        }
        return xml.close("ul").close("section").toString();
    }
}
