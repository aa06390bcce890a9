package dev.bridgehead.operator.model;

import dev.bridgehead.api.RefKind;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a bridgehead needs of a Secret or ConfigMap: only the keys that its spec uses.
 *
 * @param kind what holds it
 * @param name the object's name
 * @param data values by key, in base64
 */
public record Material(RefKind kind, String name, SortedMap<String, String> data) {
  public Material {
    data = new TreeMap<>(data);
  }

  @Override
  public String toString() {
    return kind + " " + name + " " + data.keySet(); // never the values
  }
}
