package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.RefKind;
import dev.bridgehead.operator.model.References.Target;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches of the Secrets and ConfigMaps that Bridgeheads name, one for each object by its name:
 * Secrets may not be listed. A watch lives as long as a Bridgehead names its object, and serves all
 * that do. It costs a connection, so there is a bound; whoever is beyond it, or whose watch has
 * ended, is served by the timer, and followed again at its next look.
 */
final class ReferenceWatches extends AbstractEventSource<Void, Bridgehead> {
  private static final Logger LOG = LoggerFactory.getLogger(ReferenceWatches.class);

  /** Connections are cheap up to some hundreds. */
  private static final int MOST = 500;

  private record Place(String namespace, Target target) {}

  private final class Watched implements Watcher<HasMetadata> {
    private final Place place;
    private final Set<ResourceID> bridgeheads = new HashSet<>();
    private volatile Watch watch = () -> {};

    Watched(Place place) {
      this.place = place;
    }

    @Override
    public void eventReceived(Action action, HasMetadata object) {
      Set<ResourceID> interested;
      synchronized (watches) {
        interested = Set.copyOf(bridgeheads);
      }
      interested.forEach(id -> getEventHandler().handleEvent(new Event(id)));
    }

    @Override
    public void onClose(WatcherException why) {
      LOG.debug("the watch of {} ended: {}", place, why.toString());
      synchronized (watches) {
        watches.remove(place, this);
      }
    }

    @Override
    public void onClose() {
      LOG.trace("the watch of {} is closed", place);
    }
  }

  private final KubernetesClient client;
  private final Map<Place, Watched> watches = new HashMap<>(); // its own lock

  ReferenceWatches(KubernetesClient client) {
    super(Void.class, "references");
    this.client = client;
  }

  @Override
  public Set<Void> getSecondaryResources(Bridgehead bridgehead) {
    return Set.of(); // they are read when they are needed, and kept nowhere
  }

  /** Follows what a Bridgehead names now, and nothing else for it. */
  void follow(Bridgehead bridgehead, Set<Target> targets) {
    ResourceID id = ResourceID.fromResource(bridgehead);
    String namespace = bridgehead.getMetadata().getNamespace();
    Set<Place> wanted = new HashSet<>();
    targets.forEach(target -> wanted.add(new Place(namespace, target)));
    for (Place place : join(id, wanted)) {
      open(place, id);
    }
  }

  /** A Bridgehead that is gone names nothing. */
  void forget(Bridgehead bridgehead) {
    follow(bridgehead, Set.of());
  }

  /** Joins watches that are there, leaves those that are not wanted; gives those to be opened. */
  private Set<Place> join(ResourceID id, Set<Place> wanted) {
    Set<Place> missing = new HashSet<>(wanted);
    Set<Watched> unused = new HashSet<>();
    synchronized (watches) {
      watches
          .entrySet()
          .removeIf(
              entry -> {
                Watched watched = entry.getValue();
                if (wanted.contains(entry.getKey())) {
                  missing.remove(entry.getKey());
                  watched.bridgeheads.add(id);
                } else if (watched.bridgeheads.remove(id) && watched.bridgeheads.isEmpty()) {
                  unused.add(watched);
                  return true;
                }
                return false;
              });
    }
    unused.forEach(watched -> watched.watch.close());
    return missing;
  }

  private void open(Place place, ResourceID id) {
    Watched watched = new Watched(place);
    synchronized (watches) {
      if (watches.size() >= MOST || watches.putIfAbsent(place, watched) != null) {
        return;
      }
      watched.bridgeheads.add(id);
    }
    try {
      watched.watch = watch(place, watched);
      if (!stillWanted(watched)) {
        watched.watch.close();
      }
    } catch (KubernetesClientException e) {
      LOG.debug("{} can't be watched: {}", place, e.toString());
      synchronized (watches) {
        watches.remove(place, watched);
      }
    }
  }

  /** Whoever named it may have gone before the watch was open. */
  private boolean stillWanted(Watched watched) {
    synchronized (watches) {
      return watches.get(watched.place) == watched;
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // a watcher of any object takes each kind's
  private Watch watch(Place place, Watcher<HasMetadata> watcher) {
    String name = place.target().name();
    return place.target().kind() == RefKind.SECRET
        ? client.secrets().inNamespace(place.namespace()).withName(name).watch((Watcher) watcher)
        : client
            .configMaps()
            .inNamespace(place.namespace())
            .withName(name)
            .watch((Watcher) watcher);
  }

  @Override
  public void stop() {
    super.stop();
    Set<Watched> all;
    synchronized (watches) {
      all = Set.copyOf(watches.values());
      watches.clear();
    }
    all.forEach(watched -> watched.watch.close());
  }
}
