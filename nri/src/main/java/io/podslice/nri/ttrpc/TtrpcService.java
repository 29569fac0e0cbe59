package io.podslice.nri.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;

/** A service that a {@link TtrpcServer} offers. */
public interface TtrpcService {

    /**
     * Answers a call. Called on a virtual thread of its own.
     *
     * @param method the method's name, without the service's
     * @param payload the request's message, encoded
     * @return the response's message, encoded
     * @throws TtrpcException the status that the caller gets instead
     * @throws InvalidProtocolBufferException if the payload is not the method's message; the caller is told so
     */
    ByteString call(String method, ByteString payload, CallContext context)
            throws TtrpcException, InvalidProtocolBufferException;

    /** Returns the exception for a method that does not exist. */
    static TtrpcException unknown(String service, String method) {
        return new TtrpcException(
                TtrpcStatus.UNIMPLEMENTED, "method " + service + "." + method + " is not implemented");
    }
}
