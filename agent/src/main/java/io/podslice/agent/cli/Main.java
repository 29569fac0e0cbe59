package io.podslice.agent.cli;

import java.io.PrintWriter;
import java.util.Optional;

/** Starts the program: its {@code main} method. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        Uncaught.handle();
        PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
        PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
        Optional<ServeLine> serve = ServeLine.of(args);
        int status = serve.isPresent() ? new Serve(err).run(serve.get().config()) : Podslice.run(args, out, err);
        out.flush();
        err.flush();
        System.exit(status);
    }
}
