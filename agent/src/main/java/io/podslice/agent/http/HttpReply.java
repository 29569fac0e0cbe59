package io.podslice.agent.http;

/** The reply to an HTTP/1 request; its connection ends with it. */
public sealed interface HttpReply permits HttpAnswer, HttpStream {}
