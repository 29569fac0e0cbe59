package io.podslice.agent.doctor;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Looks at podslice's own files, sockets and unit. */
final class ServiceReader {
    private static final List<String> UNIT_FOLDERS =
            List.of("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system");

    private static final List<String> UNITS = List.of("podslice.service", "podslice.socket");

    private final HostFiles files;
    private final SocketReader sockets;
    private final List<String> unreadable;

    /** @param unreadable takes a line for each file that is there and cannot be read */
    ServiceReader(HostFiles files, SocketReader sockets, List<String> unreadable) {
        this.files = files;
        this.sockets = sockets;
        this.unreadable = unreadable;
    }

    NodeRecord.Service read(
            String configFile, Configuration configuration, List<String> errors, List<String> misfits, String own) {
        NodeRecord.Socket api = sockets.socket(configuration.api().listen());
        String version = "";
        String notReady = "";
        if (api.answers()) {
            try {
                Probes.ApiAnswer answer =
                        sockets.probes().api(sockets.at(configuration.api().listen()));
                version = answer.version();
                notReady = answer.notReady();
            } catch (IOException e) {
                api = new NodeRecord.Socket(api.path(), true, api.mode(), String.valueOf(e.getMessage()));
            }
        }
        return new NodeRecord.Service(
                configFile,
                errors,
                misfits,
                sockets.socket(configuration.shim().listen()),
                api,
                mode(configuration.stateDir()),
                UNIT_FOLDERS.stream().anyMatch(folder -> files.exists(folder + "/" + UNITS.getFirst())),
                isEnabled(),
                version,
                notReady,
                own);
    }

    /** A link to a unit in a target's folder is what enabling makes; its target need not exist below another root. */
    private boolean isEnabled() {
        for (String target : List.of("multi-user.target.wants", "sockets.target.wants")) {
            for (String unit : UNITS) {
                if (Files.isSymbolicLink(files.at("/etc/systemd/system/" + target + "/" + unit))) {
                    return true;
                }
            }
        }
        return false;
    }

    private String mode(Path folder) {
        Path at = files.at(folder.toString());
        if (!Files.exists(at)) {
            return "";
        }
        try {
            return SocketReader.mode(at);
        } catch (IOException e) {
            unreadable.add(folder + ": " + e.getMessage());
            return "";
        }
    }
}
