package dev.bridgehead.validation;

import dev.bridgehead.api.AddressSpace;
import dev.bridgehead.api.SmtpConnectorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Address spaces: each a pattern, none twice. */
final class AddressSpaceRules {
  private AddressSpaceRules() {}

  static void judge(SmtpConnectorSpec spec, Findings findings) {
    List<AddressSpace> spaces = spec.addressSpaces();
    if (spaces == null) {
      return;
    }
    Map<AddressSpacePattern, Integer> seen = new HashMap<>();
    for (int i = 0; i < spaces.size(); i++) {
      AddressSpace space = spaces.get(i);
      if (space == null || space.domain() == null) {
        continue;
      }
      String field = "spec.addressSpaces[" + i + "]";
      try {
        AddressSpacePattern pattern = AddressSpacePattern.parse(space.domain());
        Integer first = seen.putIfAbsent(pattern, i);
        if (first != null) {
          findings.error(
              field,
              ErrorType.DUPLICATE,
              Quoted.of(space.domain()) + ": the same as addressSpaces[" + first + "]");
        }
      } catch (IllegalArgumentException refused) {
        findings.invalid(field + ".domain", space.domain(), String.valueOf(refused.getMessage()));
      }
    }
  }
}
