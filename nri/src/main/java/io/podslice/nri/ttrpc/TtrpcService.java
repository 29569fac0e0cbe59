package io.podslice.nri.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;

/** A service that a {@link TtrpcServer} offers. */
public interface TtrpcService {

    /**
     * Answers a call. Called on a platform thread of its own.
     *
     * @param method the method's name, without the service's
     * @param payload the request's message, encoded
     * @param reply gets the answer, from any thread; only the first one counts
     * @throws TtrpcException the status that the caller gets instead
     * @throws InvalidProtocolBufferException if the payload is not the method's message; the caller is told so
     */
    void call(String method, ByteString payload, CallContext context, Reply reply)
            throws TtrpcException, InvalidProtocolBufferException;

    /** The way back to the caller. Blocks while the connection takes nothing, and throws nothing. */
    interface Reply {
        /** Answers with the response's message, encoded. */
        void with(ByteString response);

        /** Answers with the response's message. */
        default void with(MessageLite response) {
            with(response.toByteString());
        }

        /** Answers with a status. */
        void refused(TtrpcException status);
    }

    /** Returns the exception for a method that does not exist. */
    static TtrpcException unknown(String service, String method) {
        return new TtrpcException(
                TtrpcStatus.UNIMPLEMENTED, "method " + service + "." + method + " is not implemented");
    }
}
