package io.podslice.cluster.fleet;

import io.podslice.cluster.document.DocumentNode;
import io.podslice.cluster.fleet.FleetNode.Amounts;
import io.podslice.cluster.fleet.FleetNode.Zone;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.managers.pod.Printable;
import io.podslice.managers.pod.Quantity;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads NodeResourceTopology objects, {@code topology.node.k8s.io/v1alpha2}. Texts that many objects have are kept once. For one
 * thread.
 */
final class FleetNodeReader {
    private static final Pattern ZONE = Pattern.compile("node-(\\d{1,5})");

    /** The most NUMA nodes of an object, and the most resources of a NUMA node. */
    private static final int MOST = 1024;

    /** The most texts that are kept once. */
    private static final int MOST_TEXTS = 1000;

    private final Map<String, String> texts = new HashMap<>();

    /** @throws UnreadableException if it is no such object */
    FleetNode read(DocumentNode object) throws UnreadableException {
        DocumentNode metadata = object.get("metadata");
        String name = metadata.get("name").text();
        if (name.isEmpty()) {
            throw new UnreadableException("metadata.name", "is missing");
        }
        Map<String, String> attributes = new HashMap<>();
        for (DocumentNode pair : object.get("attributes").items()) {
            attributes.put(pair.get("name").text(), pair.get("value").text());
        }
        List<Zone> zones = new ArrayList<>();
        for (DocumentNode zone : object.get("zones").items()) {
            Matcher id = ZONE.matcher(zone.get("name").text());
            // Other producers add zones of their own, such as pools, whose CPUs are those of the NUMA nodes once more.
            if (zone.get("type").text().equals("Node") && id.matches()) {
                zones.add(zone(Integer.parseInt(id.group(1)), zone));
            }
            if (zones.size() > MOST) {
                throw new UnreadableException("zones", "more than " + MOST + " NUMA nodes");
            }
        }
        zones.sort(Comparator.comparingInt(Zone::id));
        DocumentNode newest = newest(metadata);
        return new FleetNode(
                name,
                kept(attributes.getOrDefault("topologyManagerPolicy", "")),
                kept(attributes.getOrDefault("topologyManagerScope", "")),
                time(newest.get("time").text())
                        .or(() -> time(metadata.get("creationTimestamp").text())),
                kept(newest.get("manager").text()),
                zones);
    }

    private Zone zone(int id, DocumentNode zone) throws UnreadableException {
        Map<String, Amounts> resources = new HashMap<>();
        for (DocumentNode resource : zone.get("resources").items()) {
            String name = kept(resource.get("name").text());
            resources.put(
                    name,
                    new Amounts(
                            amount(name, resource, "capacity"),
                            amount(name, resource, "allocatable"),
                            amount(name, resource, "available")));
        }
        if (resources.size() > MOST) {
            throw new UnreadableException("zones", "more than " + MOST + " resources in a NUMA node");
        }
        return new Zone(id, resources);
    }

    private static long amount(String name, DocumentNode resource, String field) throws UnreadableException {
        String text = resource.get(field).text();
        if (text.isEmpty()) {
            return 0;
        }
        try {
            Quantity amount = Quantity.parse(text);
            return name.equals(FleetNode.CPU) ? amount.milliValue() : amount.value();
        } catch (IllegalArgumentException e) {
            throw new UnreadableException(
                    "zones.resources[" + Printable.of(name, 64) + "]." + field,
                    "Invalid value: \"" + Printable.of(text, 64) + "\": " + e.getMessage());
        }
    }

    /** Returns the entry of the manager that changed the object last. */
    private static DocumentNode newest(DocumentNode metadata) {
        DocumentNode newest = new DocumentNode.Mapping(Map.of());
        for (DocumentNode manager : metadata.get("managedFields").items()) {
            // Of times in RFC 3339, in UTC and whole seconds, the later one is the greater text.
            if (manager.get("time").text().compareTo(newest.get("time").text()) > 0) {
                newest = manager;
            }
        }
        return newest;
    }

    private static Optional<Instant> time(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private String kept(String text) {
        if (texts.size() > MOST_TEXTS) {
            texts.clear();
        }
        return texts.computeIfAbsent(text, same -> same);
    }
}
