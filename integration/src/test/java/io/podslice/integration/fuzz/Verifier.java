package io.podslice.integration.fuzz;

import com.google.protobuf.ByteString;
import io.podslice.grpc.Header;
import io.podslice.integration.fuzz.CallPlan.Decide;
import io.podslice.integration.fuzz.CallPlan.Kind;
import io.podslice.integration.fuzz.CallPlan.When;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Compares the bytes received with those sent and with the decisions, once a session is over. */
final class Verifier {

    private final ClientEnd client;
    private final RuntimeEnd runtime;
    private final boolean complete;
    private final boolean tight;

    /**
     * @param complete true if the connection was ended only after all was done
     * @param tight true if messages may have waited for memory, and the tap has sent SETTINGS of its own
     */
    Verifier(ClientEnd client, RuntimeEnd runtime, boolean complete, boolean tight) {
        this.client = client;
        this.runtime = runtime;
        this.complete = complete;
        this.tight = tight;
    }

    /**
     * Checks that frames of the connection, and of streams that the tap does not hold, arrive complete and in order;
     * with their exact bytes where the tap holds nothing at all.
     */
    void wires(List<CallPlan> plans) {
        if (plans.stream().allMatch(plan -> plan.kind() == Kind.PASSED)) {
            same("client to runtime", client.sent, runtime.got);
            same("runtime to client", runtime.sent, client.got);
            return;
        }
        same("of the connection, to the runtime", only(0, client.sentAsRead), only(0, runtime.gotAsRead));
        same("of the connection, to the client", only(0, runtime.sentAsRead), only(0, client.gotAsRead));
        withGaps("of PINGs, to the runtime", pings(client.sentAsRead), pings(runtime.gotAsRead));
        withGaps("of PINGs, to the client", pings(runtime.sentAsRead), pings(client.gotAsRead));
        for (StreamState stream : client.streams.values()) {
            if (stream.plan.kind() != Kind.HELD) {
                requests(stream, runtime.stream(stream.plan));
                List<Object> replies = only(stream.id, runtime.sentAsRead);
                same("of replies", replies, only(stream.id, client.gotAsRead), !stream.sentReset);
            }
        }
    }

    /**
     * Checks the requests. Frames that wait for a window need not arrive once either end has reset the stream. Frames
     * that the client sends before it learns of the runtime's reset may still arrive, and mean nothing there.
     */
    private void requests(StreamState there, @Nullable StreamState here) {
        List<Object> sent = only(there.id, client.sentAsRead);
        List<Object> got = only(there.id, runtime.gotAsRead);
        boolean reset = !sent.isEmpty()
                && !got.isEmpty()
                && sent.getLast() instanceof Frame last
                && last.type() == Frame.RST_STREAM
                && last.equals(got.getLast());
        if (reset) {
            sent.removeLast();
            got.removeLast();
        }
        if (here != null && here.sentReset) {
            withGaps("of requests to a runtime that has reset the stream", sent, got);
        } else {
            same("of requests", sent, got, !reset);
        }
    }

    /** Checks that frames arrive in order, of which some may be missing. */
    private static void withGaps(String what, List<?> sent, List<?> got) {
        Iterator<?> left = sent.iterator();
        for (Object arrived : got) {
            boolean found = false;
            while (!found && left.hasNext()) {
                Object frame = left.next();
                found = arrived.equals(frame) || (arrived instanceof Body body && body.hasGapsOf(frame));
            }
            if (!found) {
                throw new Violation("%s: %s arrived of %s".formatted(what, arrived, sent));
            }
        }
    }

    /** Returns the PINGs, of which the tap answers some itself; that each is answered, in order, is for a peer to see. */
    private static List<Object> pings(List<Object> frames) {
        return frames.stream()
                .filter(frame -> frame instanceof Frame plain && plain.type() == Frame.PING && !plain.has(Frame.ACK))
                .toList();
    }

    /**
     * Returns the frames of one stream, or (0) of the connection, that have to arrive as sent. Credit is counted
     * elsewhere and may overtake, PINGs too; DATA that has to wait for a window that the tap has used may be cut in
     * another way.
     */
    private List<Object> only(int id, List<Object> frames) {
        List<Object> result = new ArrayList<>();
        ByteString.Output data = ByteString.newOutput();
        for (Object frame : frames) {
            if (stream(frame) != id || (frame instanceof Frame plain && isCountedElsewhere(plain))) {
                continue;
            }
            if (frame instanceof Frame plain && plain.type() == Frame.DATA) {
                ByteBuffer content = plain.content();
                data.write(content.array(), content.arrayOffset() + content.position(), content.remaining());
                if (plain.has(Frame.END_STREAM)) {
                    result.add(new Body(data.toByteString(), true));
                    data.reset();
                }
                continue;
            }
            if (data.size() > 0) {
                result.add(new Body(data.toByteString(), false));
                data.reset();
            }
            result.add(frame);
        }
        if (data.size() > 0) {
            result.add(new Body(data.toByteString(), false));
        }
        return result;
    }

    private boolean isCountedElsewhere(Frame frame) {
        return frame.type() == Frame.WINDOW_UPDATE
                || frame.type() == Frame.PING
                || (tight && frame.type() == Frame.SETTINGS);
    }

    /** DATA frames in a row, without their padding. */
    private record Body(ByteString bytes, boolean end) {
        @Override
        public String toString() {
            return "DATA of " + bytes.size() + " bytes" + (end ? ", end" : "");
        }

        /** Tells if this is the beginning of the other body, and then a later piece of it. */
        boolean hasGapsOf(Object other) {
            if (!(other instanceof Body body) || (end && !body.end)) {
                return false;
            }
            int same = 0;
            int most = Math.min(bytes.size(), body.bytes.size());
            while (same < most && bytes.byteAt(same) == body.bytes.byteAt(same)) {
                same++;
            }
            String rest = bytes.substring(same).toString(StandardCharsets.ISO_8859_1);
            String later = body.bytes.substring(same).toString(StandardCharsets.ISO_8859_1);
            return end ? later.endsWith(rest) : later.contains(rest);
        }

        boolean begins(Object other) {
            return other instanceof Body body && body.bytes.startsWith(bytes) && (!end || equals(other));
        }
    }

    /**
     * Returns the stream of a frame; frames of types that belong to none may carry any number for one, and count as 0.
     */
    private static int stream(Object frame) {
        return switch (frame) {
            case Peer.Block block -> block.stream();
            case Frame plain when plain.type() == Frame.PRIORITY || plain.type() > Frame.CONTINUATION -> 0;
            case Frame plain -> plain.stream();
            default -> throw new IllegalArgumentException(frame.toString());
        };
    }

    private void same(String what, List<?> sent, List<?> got) {
        same(what, sent, got, true);
    }

    /** @param whole true if nothing may be missing at the end, after a connection that was not broken off */
    private void same(String what, List<?> sent, List<?> got, boolean whole) {
        int count = Math.min(sent.size(), got.size());
        for (int i = 0; i < count; i++) {
            boolean cutShort = (!complete || !whole) && i == got.size() - 1;
            boolean same = sent.get(i).equals(got.get(i))
                    || (cutShort && got.get(i) instanceof Body body && body.begins(sent.get(i)));
            if (!same) {
                throw new Violation(
                        "%s: frame %d was %s and arrived as %s".formatted(what, i, sent.get(i), got.get(i)));
            }
        }
        if (got.size() > sent.size()) {
            throw new Violation("%s: %s was never sent".formatted(what, got.get(count)));
        }
        if (sent.size() > got.size() && complete && whole) {
            throw new Violation("%s: %s has not arrived".formatted(what, sent.get(count)));
        }
    }

    /** Checks one call. */
    void call(Ledger.Entry entry) {
        if (!entry.complaints.isEmpty()) {
            throw new Violation(String.join("; ", entry.complaints));
        }
        CallPlan plan = entry.plan;
        StreamState there = client.stream(plan);
        StreamState here = runtime.stream(plan);
        if (there == null) {
            return;
        }
        check(entry.decided.get() <= 1, "decided once", entry);
        check(entry.succeeded.get() + entry.failed.get() <= entry.letGo.get(), "each outcome told once", entry);
        switch (plan.kind()) {
            case PASSED -> check(entry.decided.get() == 0 && entry.observed.get() == 0, "left alone", entry);
            case OBSERVED -> observed(entry, there);
            case HELD -> held(entry, there, here);
        }
    }

    private void observed(Ledger.Entry entry, StreamState there) {
        CallPlan plan = entry.plan;
        boolean success = plan.wholeMessage() && plan.reply().succeeds();
        boolean failure = plan.reply().status() != 0 || plan.reply().reset() >= 0;
        check(entry.observed.get() <= (failure ? 0 : 1), "observed only what succeeds, once", entry);
        if (success && there.gotEnd && plan.reply().when() == When.AT_THE_END) {
            check(entry.observed.get() == 1, "observed before the client sees the end", entry);
        }
    }

    private void held(Ledger.Entry entry, StreamState there, @Nullable StreamState here) {
        CallPlan plan = entry.plan;
        Decide decide = settled(plan.decision());
        boolean asked = entry.decided.get() > 0;
        if (here != null) {
            request(entry, decide, asked, there, here);
        }
        if (there.sentReset || !complete) {
            return;
        }
        check(there.gotEnd || there.gotReset, "the client is told an end", entry);
        boolean passed = here != null && isRuntimes(there, here);
        boolean goesOn = decide instanceof Decide.Forward || decide instanceof Decide.Replace;
        if (passed) {
            boolean early =
                    plan.reply().when() != When.AT_THE_END || plan.reply().reset() >= 0;
            check(goesOn || early || !asked, "the runtime's answer only where it was let answer", entry);
            if (there.gotEnd && asked && goesOn && there.sentEnd && plan.reply().when() == When.AT_THE_END) {
                boolean success = plan.reply().succeeds();
                boolean failure = plan.reply().status() != 0 || plan.reply().reset() >= 0;
                check(!success || entry.succeeded.get() == 1, "told of the success that the client saw", entry);
                check(!failure || entry.succeeded.get() == 0, "told of the failure that the client saw", entry);
            }
            return;
        }
        if (!plan.wholeMessage() && !asked) {
            check(there.gotReset || !status(there).equals("0"), "an odd request fails, if it is answered here", entry);
            return;
        }
        check(asked, "answered here only when asked", entry);
        switch (decide) {
            case Decide.Answer answer -> answered(entry, there, answer.message());
            case Decide.AnswerLater later -> answered(entry, there, later.message());
            case Decide.Fail fail -> {
                check(status(there).equals(Integer.toString(fail.code())), "the status decided on", entry);
                check(text(there).equals(fail.text()), "the text decided on, not " + text(there), entry);
                check(there.gotBody.size() == 0, "no message with an error", entry);
            }
            case Decide.Forward forward -> check(false, "the runtime's answer", entry);
            case Decide.Replace replace -> check(false, "the runtime's answer", entry);
            case Decide.Throw thrown -> throw new IllegalStateException();
            case Decide.Hang hang -> throw new IllegalStateException();
        }
    }

    /** Checks the request that the runtime saw of a held call: all of the decided one, or a beginning, or nothing. */
    private void request(Ledger.Entry entry, Decide decide, boolean asked, StreamState there, StreamState here) {
        CallPlan plan = entry.plan;
        check(here.gotHeaders.getFirst().equals(plan.headers()), "the request's header fields", entry);
        ByteString got = ByteString.copyFrom(here.gotBody.toByteArray());
        switch (decide) {
            case Decide.Forward forward -> {
                check(plan.body().startsWith(got), "the request as it was sent", entry);
                check(!here.gotEnd || got.equals(plan.body()), "all of the request", entry);
            }
            case Decide.Replace replace -> {
                if (here.gotEnd) {
                    check(unframed(got).equals(replace.message()), "the message decided on", entry);
                }
            }
            default -> {
                check(got.isEmpty(), "nothing of a request that is answered here", entry);
                check(!here.gotEnd, "no end of a request that is answered here", entry);
                if (asked && complete && !here.sentReset && !here.sentEnd) {
                    check(here.gotReset, "a reset of a request that is answered here", entry);
                }
            }
        }
        if (here.gotEnd) {
            check(there.sentEnd, "no end that the client has not sent", entry);
            List<List<Header>> trailers = here.gotHeaders.subList(1, here.gotHeaders.size());
            List<List<Header>> expected = plan.trailers().isEmpty() ? List.of() : List.of(plan.trailers());
            check(trailers.equals(expected), "the request's trailers", entry);
        }
    }

    /** Tells if the client saw the runtime's answer; of a stream that was reset, a beginning of it. */
    private static boolean isRuntimes(StreamState there, StreamState here) {
        ByteString body = ByteString.copyFrom(there.gotBody.toByteArray());
        int headers = there.gotHeaders.size();
        if (headers > here.sentHeaders.size()
                || !there.gotHeaders.equals(here.sentHeaders.subList(0, headers))
                || !here.body.startsWith(body)) {
            return false;
        }
        return (there.gotReset && !there.gotEnd)
                ? here.sentReset
                : here.sentEnd && headers == here.sentHeaders.size() && body.size() == here.bodySent;
    }

    private void answered(Ledger.Entry entry, StreamState there, ByteString message) {
        check(there.gotHeaders.size() == 2, "header fields and trailers", entry);
        Map<String, String> first = fields(there.gotHeaders.getFirst());
        check("200".equals(first.get(":status")), ":status 200", entry);
        check(first.getOrDefault("content-type", "").startsWith("application/grpc"), "gRPC's content type", entry);
        check(status(there).equals("0"), "status OK", entry);
        check(unframed(ByteString.copyFrom(there.gotBody.toByteArray())).equals(message), "the answer", entry);
    }

    private static String status(StreamState stream) {
        return stream.gotHeaders.isEmpty()
                ? "none"
                : fields(stream.gotHeaders.getLast()).getOrDefault("grpc-status", "none");
    }

    private static String text(StreamState stream) {
        String coded = fields(stream.gotHeaders.getLast()).getOrDefault("grpc-message", "");
        return URLDecoder.decode(coded.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static Map<String, String> fields(List<Header> fields) {
        return fields.stream().collect(Collectors.toMap(Header::name, Header::value, (one, other) -> other));
    }

    private static Decide settled(Decide decide) {
        return switch (decide) {
            case Decide.Throw thrown -> new Decide.Fail(13, "podslice failed: " + Ledger.PLANNED);
            case Decide.Hang hang -> hang.then();
            case Decide other -> other;
        };
    }

    /** Returns the one message of a body. */
    private static ByteString unframed(ByteString body) {
        if (body.size() < 5) {
            throw new Violation("a body of " + body.size() + " bytes has no message");
        }
        int length = body.substring(1, 5).asReadOnlyByteBuffer().getInt();
        if (length != body.size() - 5) {
            throw new Violation("a body of %d bytes with a message of %d".formatted(body.size(), length));
        }
        ByteString message = body.substring(5);
        if (body.byteAt(0) == 0) {
            return message;
        }
        try (InputStream unzipped = new GZIPInputStream(message.newInput())) {
            return ByteString.readFrom(unzipped);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check(boolean holds, String what, Ledger.Entry entry) {
        if (!holds) {
            throw new Violation("not so: " + what + "; " + entry);
        }
    }
}
