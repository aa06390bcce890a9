package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.api.ApiGroup;
import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadStatus;
import dev.bridgehead.operator.kube.Events;

/** What events are about, and what status patches are made on. */
final class Subjects {
  private Subjects() {}

  /** Users read events on what they wrote. */
  static Events.Subject connectorOf(Bridgehead bridgehead) {
    return new Events.Subject(
        ApiGroup.API_VERSION,
        "SmtpConnector",
        bridgehead.getMetadata().getNamespace(),
        bridgehead.getSpec().connector().name(),
        bridgehead.getSpec().connector().uid());
  }

  /** What is told once for each generation. */
  static String occasion(Bridgehead bridgehead) {
    return bridgehead.getMetadata().getUid() + " " + bridgehead.getMetadata().getGeneration();
  }

  /** A fresh object: server-side apply takes every field in it for ours. */
  static Bridgehead statusOnly(Bridgehead bridgehead, BridgeheadStatus status) {
    Bridgehead fresh = new Bridgehead();
    fresh.getMetadata().setNamespace(bridgehead.getMetadata().getNamespace());
    fresh.getMetadata().setName(bridgehead.getMetadata().getName());
    fresh.setStatus(status);
    return fresh;
  }
}
