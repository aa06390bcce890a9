package dev.bridgehead.operator.election;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.Set;

/**
 * Lets a client's writes pass only while the fence is open. Reads always pass.
 *
 * <p>The client must not try again by itself: an exception in a second attempt, which is made by a
 * timer's thread, would reach nobody, and whoever waits for the answer would wait for ever.
 */
public final class FencedWrites implements Interceptor {
  private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");

  private final Fence fence;

  public FencedWrites(Fence fence) {
    this.fence = fence;
  }

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    if (!READS.contains(request.method()) && !fence.open()) {
      throw new NotLeaderException(request.method(), request.uri().getPath());
    }
  }
}
