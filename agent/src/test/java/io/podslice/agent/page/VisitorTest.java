package io.podslice.agent.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.http.HttpRequest;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VisitorTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /        | Host: localhost                                             | true",
                "GET /        | Host: LOCALHOST:9420                                        | true",
                "GET /        | Host: 127.0.0.1:9420                                        | true",
                "GET /        | Host: 127.3.2.1:80                                          | true",
                "GET /        | Host: [::1]:9420                                            | true",
                "GET /        | Host: attacker.example                                      | false",
                "GET /        | Host: localhost.attacker.example:9420                       | false",
                "GET /        | Host: 127.0.0.1.attacker.example                            | false",
                "GET /        | Host: 10.0.0.1:9420                                         | false",
                "GET /        | Host: localhost:9420@attacker.example                       | false",
                "GET /        | Host:                                                       | false",
                "GET /        | X: y                                                        | false",
                "GET /        | Host: localhost;Sec-Fetch-Site: cross-site                  | true",
                "GET /events  | Host: localhost;Sec-Fetch-Site: cross-site                  | false",
                "GET /events  | Host: localhost;Sec-Fetch-Site: same-origin                 | true",
                "GET /events  | Host: localhost:1;Origin: http://localhost:2                | false",
                "POST /what-if| Host: localhost:1;Origin: http://localhost:1                | true",
                "POST /what-if| Host: localhost:1                                           | true",
                "POST /what-if| Host: localhost:1;Origin: https://localhost:1               | false",
                "POST /what-if| Host: localhost:1;Origin: null                              | false",
                "POST /what-if| Host: localhost:1;Origin: http://attacker.example           | false",
                "POST /what-if| Host: localhost:1;Sec-Fetch-Site: same-site                 | false"
            })
    void onlyABrowserThatWasPointedHereIsAnswered(String line, String fields, boolean answered) {
        String[] words = line.strip().split(" ", -1);
        List<String> lines = Stream.of(fields.split(";", -1)).map(String::strip).toList();
        HttpRequest request = new HttpRequest(words[0], words[1], "", lines, "");
        assertThat(Visitor.problem(request).isEmpty()).isEqualTo(answered);
    }
}
