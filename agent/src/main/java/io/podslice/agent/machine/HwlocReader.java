package io.podslice.agent.machine;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.machine.Machine;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads a machine from hwloc's XML, as {@code lstopo --of xml} writes it: of version 2 and later, and of version 1. No DTD and no
 * entity is loaded, and depth and number of elements are bounded.
 *
 * @see <a href="https://www.open-mpi.org/projects/hwloc/doc/">hwloc, Importing and exporting topologies from/to XML files</a>
 */
final class HwlocReader {
    private static final int DEEPEST = 64;
    private static final int MOST_ELEMENTS = 400_000;

    private final String file;
    private final XMLStreamReader xml;
    private final Deque<HwlocElement> open = new ArrayDeque<>();
    private final Deque<HwlocObject> objects = new ArrayDeque<>();
    private final StringBuilder text = new StringBuilder();
    private int elements;
    private @Nullable HwlocObject top;
    private @Nullable HwlocDistances matrix;
    private @Nullable HwlocDistances distances;

    private HwlocReader(String file, XMLStreamReader xml) {
        this.file = file;
        this.xml = xml;
    }

    /** Tells if a text is XML. */
    static boolean isXml(String text) {
        return text.stripLeading().startsWith("<");
    }

    /**
     * Reads a machine.
     *
     * @param file its name, for messages
     * @throws DocumentException with the line of the first mistake, and the element, attribute and value
     */
    static Machine read(String file, String text) throws DocumentException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setXMLResolver((publicId, systemId, base, namespace) -> {
            throw new XMLStreamException("refers to " + systemId + ", which is not read");
        });
        try {
            XMLStreamReader xml = factory.createXMLStreamReader(new StringReader(text.stripLeading()));
            try {
                return new HwlocReader(file, xml).machine();
            } finally {
                xml.close();
            }
        } catch (XMLStreamException e) {
            throw new DocumentException(
                    file + ":" + e.getLocation().getLineNumber() + ": is no valid XML: " + reason(e));
        }
    }

    /** Returns the message without the place, which the JDK puts before it. */
    private static String reason(XMLStreamException e) {
        String message = String.valueOf(e.getMessage());
        int at = message.indexOf("Message: ");
        return at < 0 ? message : message.substring(at + "Message: ".length());
    }

    private Machine machine() throws XMLStreamException, DocumentException {
        while (xml.hasNext()) {
            switch (xml.next()) {
                case XMLStreamConstants.START_ELEMENT -> start(element());
                case XMLStreamConstants.END_ELEMENT -> end();
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> characters();
                case XMLStreamConstants.ENTITY_REFERENCE ->
                    throw new DocumentException(place() + ": entity \"" + xml.getLocalName() + "\": is not read");
                default -> {
                    // Comments and the name of the DTD say nothing.
                }
            }
        }
        if (top == null) {
            throw new DocumentException(file + ": topology: has no object; lstopo --of xml writes one of type Machine");
        }
        return HwlocMachine.of(top, distances);
    }

    private String place() {
        return file + ":" + xml.getLocation().getLineNumber();
    }

    private HwlocElement element() {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (int i = 0; i < xml.getAttributeCount(); i++) {
            attributes.put(xml.getAttributeLocalName(i), xml.getAttributeValue(i));
        }
        return new HwlocElement(place(), xml.getLocalName(), attributes);
    }

    private void start(HwlocElement element) throws DocumentException {
        if (open.isEmpty() && !element.name().equals("topology")) {
            throw element.wrong("must be topology, as lstopo --of xml writes it");
        }
        if (open.size() >= DEEPEST) {
            throw element.wrong("lies deeper than " + DEEPEST + " elements");
        }
        if (++elements > MOST_ELEMENTS) {
            throw element.wrong("there are more than " + MOST_ELEMENTS + " elements");
        }
        open.push(element);
        text.setLength(0);
        switch (element.name()) {
            case "object" -> object(element);
            case "page_type" -> {
                if (!objects.isEmpty()) {
                    objects.element().addPages(element);
                }
            }
            case "distances", "distances2" -> matrix = HwlocDistances.of(element);
            case "latency" -> {
                if (matrix != null) {
                    matrix.latency(element);
                }
            }
            default -> {
                // Information for people, and what hwloc knows of its own abilities.
            }
        }
    }

    private void object(HwlocElement element) throws DocumentException {
        if (!element.has("type")) {
            throw element.wrong("type: is missing");
        }
        HwlocObject object = new HwlocObject(element);
        if (!objects.isEmpty()) {
            objects.element().add(object);
        } else if (top == null) {
            top = object;
        } else {
            throw element.wrong("is a second object beside " + top.element().text("type"));
        }
        objects.push(object);
    }

    private void characters() {
        if (matrix != null) {
            text.append(xml.getText());
        }
    }

    private void end() throws DocumentException {
        HwlocElement element = open.pop();
        switch (element.name()) {
            case "object" -> objects.pop();
            case "distances", "distances2" -> {
                distances = distances == null ? matrix : distances;
                matrix = null;
            }
            default -> {
                if (matrix != null) {
                    matrix.text(element, text.toString());
                }
            }
        }
        text.setLength(0);
    }
}
