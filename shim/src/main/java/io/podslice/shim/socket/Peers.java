package io.podslice.shim.socket;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;

/**
 * The users that may connect: root, those that the configuration allows, and the user that podslice itself runs as,
 * which could put another program in its place anyway (on a node that is root). The kernel says which user the peer
 * was when it connected (SO_PEERCRED); the JDK wraps the uid in a {@link UserPrincipal} that equals another of
 * the same uid whatever their names. The lookup service, asked for a name that no user has, takes it as a number: so
 * principals of plain uids can be had.
 */
public final class Peers {
    private final Set<Integer> uids;
    private final List<UserPrincipal> allowed = new ArrayList<>();

    private Peers(Set<Integer> uids) throws IOException {
        this.uids = Set.copyOf(uids);
        UserPrincipalLookupService lookup = FileSystems.getDefault().getUserPrincipalLookupService();
        allowed.add(lookup.lookupPrincipalByName("0"));
        allowed.add(Files.getOwner(Path.of("/proc/self")));
        for (int uid : uids) {
            allowed.add(lookup.lookupPrincipalByName(Integer.toString(uid)));
        }
    }

    /**
     * Looks the users up.
     *
     * @param uids allowed beside uid 0 and the own
     * @param field the configuration's field that has them, e.g. {@code shim.allowedUids}
     * @param socket the socket that it is about
     * @throws ListenException if the lookup service fails, or there is no {@code /proc}
     */
    public static Peers allowing(Set<Integer> uids, String field, Path socket) {
        try {
            return new Peers(uids);
        } catch (IOException e) {
            throw new ListenException(field, socket, "cannot resolve " + uids + ": " + e, e);
        }
    }

    /** Returns the users that the configuration allows. */
    public Set<Integer> uids() {
        return uids;
    }

    /** The user at the other end. */
    public static UserPrincipal of(SocketChannel channel) throws IOException {
        return channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    }

    /** Tells whether that user may connect. */
    public boolean mayConnect(UserPrincipal peer) {
        return allowed.contains(peer);
    }
}
