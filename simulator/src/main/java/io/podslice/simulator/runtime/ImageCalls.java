package io.podslice.simulator.runtime;

import io.grpc.stub.StreamObserver;
import io.podslice.proto.cri.v1.Image;
import io.podslice.proto.cri.v1.ImageServiceGrpc;
import io.podslice.proto.cri.v1.ImageStatusRequest;
import io.podslice.proto.cri.v1.ImageStatusResponse;
import io.podslice.proto.cri.v1.ListImagesRequest;
import io.podslice.proto.cri.v1.ListImagesResponse;
import io.podslice.proto.cri.v1.PullImageRequest;
import io.podslice.proto.cri.v1.PullImageResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Answers the CRI calls about images that a pod's start needs: every pull succeeds at once. */
final class ImageCalls extends ImageServiceGrpc.ImageServiceImplBase {
    private final RuntimeState state;
    private final CallRunner runner;

    ImageCalls(RuntimeState state, CallRunner runner) {
        this.state = state;
        this.runner = runner;
    }

    static String idOf(String reference) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(reference.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static Image image(String reference, String id) {
        return Image.newBuilder().setId(id).addRepoTags(reference).setSize(1).build();
    }

    @Override
    public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> reply) {
        runner.run("ListImages", reply, midpoint -> {
            ListImagesResponse.Builder images = ListImagesResponse.newBuilder();
            String wanted = request.getFilter().getImage().getImage();
            state.images.forEach((reference, id) -> {
                if (wanted.isEmpty() || wanted.equals(reference) || wanted.equals(id)) {
                    images.addImages(image(reference, id));
                }
            });
            return images.build();
        });
    }

    @Override
    public void imageStatus(ImageStatusRequest request, StreamObserver<ImageStatusResponse> reply) {
        runner.run("ImageStatus", reply, midpoint -> {
            String reference = request.getImage().getImage();
            String id = state.images.get(reference);
            ImageStatusResponse.Builder status = ImageStatusResponse.newBuilder();
            return id == null
                    ? status.build()
                    : status.setImage(image(reference, id)).build();
        });
    }

    @Override
    public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> reply) {
        runner.run("PullImage", reply, midpoint -> {
            String reference = request.getImage().getImage();
            midpoint.reached();
            String id = idOf(reference);
            state.images.put(reference, id);
            return PullImageResponse.newBuilder().setImageRef(id).build();
        });
    }
}
