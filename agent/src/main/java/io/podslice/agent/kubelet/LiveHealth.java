package io.podslice.agent.kubelet;

import io.podslice.agent.host.HostFiles;
import io.podslice.grpc.UnixSocket;
import io.podslice.shim.runtime.RuntimeSettings;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Looks at the node on which this process runs: the kubelet's command line, CRI behind its endpoint, and its healthz. */
public final class LiveHealth implements Health {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final String UNIX = "unix://";

    private final HostFiles files;
    private final ServiceManager services;

    public LiveHealth(HostFiles files, ServiceManager services) {
        this.files = files;
        this.services = services;
    }

    @Override
    public Optional<String> problem(String endpoint) {
        Kubelet kubelet;
        try {
            kubelet = Kubelet.read(files);
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        if (!services.isActive(kubelet.unitName()) || kubelet.process().isEmpty()) {
            return Optional.of(kubelet.unitName() + " does not run");
        }
        String given = kubelet.running(KubeletKey.ENDPOINT).value();
        if (!given.equals(endpoint)) {
            return Optional.of("the kubelet runs with the endpoint " + given + ", not " + endpoint);
        }
        return runtime(endpoint).or(() -> healthz(kubelet));
    }

    private static Optional<String> runtime(String endpoint) {
        String path = endpoint.startsWith(UNIX) ? endpoint.substring(UNIX.length()) : endpoint;
        try {
            new RuntimeSettings(new UnixSocket("the runtime", Path.of(path), PATIENCE)).version(PATIENCE.toMillis());
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("the runtime does not answer behind " + path + ": " + e.getMessage());
        }
    }

    private static Optional<String> healthz(Kubelet kubelet) {
        String port = kubelet.running(KubeletKey.HEALTHZ_PORT).value();
        if (port.equals("0")) {
            return Optional.empty(); // Such a kubelet serves no healthz.
        }
        String address = kubelet.running(KubeletKey.HEALTHZ_ADDRESS).value();
        String url = address + ":" + port;
        try {
            url = HealthzUrl.of(address, port);
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(url).toURL().openConnection();
            connection.setConnectTimeout((int) PATIENCE.toMillis());
            connection.setReadTimeout((int) PATIENCE.toMillis());
            int status = connection.getResponseCode();
            connection.disconnect();
            return status == HttpURLConnection.HTTP_OK ? Optional.empty() : Optional.of(url + ": status " + status);
        } catch (IOException | IllegalArgumentException e) {
            return Optional.of(url + ": " + e.getMessage());
        }
    }
}
