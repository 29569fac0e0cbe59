package io.podslice.cluster.events;

import io.podslice.cluster.apiserver.ApiException;
import io.podslice.cluster.apiserver.ApiServer;
import io.podslice.cluster.apiserver.Deadline;
import io.podslice.cluster.apiserver.NodeName;
import io.podslice.cluster.events.EventBook.Request;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeMeter;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events on pods through the API server ({@code podSpecs.apiServer.events}). Hearing of an incident takes note of it in
 * bounded memory and nothing else; one thread calls the API server, so that an API server that is away holds nothing up.
 */
public final class PodEvents implements NodeMeter, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PodEvents.class);

    private static final Duration CALL = Duration.ofSeconds(10);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final int MOST_DOUBLINGS = 8;

    /** The API server's words on a namespace that is being deleted, in which nothing can be created. */
    private static final String TERMINATING = "is being terminated";

    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private final ApiServer server;
    private final NodeName nodeName;
    private final NodeMeter counts;
    private final InstantSource clock;
    private final Duration firstPause;
    private final long begin = System.nanoTime();
    private final EventBook book;
    private final Thread thread;

    /**
     * @param server the API server; the credentials must be allowed to create and patch {@code events.events.k8s.io}
     * @param nodeName this node's name
     * @param counts counts what becomes of events
     */
    public PodEvents(ApiServer server, NodeName nodeName, NodeMeter counts) {
        this(server, nodeName, counts, InstantSource.system(), FIRST_PAUSE);
    }

    /** @param firstPause the time after a failure; it doubles with each further one in a row */
    PodEvents(ApiServer server, NodeName nodeName, NodeMeter counts, InstantSource clock, Duration firstPause) {
        this.server = server;
        this.nodeName = nodeName;
        this.counts = counts;
        this.clock = clock;
        this.firstPause = firstPause;
        this.book = new EventBook(this::count);
        this.thread = Thread.ofVirtual().name("pod-events").start(this::run);
    }

    private void count(Outcome outcome) {
        counts.count(NodeCounter.EVENTS, outcome.label());
    }

    @Override
    public void note(NodeIncident incident) {
        Optional<PodIncident> ofPod = PodIncident.of(incident);
        if (ofPod.isPresent()) {
            add(ofPod.get());
        }
    }

    private synchronized void add(PodIncident incident) {
        if (book.add(incident, now())) {
            notifyAll();
        }
    }

    private Moment now() {
        return new Moment(System.nanoTime() - begin, clock.instant());
    }

    private void run() {
        try {
            int failures = 0;
            while (true) {
                failures = write(take(), failures == 0) ? 0 : Math.min(failures + 1, MOST_DOUBLINGS);
                if (failures > 0) {
                    Thread.sleep(firstPause.multipliedBy(1L << (failures - 1)));
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("no more events on pods are written");
        }
    }

    private synchronized Request take() throws InterruptedException {
        while (true) {
            Optional<Request> due = book.take(now());
            if (due.isPresent()) {
                return due.get();
            }
            long now = now().nanos();
            long left = book.next(now) - now;
            wait(Math.clamp(left / 1_000_000 + 1, 1, LONGEST_WAIT.toMillis()));
        }
    }

    /**
     * Makes a request.
     *
     * @param isNews true if the one before it has succeeded, so that a failure is worth a line in the log
     * @return false if the next one has to wait
     */
    private boolean write(Request request, boolean isNews) {
        try {
            send(request);
            settle(request, true);
            if (!isNews) {
                LOG.info("events on pods are written again");
            }
            return true;
        } catch (ApiException e) {
            return failed(request, e, isNews);
        } catch (IOException e) {
            failed(String.valueOf(e.getMessage()), isNews);
            return false;
        } catch (RuntimeException e) {
            settle(request, false);
            LOG.error(
                    "an event on pod {} cannot be written",
                    request.series().incident().pod().fullName(),
                    e);
            return false;
        }
    }

    private void send(Request request) throws IOException {
        EventSeries series = request.series();
        String events =
                "/apis/events.k8s.io/v1/namespaces/" + series.incident().pod().namespace() + "/events";
        switch (request) {
            case Request.Create _ ->
                server.create(events, EventJson.created(series, nodeName.get()), Deadline.in(CALL));
            case Request.Update _ ->
                server.merge(events + "/" + series.name(), EventJson.updated(series), Deadline.in(CALL));
        }
    }

    private boolean failed(Request request, ApiException e, boolean isNews) {
        boolean creates = request instanceof Request.Create;
        if (creates && e.isConflict()) {
            // The answer to an attempt before this one was lost.
            settle(request, true);
            return true;
        }
        if (!creates && e.isNotFound()) {
            gone(request);
            return true;
        }
        String why = String.valueOf(e.getMessage());
        if (e.isNotFound() || why.contains(TERMINATING)) {
            settle(request, false); // The namespace has gone, or goes.
            return true;
        }
        if (e.isInvalid()) {
            settle(request, false);
            LOG.warn(
                    "an event on pod {} cannot be written: {}",
                    request.series().incident().pod().fullName(),
                    why);
            return true;
        }
        if (e.code() == 403) {
            settle(request, false);
            tell(why + "; it needs the rights to create and patch events.events.k8s.io", isNews);
            return false;
        }
        failed(why, isNews);
        return false;
    }

    private synchronized void failed(String why, boolean isNews) {
        book.failed();
        tell(why, isNews);
    }

    private static void tell(String why, boolean isNews) {
        // Once it is closed the calls fail, which is no news.
        if (isNews && !Thread.currentThread().isInterrupted()) {
            LOG.warn("events on pods cannot be written: {}", why);
        }
    }

    private synchronized void settle(Request request, boolean isDone) {
        if (isDone) {
            book.done(request, now());
        } else {
            book.refused(request);
        }
    }

    private synchronized void gone(Request request) {
        book.gone(request, now());
    }

    /** Stops; events that have not been written are lost. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
