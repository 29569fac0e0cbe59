package io.podslice.simulator.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The double takes events as the API server does, and refuses the others. */
class EventsTest {
    private static final String PATH = "/apis/events.k8s.io/v1/namespaces/default/events";
    private static final String JSON = "application/json";
    private static final String MERGE = "application/merge-patch+json";
    private static final String EVENT = """
            {"metadata":{"namespace":"default","name":"db.1"},"eventTime":"2026-11-30T12:00:00.000001Z",
             "reportingController":"podslice.io/agent","reportingInstance":"node-a","action":"Admitting","reason":"R",
             "regarding":{"kind":"Pod","name":"db"},"note":"n","type":"Normal"}""";
    private static final String SERIES =
            "\"series\":{\"count\":2,\"lastObservedTime\":\"2026-11-30T12:00:01.000000Z\"}";

    private final ApiServerDouble server = new ApiServerDouble(false, ApiOptions.DEFAULT);
    private ApiClient client;

    @BeforeEach
    void start() {
        server.start();
        server.allow("token");
        client = ApiClient.plain(server, "token");
    }

    @AfterEach
    void end() {
        server.close();
    }

    private HttpResponse<String> create(String event) throws IOException, InterruptedException {
        return client.post(PATH, JSON, event);
    }

    @Test
    void anEventIsCreatedOnceAndItsSeriesIsUpdated() throws Exception {
        assertThat(create(EVENT).statusCode()).isEqualTo(201);
        assertThat(create(EVENT).body()).contains("AlreadyExists");
        assertThat(client.patch(PATH + "/db.1", MERGE, "{" + SERIES + "}").statusCode())
                .isEqualTo(200);
        assertThat(server.events().all())
                .singleElement()
                .satisfies(
                        event -> assertThat(event.at("/series/count").asInt()).isEqualTo(2));
        assertThat(client.patch(PATH + "/db.1", MERGE, "{\"note\":\"other\"}").statusCode())
                .isEqualTo(422);
        assertThat(client.patch(PATH + "/db.1", JSON, "{" + SERIES + "}").statusCode())
                .isEqualTo(415);
        server.events().expire();
        assertThat(client.patch(PATH + "/db.1", MERGE, "{" + SERIES + "}").statusCode())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "'\"name\":\"db.1\"', '\"name\":\"Db_1\"'",
        "'.000001Z', 'Z'",
        "'\"action\":\"Admitting\",', ''",
        "'\"node-a\"', '\"\"'",
        "'Normal', 'Bad'",
        "'\"namespace\":\"default\"', '\"namespace\":\"other\"'",
        "'\"note\":\"n\"', '\"series\":{\"count\":1}'"
    })
    void anInvalidEventIsRefused(String right, String wrong) throws Exception {
        assertThat(EVENT).contains(right);
        HttpResponse<String> answer = create(EVENT.replace(right, wrong));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
        assertThat(server.events().all()).isEmpty();
    }

    @Test
    void callersNeedTheRightAndTheNamespace() throws Exception {
        server.events().permit(false);
        assertThat(create(EVENT).body()).contains("cannot create resource");
        server.events().permit(true);
        server.events().removeNamespace("default");
        assertThat(create(EVENT).statusCode()).isEqualTo(404);
        server.revoke("token");
        assertThat(create(EVENT).statusCode()).isEqualTo(401);
        assertThat(client.get(PATH).statusCode()).isEqualTo(401);
    }
}
