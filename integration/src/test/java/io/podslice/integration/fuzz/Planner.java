package io.podslice.integration.fuzz;

import com.google.protobuf.ByteString;
import io.podslice.grpc.Header;
import io.podslice.integration.fuzz.CallPlan.Decide;
import io.podslice.integration.fuzz.CallPlan.Kind;
import io.podslice.integration.fuzz.CallPlan.Reply;
import io.podslice.integration.fuzz.CallPlan.When;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;

/** Makes random calls. */
final class Planner {

    private static final AtomicLong IDS = new AtomicLong();
    private static final List<Header> NOTHING = List.of();

    private final Random random;
    private final boolean hasty;

    /** @param hasty true if handlers may take longer than the tap waits */
    Planner(Random random, boolean hasty) {
        this.random = random;
        this.hasty = hasty;
    }

    CallPlan plan(Kind kind) {
        long id = IDS.incrementAndGet();
        boolean gzip = random.nextInt(6) == 0;
        boolean wellFormed = random.nextInt(12) > 0;
        ByteString message = bytes();
        if (kind == Kind.OBSERVED) {
            message = Ledger.signed(id, message);
        }
        ByteString body = wellFormed ? framed(message, gzip) : oddBody(message, gzip);
        boolean grpc = kind != Kind.PASSED || random.nextBoolean();
        if (!grpc) {
            body = message;
        }
        boolean oddTrailers = random.nextInt(25) == 0;
        Reply reply = reply(kind);
        boolean never = reply.when() == When.NEVER;
        String path = switch (kind) {
            case HELD -> CallPlan.HELD;
            case OBSERVED -> CallPlan.OBSERVED;
            case PASSED -> "/fuzz.Passed/Call" + random.nextInt(3);
        };
        return new CallPlan(
                id,
                kind,
                path,
                requestHeaders(id, path, gzip),
                body,
                message,
                grpc && wellFormed,
                oddTrailers ? List.of(new Header("x-request-trailer", word())) : NOTHING,
                wellFormed ? decision(true) : new Decide.Forward(),
                never || random.nextInt(12) == 0 ? random.nextInt(60) : -1,
                random.nextInt(10) == 0 ? random.nextInt(body.size() + 1) : -1,
                reply);
    }

    private Decide decision(boolean mayFault) {
        return switch (random.nextInt(mayFault ? hasty ? 14 : 12 : 10)) {
            case 0, 1, 2 -> new Decide.Forward();
            case 3, 4, 5 -> new Decide.Replace(bytes());
            case 6 -> new Decide.Answer(bytes());
            case 7 -> new Decide.AnswerLater(bytes());
            case 8, 9 -> new Decide.Fail(1 + random.nextInt(16), random.nextInt(5) == 0 ? "100 % ü\n" : word());
            case 10, 11 -> new Decide.Throw();
            default -> new Decide.Hang(random.nextInt(60), decision(false));
        };
    }

    private List<Header> requestHeaders(long id, String path, boolean gzip) {
        List<Header> fields = new ArrayList<>();
        fields.add(new Header(":method", "POST"));
        fields.add(new Header(":scheme", "http"));
        fields.add(new Header(":path", path));
        fields.add(new Header(":authority", "localhost"));
        fields.add(new Header("content-type", "application/grpc"));
        fields.add(new Header("te", "trailers"));
        if (gzip) {
            fields.add(new Header("grpc-encoding", "gzip"));
        }
        fields.add(new Header(CallPlan.ID_HEADER, CallPlan.text(id)));
        extras(fields);
        return List.copyOf(fields);
    }

    private Reply reply(Kind kind) {
        When when = switch (random.nextInt(14)) {
            case 0 -> When.AT_ONCE;
            case 1 -> When.MIDWAY;
            case 2 -> When.NEVER;
            default -> When.AT_THE_END;
        };
        int status = random.nextInt(4) == 0 ? 1 + random.nextInt(16) : 0;
        boolean wellFormed = kind != Kind.PASSED && random.nextInt(20) > 0;
        boolean gzip = random.nextInt(6) == 0;
        boolean trailersOnly = status != 0 && random.nextBoolean();
        ByteString message = bytes();
        ByteString body = wellFormed ? framed(message, gzip) : oddBody(message, gzip);
        if (trailersOnly || random.nextInt(15) == 0) {
            body = ByteString.EMPTY;
            wellFormed = false;
        }
        List<Header> headers = new ArrayList<>();
        headers.add(new Header(":status", "200"));
        headers.add(new Header("content-type", "application/grpc"));
        if (gzip) {
            headers.add(new Header("grpc-encoding", "gzip"));
        }
        extras(headers);
        List<Header> trailers = new ArrayList<>();
        if (trailersOnly) {
            trailers.addAll(headers);
        }
        trailers.add(new Header("grpc-status", Integer.toString(status)));
        if (status != 0 || random.nextInt(10) == 0) {
            trailers.add(new Header("grpc-message", word()));
        }
        extras(trailers);
        boolean withoutTrailers = !trailersOnly && random.nextInt(25) == 0;
        return new Reply(
                when,
                trailersOnly ? NOTHING : List.copyOf(headers),
                body,
                message,
                wellFormed,
                withoutTrailers ? NOTHING : List.copyOf(trailers),
                status,
                random.nextInt(12) == 0 ? random.nextInt(14) : -1,
                random.nextInt(3) > 0);
    }

    private void extras(List<Header> fields) {
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            String value = switch (random.nextInt(6)) {
                case 0 -> "";
                case 1 -> "w".repeat(random.nextInt(300));
                case 2 -> random.nextInt(40) == 0 ? "long".repeat(random.nextInt(20_000)) : "short";
                case 3 -> "caf\u00e9 \u00ff";
                default -> word();
            };
            fields.add(new Header("x-extra-" + random.nextInt(6), value));
        }
    }

    private String word() {
        return "word-" + random.nextInt(12);
    }

    /** Returns random bytes: mostly a few, sometimes more than a window, rarely as much as CRI allows a message. */
    private ByteString bytes() {
        int scale = random.nextInt(1000);
        int size;
        if (scale < 80) {
            size = random.nextInt(3);
        } else if (scale < 600) {
            size = random.nextInt(300);
        } else if (scale < 900) {
            size = random.nextInt(5_000);
        } else if (scale < 985) {
            size = random.nextInt(80_000);
        } else if (scale < 999) {
            size = random.nextInt(400_000);
        } else {
            size = random.nextInt(3 << 20);
        }
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    /** Returns a body of no message, two, half of one, or one with something after it. */
    private ByteString oddBody(ByteString message, boolean gzip) {
        ByteString one = framed(message, gzip);
        return switch (random.nextInt(5)) {
            case 0 -> ByteString.EMPTY;
            case 1 -> one.concat(framed(bytes(), false));
            case 2 -> one.substring(0, random.nextInt(one.size()));
            case 3 -> one.concat(ByteString.copyFromUtf8("x"));
            default -> one.substring(0, Math.min(one.size() - 1, random.nextInt(6)));
        };
    }

    /** Returns the message with gRPC's length prefix. */
    static ByteString framed(ByteString message, boolean gzip) {
        ByteString payload = gzip ? zipped(message) : message;
        ByteArrayOutputStream prefix = new ByteArrayOutputStream(5);
        prefix.write(gzip ? 1 : 0);
        prefix.writeBytes(Frame.integer(payload.size()));
        return ByteString.copyFrom(prefix.toByteArray()).concat(payload);
    }

    private static ByteString zipped(ByteString message) {
        ByteString.Output out = ByteString.newOutput();
        try (OutputStream zip = new GZIPOutputStream(out)) {
            message.writeTo(zip);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteString();
    }
}
