package io.podslice.agent.config;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.managers.pod.DnsLabel;
import io.podslice.managers.pod.Quantity;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Parsers for each kind of value. All throw IllegalArgumentException with what is allowed, worded to follow the value
 * and a colon.
 */
final class Scalars {
    /** linux/un.h: sun_path has 108 bytes with the final zero; the JDK keeps one more to itself. */
    private static final int LONGEST_SOCKET_PATH = 106;

    private static final int LARGEST_PORT = 65_535;

    /** The API server's rule for the name of a node: a lowercase RFC 1123 subdomain. */
    private static final Pattern NODE_NAME = Pattern.compile(DnsLabel.PATTERN + "(?:\\." + DnsLabel.PATTERN + ")*");

    private static final int LONGEST_NODE_NAME = 253;

    private Scalars() {}

    /** Parses a whole number of that kind, 0 or more. */
    static Function<String, Integer> number(String kind) {
        return text -> {
            try {
                int number = Integer.parseInt(text);
                if (number >= 0) {
                    return number;
                }
            } catch (NumberFormatException notOne) {
                // Refused below, as a number out of range is.
            }
            throw new IllegalArgumentException("must be " + kind + ", 0 to " + Integer.MAX_VALUE);
        };
    }

    static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("must be true or false");
        };
    }

    /** Takes a text that matches a pattern as a whole; {@code rule} says in words what it must be. */
    static Function<String, String> matching(String pattern, String rule) {
        return text -> {
            if (!text.matches(pattern)) {
                throw new IllegalArgumentException(rule);
            }
            return text;
        };
    }

    static double factor(String text) {
        try {
            double factor = Double.parseDouble(text);
            if (factor > 0 && factor <= 1) {
                return factor;
            }
        } catch (NumberFormatException notOne) {
            // Refused below, as a number out of range is.
        }
        throw new IllegalArgumentException("must be a number above 0, at most 1");
    }

    static int percent(String text) {
        try {
            int percent = Integer.parseInt(text);
            if (percent >= 0 && percent <= 100) {
                return percent;
            }
        } catch (NumberFormatException notOne) {
            // Refused below, as a number out of range is.
        }
        throw new IllegalArgumentException("must be a whole number of percent, 0 to 100");
    }

    static long bytes(String text) {
        long bytes = Quantity.parse(text).value();
        if (bytes <= 0) {
            throw new IllegalArgumentException("must be above 0");
        }
        return bytes;
    }

    static Function<String, Duration> duration(Duration least, Duration most, String range) {
        return text -> {
            Duration value = GoDuration.parse(text);
            if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
                throw new IllegalArgumentException("must be " + range);
            }
            return value;
        };
    }

    static Path socket(String text) {
        String scheme = "unix://";
        if (!text.toLowerCase(Locale.ROOT).startsWith(scheme)) {
            throw new IllegalArgumentException(
                    "must be unix:// and an absolute path, e.g. unix:///run/containerd/containerd.sock");
        }
        Path path = absolute(text.substring(scheme.length()));
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_PATH) {
            throw new IllegalArgumentException(
                    "must have a path of at most " + LONGEST_SOCKET_PATH + " bytes, the most that a Unix socket takes");
        }
        return path;
    }

    /**
     * Parses an address to listen on by TCP: a numeric address, so that no name has to be resolved; empty for an empty
     * text.
     */
    static Optional<InetSocketAddress> address(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (colon > 0 && port > 0 && port <= LARGEST_PORT) {
                String host = text.substring(0, colon);
                boolean bracketed = host.startsWith("[") && host.endsWith("]");
                InetAddress address = InetAddress.ofLiteral(bracketed ? host.substring(1, host.length() - 1) : host);
                return Optional.of(new InetSocketAddress(address, port));
            }
        } catch (IllegalArgumentException notOne) {
            // Refused below, as a port out of range is.
        }
        throw new IllegalArgumentException("must be a numeric address and a port, e.g. 127.0.0.1:9419");
    }

    /**
     * Parses the address of the page, which no other host may reach: its numbers are those of tenants. Empty for an empty
     * text.
     */
    static Optional<SocketAddress> page(String text) {
        if (text.toLowerCase(Locale.ROOT).startsWith("unix:")) {
            return Optional.of(UnixDomainSocketAddress.of(socket(text)));
        }
        Optional<InetSocketAddress> address;
        try {
            address = address(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "must be a loopback address and a port, e.g. 127.0.0.1:9420, or unix:// and an absolute path", e);
        }
        if (address.isPresent() && !address.get().getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "is no loopback address: the page asks for no password, and shows the pods of all tenants; must be"
                            + " 127.0.0.1 or [::1] and a port, or unix:// and an absolute path");
        }
        return address.map(SocketAddress.class::cast);
    }

    /** Returns an address as the configuration writes it. */
    static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            String host = inet.getAddress().getHostAddress();
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + inet.getPort();
        }
        return "unix://" + address;
    }

    /** Returns a parser that gives nothing for an empty text, and otherwise what the given one gives. */
    static <T> Function<String, Optional<T>> orEmpty(Function<String, T> parse) {
        return text -> text.isEmpty() ? Optional.empty() : Optional.of(parse.apply(text));
    }

    /** Parses the address of an API server: https, a host, and a port where it has one. */
    static URI https(String text) {
        try {
            URI uri = new URI(text);
            if ("https".equalsIgnoreCase(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getPort() <= LARGEST_PORT
                    && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getRawUserInfo() == null) {
                return uri;
            }
        } catch (URISyntaxException notOne) {
            // Refused below, as another scheme is.
        }
        throw new IllegalArgumentException("must be https:// and a host, e.g. https://10.96.0.1:443");
    }

    /** Checks the name of a node. */
    static String nodeName(String text) {
        if (text.length() > LONGEST_NODE_NAME || !NODE_NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("must be the name of a node: lower case letters, digits, '-' and '.'");
        }
        return text;
    }

    static Path absolute(String text) {
        if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("must be an absolute path");
        }
        Path path = Path.of(text);
        if (!path.equals(path.normalize())) {
            throw new IllegalArgumentException("must be a path without . and ..");
        }
        return path;
    }

    /** Reads the cgroup driver; empty for {@code auto}. */
    static Optional<CgroupDriver> cgroupDriver(String text) {
        return switch (text) {
            case "auto" -> Optional.empty();
            case "cgroupfs" -> Optional.of(CgroupDriver.CGROUPFS);
            case "systemd" -> Optional.of(CgroupDriver.SYSTEMD);
            default -> throw new IllegalArgumentException("must be auto, cgroupfs or systemd");
        };
    }
}
