package dev.bridgehead.operator.model;

import dev.bridgehead.manifest.Credentials;
import dev.bridgehead.manifest.PemCertificates;
import dev.bridgehead.manifest.TlsKeyPair;
import dev.bridgehead.validation.UserList;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What an object that a spec names is for: which of its keys are used, and what they must hold. The
 * relays would refuse what is faulty, and go on with what they have: better said where people look.
 */
enum Use {
  LOGIN(Credentials::keys, Use::credentialsFaults),
  ROOTS(_ -> Set.of("ca.crt"), Use::rootsFaults),
  KEY_PAIR(_ -> Set.of(TlsKeyPair.CERTIFICATE, TlsKeyPair.KEY), Use::keyPairFaults),
  USERS(_ -> Set.of(UserList.KEY), Use::usersFaults);

  private final Function<Set<String>, Set<String>> keys;
  private final Function<Map<String, byte[]>, List<String>> faults;

  Use(Function<Set<String>, Set<String>> keys, Function<Map<String, byte[]>, List<String>> faults) {
    this.keys = keys;
    this.faults = faults;
  }

  /** The keys that are used, also those that it must have and has not. */
  Set<String> keys(Map<String, String> data) {
    return keys.apply(data.keySet());
  }

  /**
   * What is wrong with an object, each a text that continues its name, without any value.
   *
   * @param data values by key, in base64
   */
  List<String> faults(Map<String, String> data) {
    List<String> faults = new ArrayList<>();
    Map<String, byte[]> used = new TreeMap<>();
    for (String key : new TreeSet<>(keys(data))) {
      String value = data.get(key);
      if (value == null || value.isEmpty()) {
        faults.add(" has no key " + key);
      } else {
        used.put(key, Base64.getMimeDecoder().decode(value));
      }
    }
    return faults.isEmpty() ? this.faults.apply(used) : faults;
  }

  private static List<String> credentialsFaults(Map<String, byte[]> data) {
    return fault(" ", () -> Credentials.parse(data));
  }

  private static List<String> rootsFaults(Map<String, byte[]> data) {
    return fault(
        ": ca.crt ", () -> PemCertificates.parse(Objects.requireNonNull(data.get("ca.crt"))));
  }

  private static List<String> keyPairFaults(Map<String, byte[]> data) {
    return fault(": ", () -> TlsKeyPair.parse(data));
  }

  private static List<String> usersFaults(Map<String, byte[]> data) {
    String text =
        new String(Objects.requireNonNull(data.get(UserList.KEY)), StandardCharsets.UTF_8);
    return UserList.parse(text).faults().stream()
        .map(fault -> ": " + UserList.KEY + ": " + fault)
        .toList();
  }

  private static List<String> fault(String before, Runnable parsing) {
    try {
      parsing.run();
      return List.of();
    } catch (IllegalArgumentException e) {
      return List.of(before + e.getMessage());
    }
  }
}
