package io.podslice.simulator.apiserver;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page of a list that a request asks for.
 *
 * @param version the resource version of the whole list
 * @param after the last key of the page before; empty for the first page
 * @param limit the most objects; 0 for all
 */
record Page(long version, String after, long limit) {
    private static final Pattern TOKEN = Pattern.compile("(\\d{1,18}):(.+)");

    /** @param present the resource version of a list that begins now */
    static Page of(Query query, long present) throws ApiError {
        long limit = query.number("limit", 0);
        if (query.get("continue").isEmpty()) {
            return new Page(present, "", limit);
        }
        Matcher token = TOKEN.matcher(decoded(query.get("continue")));
        if (!token.matches()) {
            throw new ApiError(400, "BadRequest", "continue key is not valid");
        }
        return new Page(Long.parseLong(token.group(1)), token.group(2), limit);
    }

    private static String decoded(String token) throws ApiError {
        try {
            return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ApiError(400, "BadRequest", "continue key is not valid");
        }
    }

    ApiError expired() {
        return new ApiError(
                410, "Expired", "The provided continue parameter is too old to display a consistent list result.");
    }

    /** Returns the number of objects to look for: one more than the page has, which tells if it is the last. */
    long most() {
        return limit > 0 ? limit + 1 : Long.MAX_VALUE;
    }

    /** Returns the page's part of the objects that were found. */
    <T> List<T> cut(List<T> found) {
        return isLast(found) ? found : found.subList(0, (int) limit);
    }

    /** Returns the token of the next page; empty where there is none. */
    <T> String next(List<T> found, Function<T, String> key) {
        if (isLast(found)) {
            return "";
        }
        String token = version + ":" + key.apply(cut(found).getLast());
        return Base64.getUrlEncoder().encodeToString(token.getBytes(StandardCharsets.UTF_8));
    }

    private boolean isLast(List<?> found) {
        return limit <= 0 || found.size() <= limit;
    }
}
