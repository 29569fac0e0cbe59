package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Errors that no thread catches, in a process of their own. */
class UncaughtTest {
    private static final String ENDS = "; podslice ends at once, to be started again";

    /** A place in which an Error comes up. */
    enum Place {
        THREAD("thread accept: java.lang.OutOfMemoryError: unable to create native thread"),
        VIRTUAL_THREAD("thread watch: java.lang.OutOfMemoryError: unable to create native thread"),
        POOL("thread ForkJoinPool-1-worker-1: java.lang.StackOverflowError"),
        DIRECT_MEMORY("thread pump: java.lang.OutOfMemoryError: Cannot reserve 1048576 bytes of direct buffer memory"),
        CAUSE("thread finish: java.lang.NoClassDefFoundError: io/podslice/Gone"),
        MAIN("thread main: java.lang.AssertionError: wrong");

        private final String line;

        Place(String line) {
            this.line = line;
        }
    }

    /** A program with an Error in it that would run for minutes otherwise. */
    public static final class Program {
        private Program() {}

        public static void main(String[] args) throws InterruptedException {
            Uncaught.handle();
            switch (Place.valueOf(args[0])) {
                case THREAD -> Thread.ofPlatform().daemon().name("accept").start(Program::noThread);
                case VIRTUAL_THREAD -> Thread.ofVirtual().name("watch").start(Program::noThread);
                case POOL ->
                    new ForkJoinPool(1).execute(() -> {
                        throw new StackOverflowError();
                    });
                case DIRECT_MEMORY ->
                    Thread.ofPlatform().name("pump").start(() -> {
                        List<ByteBuffer> buffers = new ArrayList<>();
                        while (buffers.size() < 1024) {
                            buffers.add(ByteBuffer.allocateDirect(1 << 20));
                        }
                    });
                case CAUSE ->
                    Thread.ofVirtual().name("finish").start(() -> {
                        throw new CompletionException(new NoClassDefFoundError("io/podslice/Gone"));
                    });
                case MAIN -> throw new AssertionError("wrong");
            }
            Thread.sleep(TimeUnit.MINUTES.toMillis(5));
        }

        private static void noThread() {
            throw new OutOfMemoryError("unable to create native thread");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anErrorEndsTheProcessAtOnceWithOneLine(Place place) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:MaxDirectMemorySize=4m",
                        "-Dslf4j.provider=io.podslice.agent.log.LogProvider",
                        "-Dslf4j.internal.verbosity=WARN",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        place.name())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isEqualTo(ExitCode.ERROR);
        assertThat(said.lines().toList())
                .singleElement()
                .asString()
                .contains(place.line)
                .endsWith(ENDS);
    }

    @Test
    void anExceptionCostsItsThreadAlone() throws InterruptedException {
        List<Integer> ended = new ArrayList<>();
        Thread thread = Thread.ofPlatform().unstarted(() -> {
            throw new IllegalStateException("a fault", new IllegalArgumentException("its cause"));
        });
        thread.setUncaughtExceptionHandler(new Uncaught(ended::add));
        thread.start();
        thread.join();
        assertThat(ended).isEmpty();
    }

    @Test
    void causesThatAreACircleAreNotFollowedForEver() {
        List<Integer> ended = new ArrayList<>();
        IllegalStateException first = new IllegalStateException("first");
        IllegalStateException second = new IllegalStateException("second", first);
        first.initCause(second);
        new Uncaught(ended::add).uncaughtException(Thread.currentThread(), first);
        assertThat(ended).isEmpty();
    }
}
