package io.podslice.agent.kubelet;

import java.net.Inet6Address;
import java.net.InetAddress;

/** The URL at which the node itself reaches its kubelet's healthz. */
final class HealthzUrl {
    private HealthzUrl() {}

    /**
     * Returns the URL of a kubelet that listens there. A kubelet may listen on all addresses of the node, which are none to
     * connect to: it is then asked on the loopback address of that family. A socket of the other family may not be open.
     *
     * @param address {@code healthzBindAddress}, an address of IPv4 or IPv6
     * @throws IllegalArgumentException if it is no address
     */
    static String of(String address, String port) {
        InetAddress listens = InetAddress.ofLiteral(address);
        boolean six = listens instanceof Inet6Address;
        InetAddress asked = listens.isAnyLocalAddress() ? InetAddress.ofLiteral(six ? "::1" : "127.0.0.1") : listens;
        String host = asked.getHostAddress();
        return "http://" + (six ? "[" + host + "]" : host) + ":" + port + "/healthz";
    }
}
