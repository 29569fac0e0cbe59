package io.podslice.agent.cli;

import io.podslice.agent.api.Topologies;
import io.podslice.agent.map.StatusMap;
import io.podslice.agent.map.TextMap;
import io.podslice.agent.replay.CpuReport;
import io.podslice.agent.replay.Flaw;
import io.podslice.agent.replay.Moment;
import io.podslice.agent.replay.MomentSearch;
import io.podslice.agent.replay.Place;
import io.podslice.agent.replay.RecordedNode;
import io.podslice.agent.replay.Recording;
import io.podslice.agent.replay.Stamps;
import io.podslice.agent.replay.Timeline;
import io.podslice.agent.status.StatusJson;
import io.podslice.agent.status.StatusTable;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.Printable;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code podslice replay}. */
@Command(
        name = "replay",
        description = {
            "Read the recording that podslice keeps with api.record.dir: all that happened; the map and the pods at any"
                    + " moment; the pod that had a CPU.",
            "A TIME is 03:12, the last time that it was so late; 2026-11-30T03:12; or 2026-11-30T03:12:05Z. Without a zone it is"
                    + " of this machine's, or with --utc of UTC.",
            "Exit status 0: done; 1: nothing was recorded at that moment, or a file is damaged, and what could be read has"
                    + " been printed; 2: the command line or a file cannot be used."
        },
        mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {
    /** The form of a state. */
    private static final class Form {
        @Option(names = "--map", description = "draw the state as \"podslice map\" does")
        private boolean isMap;

        @Option(
                names = "--json",
                description =
                        "as JSON: a state as \"podslice status -o json\" writes it, which \"podslice map --status\""
                                + " draws; a CPU's owners as a list")
        private boolean isJson;

        @Option(names = "--table", description = "a state as \"podslice status\" shows it; the default with --at")
        private boolean isTable;
    }

    @Parameters(
            paramLabel = "FOLDER|FILE",
            description = "the folder of api.record.dir, or a copy; or one of its files")
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private String recording;

    @Option(
            names = "--at",
            paramLabel = "TIME|REVISION",
            description = "the state at that moment; default with --map, --json and --table: the last state")
    private @Nullable String at;

    @Option(names = "--from", paramLabel = "TIME", description = "only what happened at that time or later")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "only what happened before that time")
    private @Nullable String to;

    @Option(
            names = "--cpu",
            paramLabel = "CPU",
            description = "the owners of that CPU; with --at the one at that moment")
    private @Nullable Integer cpu;

    @ArgGroup
    private Form form = new Form();

    @Option(
            names = "--width",
            paramLabel = "COLUMNS",
            defaultValue = "100",
            description = "columns that a map may take; default: 100")
    private int width = 100;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Option(names = "--utc", description = "times in UTC; default: in this machine's zone")
    private boolean isUtc;

    private final ZonedDateTime present;

    ReplayCommand() {
        this(ZonedDateTime.now(ZoneId.systemDefault()));
    }

    /** @param now the present, with the zone of times */
    ReplayCommand(ZonedDateTime now) {
        this.present = now;
    }

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        try {
            check();
            Recording read = Recording.of(Path.of(recording));
            boolean isState = at != null || form.isMap || form.isJson || form.isTable;
            if (cpu != null) {
                return at == null ? owners(read, cpu) : owner(read, cpu);
            }
            return isState ? state(read) : timeline(read);
        } catch (InvalidPathException e) {
            err.println("podslice replay: \"" + Printable.of(recording) + "\": is no path");
            return ExitCode.USAGE;
        } catch (DocumentException e) {
            err.println("podslice replay: " + e.getMessage());
            return ExitCode.USAGE;
        }
    }

    private void check() throws DocumentException {
        if (width < TextMap.NARROWEST || width > TextMap.WIDEST) {
            throw new DocumentException(
                    "--width \"" + width + "\": must be between " + TextMap.NARROWEST + " and " + TextMap.WIDEST);
        }
        if (cpu != null && (cpu < 0 || cpu > CpuSet.MAX_ID)) {
            throw new DocumentException("--cpu \"" + cpu + "\": must be between 0 and " + CpuSet.MAX_ID);
        }
        if (cpu != null && (form.isMap || form.isTable)) {
            throw new DocumentException("--cpu: has no map and no table; --json or neither");
        }
        boolean isRange = from != null || to != null;
        if (isRange && (at != null || (cpu == null && (form.isMap || form.isJson || form.isTable)))) {
            throw new DocumentException("--from and --to: cannot be used with a state; --at names its moment");
        }
    }

    private ZonedDateTime now() {
        return isUtc ? present.withZoneSameInstant(ZoneOffset.UTC) : present;
    }

    private Moment moment() throws DocumentException {
        return at == null ? new Moment.Latest() : Moment.parse("--at", at, now());
    }

    private Stamps stamps() {
        return new Stamps(now().getZone());
    }

    private Optional<Instant> bound(String option, @Nullable String time) throws DocumentException {
        return time == null ? Optional.empty() : Optional.of(Moment.time(option, time, now()));
    }

    private int timeline(Recording read) throws DocumentException {
        Optional<Instant> first = bound("--from", from);
        Optional<Instant> end = bound("--to", to);
        PrintWriter out = spec.commandLine().getOut();
        Timeline lines = new Timeline(
                time -> first.filter(time::isBefore).isEmpty()
                        && end.filter(bound -> !time.isBefore(bound)).isEmpty(),
                stamps(),
                out);
        List<Flaw> flaws = read.read(lines);
        out.flush();
        return told(flaws, List.of());
    }

    private int owners(Recording read, int of) throws DocumentException {
        CpuReport report = CpuReport.history(of, stamps(), bound("--from", from), bound("--to", to));
        List<Flaw> flaws = report.read(read);
        print(form.isJson ? report.json() : report.table());
        return told(flaws, report.notes());
    }

    private int owner(Recording read, int of) throws DocumentException {
        Moment moment = moment();
        MomentSearch search = new MomentSearch(moment, stamps());
        List<Flaw> flaws = read.read(search);
        Optional<Place> place = search.find();
        if (place.isEmpty()) {
            return nothing(search, flaws);
        }
        CpuReport report = CpuReport.at(of, stamps(), moment);
        var _ = report.read(read);
        RecordedNode node = MomentSearch.stateAt(read, place.get());
        print(form.isJson ? report.json() : report.answer(node));
        return told(flaws, search.notes());
    }

    private int state(Recording read) throws DocumentException {
        MomentSearch search = new MomentSearch(moment(), stamps());
        List<Flaw> flaws = read.read(search);
        Optional<Place> place = search.find();
        if (place.isEmpty()) {
            return nothing(search, flaws);
        }
        RecordedNode node = MomentSearch.stateAt(read, place.get());
        try {
            print(text(node));
        } catch (IllegalArgumentException e) {
            throw new DocumentException(place.get() + ": " + e.getMessage());
        }
        return told(flaws, search.notes());
    }

    /** Writes a state in the form that is asked for; throws IllegalArgumentException for one that no node has. */
    private String text(RecordedNode node) throws DocumentException {
        if (form.isJson) {
            return StatusJson.list(node.node(), node.pods());
        }
        String recorded = "revision " + node.revision() + ", recorded at " + stamps().text(node.time()) + "\n\n";
        return recorded + (form.isMap ? map(node) : new StatusTable(asked(node)).list(node.node(), node.pods()));
    }

    /** Returns the time to which ages are counted. */
    private Instant asked(RecordedNode node) throws DocumentException {
        return moment() instanceof Moment.AtTime(Instant time) ? time : node.time();
    }

    private String map(RecordedNode node) {
        return TextMap.text(
                StatusMap.of(
                        node.node(), node.pods(), Topologies.machine(node.node().getTopology())),
                width,
                Ansi.AUTO.enabled());
    }

    private int nothing(MomentSearch search, List<Flaw> flaws) {
        String begins = search.first()
                .map(first -> "; the recording begins at " + stamps().text(first))
                .orElse("; the recording has no state");
        spec.commandLine().getErr().println("podslice replay: nothing was recorded at that moment" + begins);
        var _ = told(flaws, List.of());
        return ExitCode.FAILED;
    }

    private void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(text);
        out.flush();
    }

    /** Prints what could not be read, and what must be known of the answer; returns the exit status. */
    private int told(List<Flaw> flaws, List<String> notes) {
        PrintWriter err = spec.commandLine().getErr();
        flaws.forEach(flaw -> err.println("podslice replay: " + Printable.of(flaw.toString())));
        notes.forEach(note -> err.println("podslice replay: " + Printable.of(note)));
        return flaws.stream().allMatch(Flaw::torn) ? ExitCode.OK : ExitCode.FAILED;
    }
}
