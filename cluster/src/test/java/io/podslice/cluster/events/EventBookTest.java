package io.podslice.cluster.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cluster.events.EventBook.Request;
import io.podslice.node.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Repeats become series, and neither memory nor requests grow with the number of incidents. */
class EventBookTest {
    private static final Instant START = Instant.parse("2026-11-30T12:00:00Z");
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Map<Outcome, Integer> counted = new EnumMap<>(Outcome.class);
    private final EventBook book = new EventBook(outcome -> counted.merge(outcome, 1, Integer::sum));
    private Duration passed = Duration.ZERO;

    private Moment now() {
        return new Moment(passed.toNanos(), START.plus(passed));
    }

    private void wait(Duration time) {
        passed = passed.plus(time);
    }

    private static PodIncident refusal(String pod, String note) {
        return new PodIncident(
                new PodName(pod + "-uid", "default", pod), EventKind.REFUSED, "TopologyAffinityError/", note);
    }

    private boolean refuse(String pod) {
        return book.add(refusal(pod, "TopologyAffinityError: no room"), now());
    }

    private Request take() {
        return book.take(now()).orElseThrow();
    }

    private Request written() {
        Request request = take();
        book.done(request, now());
        return request;
    }

    private void assertIdle() {
        assertThat(book.take(now())).isEmpty();
    }

    /** Writes all that becomes due within the time, as a server does that answers at once. */
    private List<Request> writtenWithin(Duration time) {
        List<Request> requests = new ArrayList<>();
        Duration end = passed.plus(time);
        while (true) {
            Optional<Request> due = book.take(now());
            if (due.isPresent()) {
                book.done(due.get(), now());
                requests.add(due.get());
                continue;
            }
            long next = book.next(now().nanos());
            if (next > end.toNanos()) {
                passed = end;
                return requests;
            }
            assertThat(next).as("what is due is taken").isGreaterThan(now().nanos());
            passed = Duration.ofNanos(next);
        }
    }

    @Test
    void anIncidentIsAnEvent() {
        assertThat(refuse("db")).isTrue();
        Request request = written();
        assertThat(request).isInstanceOf(Request.Create.class);
        assertThat(request.series().name()).matches("db\\.[0-9a-f]{16}");
        assertThat(request.series().count()).isEqualTo(1);
        assertIdle();
        assertThat(counted).isEqualTo(Map.of(Outcome.CREATED, 1));
    }

    @Test
    void theFirstRepeatBeginsASeriesAtOnceAndLaterOnesAreUpdatedEveryFiveMinutes() {
        refuse("db");
        written();
        wait(SECOND);
        assertThat(refuse("db")).isTrue();
        assertThat(written())
                .isInstanceOfSatisfying(
                        Request.Update.class,
                        update -> assertThat(update.series().count()).isEqualTo(2));
        wait(SECOND);
        refuse("db");
        assertThat(refuse("db")).as("is due no earlier than the one before").isFalse();
        assertIdle();
        wait(EventSeries.UPDATE_PAUSE.minus(SECOND.multipliedBy(2)));
        assertIdle();
        wait(SECOND);
        assertThat(written().series().count()).isEqualTo(4);
        assertThat(counted).isEqualTo(Map.of(Outcome.CREATED, 1, Outcome.UPDATED, 2, Outcome.AGGREGATED, 3));
    }

    @Test
    void anotherNoteIsARepeatAndAnotherReasonIsNone() {
        book.add(refusal("db", "TopologyAffinityError: 3 are free"), now());
        book.add(refusal("db", "TopologyAffinityError: 2 are free"), now());
        assertThat(written().series().incident().note()).endsWith("3 are free");
        assertIdle();
        PodIncident other = new PodIncident(
                new PodName("db-uid", "default", "db"), EventKind.REFUSED, "InvalidPodSpec/", "InvalidPodSpec: x");
        book.add(other, now());
        assertThat(written()).isInstanceOf(Request.Create.class);
    }

    @Test
    void repeatsThatComeBeforeItIsWrittenAreCreatedWithIt() {
        for (int i = 0; i < 7; i++) {
            refuse("db");
        }
        Request request = written();
        assertThat(request).isInstanceOf(Request.Create.class);
        assertThat(request.series().count()).isEqualTo(7);
        assertIdle();
    }

    @Test
    void repeatsThatComeWhileItIsWrittenAreNotLost() {
        refuse("db");
        Request request = take();
        refuse("db");
        book.done(request, now());
        assertThat(written())
                .isInstanceOfSatisfying(
                        Request.Update.class,
                        update -> assertThat(update.series().count()).isEqualTo(2));
    }

    @Test
    void aSeriesThatHasEndedIsFollowedByAnotherEvent() {
        refuse("db");
        String name = written().series().name();
        wait(EventSeries.END.plus(SECOND));
        refuse("db");
        Request request = written();
        assertThat(request).isInstanceOf(Request.Create.class);
        assertThat(request.series().name()).isNotEqualTo(name);
        assertThat(request.series().count()).isEqualTo(1);
    }

    @Test
    void anEventThatTheServerHasForgottenIsCreatedAnewWithItsSeries() {
        refuse("db");
        String name = written().series().name();
        refuse("db");
        book.gone(take(), now());
        Request request = written();
        assertThat(request).isInstanceOf(Request.Create.class);
        assertThat(request.series().name()).isEqualTo(name);
        assertThat(request.series().count()).isEqualTo(2);
    }

    @Test
    void whatFailsIsAskedAgainAndWhatIsRefusedIsNot() {
        refuse("db");
        take();
        book.failed();
        assertThat(take()).isInstanceOf(Request.Create.class);
        book.refused(take());
        assertIdle();
        assertThat(counted).isEqualTo(Map.of(Outcome.ERROR, 2));
    }

    @Test
    void whatCouldNotBeWrittenForAnHourIsDropped() {
        refuse("db");
        wait(EventSeries.NEWS.plus(SECOND));
        assertIdle();
        assertThat(book.size()).isZero();
        assertThat(counted).isEqualTo(Map.of(Outcome.DROPPED, 1));
    }

    @Test
    void tenThousandRefusalsOfOnePodAreAHandfulOfRequests() {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            refuse("db");
            requests.addAll(writtenWithin(Duration.ofMillis(100)));
        }
        requests.addAll(writtenWithin(Duration.ofHours(1)));
        assertThat(requests).hasSizeBetween(3, 7);
        assertThat(requests.getLast().series().count()).isEqualTo(10_000);
        assertThat(counted.get(Outcome.AGGREGATED)).isEqualTo(9_999);
        assertThat(counted).doesNotContainKey(Outcome.DROPPED);
    }

    @Test
    void aPodsManyDifferentIncidentsAreBoundedForThePod() {
        Duration hour = Duration.ofHours(1);
        List<Request> requests = new ArrayList<>();
        PodName pod = new PodName("db-uid", "default", "db");
        for (int i = 0; i < 3600; i++) {
            book.add(new PodIncident(pod, EventKind.DEFERRED, "asked " + i, "asked " + i), now());
            assertThat(book.size()).isLessThanOrEqualTo(EventBook.MOST_OF_POD);
            requests.addAll(writtenWithin(SECOND));
        }
        assertThat(requests)
                .hasSizeLessThanOrEqualTo(EventBook.OF_POD.burst() + (int) hour.dividedBy(EventBook.OF_POD.pause()));
        assertThat(counted.get(Outcome.DROPPED)).isGreaterThan(3000);
    }

    @Test
    void manyPodsAreBoundedForTheNodeInMemoryAndRequests() {
        for (int i = 0; i < 10_000; i++) {
            refuse("pod-" + i);
            assertThat(book.size()).isLessThanOrEqualTo(EventBook.MOST);
        }
        assertThat(counted.get(Outcome.DROPPED)).isEqualTo(10_000 - EventBook.MOST);
        assertThat(writtenWithin(Duration.ZERO)).hasSize(EventBook.OF_NODE.burst());
        assertThat(writtenWithin(Duration.ofMinutes(1))).hasSize(30);
    }

    @Test
    void onePodsStormDoesNotHoldUpAnother() {
        PodName noisy = new PodName("noisy-uid", "default", "noisy");
        for (int i = 0; i < 200; i++) {
            book.add(new PodIncident(noisy, EventKind.DEFERRED, "asked " + i, "asked " + i), now());
        }
        refuse("db");
        assertThat(writtenWithin(Duration.ofSeconds(5)))
                .extracting(request -> request.series().incident().pod().name())
                .contains("db");
    }

    @Test
    void namesAreOfTheirOwnAndFit() {
        String longest = "a".repeat(235) + "-".repeat(1) + "b".repeat(17);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 16; i++) {
            book.add(new PodIncident(new PodName("u" + i, "default", longest), EventKind.GRANTED, "", "has 4"), now());
            names.add(written().series().name());
        }
        assertThat(names).hasSize(16).allSatisfy(name -> {
            assertThat(name).hasSizeLessThanOrEqualTo(253).matches("a+\\.[0-9a-f]{16}");
        });
    }

    /** The count that the server has in the end is the number of incidents, but for what was said to be dropped. */
    @RepeatedTest(20)
    void nothingIsLostUnsaid(RepetitionInfo info) {
        Random random = new Random(info.getCurrentRepetition());
        Map<String, Integer> server = new HashMap<>();
        int incidents = 0;
        for (int step = 0; step < 2000; step++) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    refuse("pod-" + random.nextInt(12));
                    incidents++;
                }
                case 2 -> wait(Duration.ofSeconds(random.nextInt(90)));
                default -> {
                    Optional<Request> due = book.take(now());
                    if (due.isPresent()) {
                        answer(due.get(), random, server);
                    }
                }
            }
        }
        writtenWithin(Duration.ofHours(2)).forEach(request -> store(request, server));
        int known = server.values().stream().mapToInt(Integer::intValue).sum();
        assertThat(counted.getOrDefault(Outcome.DROPPED, 0)).isZero();
        assertThat(known).isEqualTo(incidents);
    }

    private void answer(Request request, Random random, Map<String, Integer> server) {
        switch (random.nextInt(6)) {
            case 0 -> book.failed();
            case 1 -> {
                if (request instanceof Request.Update) {
                    server.remove(request.series().name());
                    book.gone(request, now());
                } else {
                    book.failed();
                }
            }
            default -> {
                store(request, server);
                book.done(request, now());
            }
        }
    }

    private static void store(Request request, Map<String, Integer> server) {
        boolean isNew = server.put(request.series().name(), request.series().count()) == null;
        assertThat(isNew).isEqualTo(request instanceof Request.Create);
    }
}
